"""Spark reads ingest's log by the format `hashtags`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.support.process import Ingest, posts_of, wait_for_end
from tests.notebooks.spark.conftest import SparkReader
from tests.notebooks.support.fake_log import FakeLog
from tests.processes import free_ports

pytestmark = pytest.mark.spark

POSTS = 3000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a real ingest with 3,000 posts."""
    settings = {"SOURCE": "demo", "DEMO_SEED": "7", "DEMO_RATE": "10000", "LIMIT": str(POSTS)}
    ingest = Ingest(tmp_path_factory.mktemp("ingest"), [], settings)
    port, _ = ingest.ports()
    wait_for_end(port, POSTS)
    yield port
    ingest.process.terminate()
    ingest.end()


def test_each_post_of_the_log_is_a_row(spark: SparkReader, log: int) -> None:
    rows = spark.read(host="127.0.0.1", port=log)["rows"]
    assert [row.pop("offset") for row in rows] == list(range(POSTS))
    assert all(row.pop("at_ms") > 1_600_000_000_000 for row in rows)
    expected: list[dict[str, Any]] = posts_of(log)
    for one in expected:
        one["labels"] = [tag["label"] for tag in one["tags"]]
        one["tags"] = [tag["key"] for tag in one["tags"]]
    names = ("id", "created_at", "author", "text", "lang", "source", "url", "tags", "labels")
    assert [[row.get(name) for name in names] for row in rows] == [
        [one.get(name) for name in names] for one in expected
    ]


def test_a_stream_goes_on_behind_the_offset_of_its_checkpoint_and_acknowledges_nothing(
    spark: SparkReader, log: int
) -> None:
    options: dict[str, Any] = {"host": "127.0.0.1", "port": log, "startingOffsets": 100, "maxPostsPerBatch": 500}
    first = spark.stream("resumed", endingOffsets=1200, **options)["batches"]
    assert first == [list(range(100, 600)), list(range(600, 1100)), list(range(1100, 1200))]
    rest = spark.stream("resumed", **options)["batches"]
    assert [offset for batch in rest for offset in batch] == list(range(1200, POSTS))
    assert wait_for_end(log, POSTS)["acked"] == 0


def test_another_log_under_the_same_address_ends_the_query_with_a_sentence(spark: SparkReader) -> None:
    with FakeLog(20) as fake:
        options: dict[str, Any] = {"host": "127.0.0.1", "port": fake.port, "startingOffsets": "earliest"}
        assert spark.stream("replaced", **options)["batches"] == [list(range(20))]
        fake.log, fake.end = "b", 30
        answer = spark.stream("replaced", **options)
    assert "is not the one to which the offset belongs" in answer["error"]


def test_posts_that_were_removed_are_one_warning_with_their_number(spark: SparkReader) -> None:
    with FakeLog(100, first=40) as fake:
        answer = spark.stream("removed", host="127.0.0.1", port=fake.port, startingOffsets=0)
    assert answer["batches"] == [list(range(40, 100))]
    warnings = [line for line in spark.said.splitlines() if "removed from the log" in line]
    assert warnings == ["hashtags: 40 posts (0 to 39) were removed from the log before they were read."]


def test_what_cannot_be_read_is_said_in_a_sentence(spark: SparkReader, tmp_path: Path) -> None:
    (closed,) = free_ports(1)
    assert f"The log at 127.0.0.1:{closed} can't be reached" in spark.read(host="127.0.0.1", port=closed)["error"]
    assert "port must be a whole number from 1 to 65535, not '9009x'" in spark.read(port="9009x")["error"]
