"""The one thing that Spark computes, on a real Spark."""

import os
import sys
from collections.abc import Iterator

import pytest
from pyspark.sql import SparkSession
from tests.spark_job.conftest import T
from tests.spark_job.fake_ingest import varied_posts
from tests.spark_job.tally import Row, tally

from spark_job.counts import count_tags
from spark_job.java import java_home
from spark_job.session import stop_session
from spark_job.slice_counts import COUNTS_DDL


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


def counted(spark: SparkSession, *slices: list[Row]) -> list[Row]:
    frame = spark.createDataFrame([row for rows in slices for row in rows], COUNTS_DDL)
    return sorted((tuple(row) for row in count_tags(frame).collect()), key=repr)


def test_the_counts_of_all_slices_are_added_up(spark: SparkSession) -> None:
    first: list[Row] = [
        (T, "demo", "en", None, None, 2, 0, 1, T + 1, T + 2),
        (T, "demo", "en", "a", "A", 2, 0, 1, T + 1, T + 2),
    ]
    second: list[Row] = [
        (T, "demo", "en", None, None, 1, 2, 2, T + 3, T + 3),
        (T, "demo", "en", "a", "A", 1, 2, 2, T + 3, T + 3),
    ]
    assert counted(spark, first, second) == [
        (T, "demo", "en", "a", "A", 3, 0, 2, T + 1, T + 3),
        (T, "demo", "en", None, None, 3, 0, 2, T + 1, T + 3),
    ]


def test_panes_sources_languages_tags_and_spellings_stay_apart(spark: SparkSession) -> None:
    rows: list[Row] = [
        (T, "demo", "en", "a", "A", 1, 0, 0, T, T),
        (T + 10_000, "demo", "en", "a", "A", 1, 1, 1, T, T),
        (T, "x", "en", "a", "A", 1, 2, 2, T, T),
        (T, "demo", "de", "a", "A", 1, 3, 3, T, T),
        (T, "demo", "en", "b", "A", 1, 4, 4, T, T),
        (T, "demo", "en", "a", "a", 1, 5, 5, T, T),
        (T, "demo", "en", None, None, 1, 6, 6, T, T),
    ]
    assert counted(spark, rows) == sorted(rows, key=repr)


def test_no_slices_give_no_rows(spark: SparkSession) -> None:
    assert counted(spark, []) == []


def test_slices_add_up_to_what_plain_python_counts(spark: SparkSession) -> None:
    posts = varied_posts(500)
    slices = [tally(posts[start : start + 77], 1_000 + start) for start in range(0, 500, 77)]
    assert counted(spark, *slices) == sorted(tally(posts, 1_000), key=repr)
