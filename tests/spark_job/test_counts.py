"""The one thing that Spark computes, on a real Spark."""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pyspark.sql import SparkSession
from tests.spark_job.conftest import T
from tests.spark_job.fake_ingest import post
from tests.spark_job.tally import tally

from spark_job.counts import count_tags
from spark_job.java import java_home
from spark_job.session import stop_session
from spark_job.stream import POSTS_DDL


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JAVA_HOME", str(java_home(os.environ, folder)))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.local.dir", str(folder)).config("spark.sql.shuffle.partitions", "1")
        session = builder.config("spark.sql.warehouse.dir", str(folder / "warehouse")).getOrCreate()
        yield session
        stop_session(session)


def counted(spark: SparkSession, *posts: dict[str, Any], first_offset: int = 0) -> list[tuple[Any, ...]]:
    rows = [
        (offset, item["at_ms"], item["lang"], item["source"], item["tags"])
        for offset, item in enumerate(posts, first_offset)
    ]
    return sorted(
        (tuple(row) for row in count_tags(spark.createDataFrame(rows, POSTS_DDL), 10_000).collect()), key=repr
    )


def expected(*posts: dict[str, Any], first_offset: int = 0) -> list[tuple[Any, ...]]:
    return sorted(tally(posts, first_offset), key=repr)


def test_rows_are_counts_per_pane_source_language_tag_and_spelling(spark: SparkSession) -> None:
    assert counted(spark, post(["A", "b"], T + 1), post(["a"], T + 2), first_offset=17) == sorted(
        [
            (T, "demo", "en", None, None, 2, 17, 18, T + 1, T + 2),
            (T, "demo", "en", "a", "A", 1, 17, 17, T + 1, T + 1),
            (T, "demo", "en", "a", "a", 1, 18, 18, T + 2, T + 2),
            (T, "demo", "en", "b", "b", 1, 17, 17, T + 1, T + 1),
        ],
        key=repr,
    )


def test_posts_without_tags_are_counted_by_the_row_without_a_key(spark: SparkSession) -> None:
    assert counted(spark, post([], T + 9_999), post([], T + 10_000)) == [
        (T, "demo", "en", None, None, 1, 0, 0, T + 9_999, T + 9_999),
        (T + 10_000, "demo", "en", None, None, 1, 1, 1, T + 10_000, T + 10_000),
    ]


def test_a_post_whose_tags_are_null_is_a_post(spark: SparkSession) -> None:
    assert counted(spark, post([], T) | {"tags": None}) == [(T, "demo", "en", None, None, 1, 0, 0, T, T)]


def test_no_posts_give_no_rows(spark: SparkSession) -> None:
    assert counted(spark) == []


def test_many_posts_are_counted_as_plain_python_counts_them(spark: SparkSession) -> None:
    posts = [
        post(
            [f"Tag{n % 7}", f"日本{n % 3}", "WM" if n % 2 else "wm"][: n % 4],
            T + n * 137,
            lang=["en", "ja", "und"][n % 3],
            source=["demo", "x"][n % 2],
        )
        for n in range(500)
    ]
    assert counted(spark, *posts, first_offset=1_000) == expected(*posts, first_offset=1_000)
