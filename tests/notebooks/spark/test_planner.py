"""Which posts a query of the format `hashtags` reads."""

from collections.abc import Iterator
from typing import Any

import pytest
from tests.notebooks.support.fake_log import FakeLog

from hashtags.spark.log import LogError
from hashtags.spark.options import EARLIEST, LATEST, Options
from hashtags.spark.partitions import OffsetRange, cut
from hashtags.spark.planner import BatchPlan, StreamPlan


@pytest.fixture
def server() -> Iterator[FakeLog]:
    with FakeLog(1000) as fake:
        yield fake


def options(server: FakeLog, **given: str) -> Options:
    return Options.of({"host": "127.0.0.1", "port": str(server.port), **given}, LATEST)


def at(offset: int, log: str = "a") -> dict[str, Any]:
    return {"log": log, "offset": offset}


def test_a_range_is_cut_into_parts_of_at_most_ten_thousand_posts() -> None:
    assert [*cut("a", 5, 5)] == []
    assert [*cut("a", 0, 25_000)] == [
        OffsetRange("a", 0, 8333),
        OffsetRange("a", 8333, 16_666),
        OffsetRange("a", 16_666, 25_000),
    ]


def test_a_stream_begins_at_the_end_and_reads_what_comes(server: FakeLog) -> None:
    plan = StreamPlan(options(server))
    assert plan.initial() == at(1000)
    server.end = 1300
    assert plan.latest(at(1000), 50_000) == at(1300)
    assert [*plan.partitions(at(1000), at(1300))] == [OffsetRange("a", 1000, 1300)]
    plan.close()


def test_a_micro_batch_has_at_most_as_many_posts_as_the_reader_wants(server: FakeLog) -> None:
    plan = StreamPlan(options(server, startingOffsets=EARLIEST))
    assert [plan.latest(plan.initial(), 300), plan.latest(at(300), 300), plan.latest(at(900), 300)] == [
        at(300),
        at(600),
        at(1000),
    ]
    assert plan.latest(at(0), None) == at(1000)
    plan.close()


def test_spark_before_4_2_does_not_say_where_a_micro_batch_begins(server: FakeLog) -> None:
    plan = StreamPlan(options(server, startingOffsets=EARLIEST, endingOffsets="900"))
    assert [plan.latest(None, None), plan.latest(None, None)] == [at(900), at(900)]
    assert [*plan.partitions(at(200), at(900))] == [OffsetRange("a", 200, 900)]
    server.troubles = [None, None]
    assert plan.latest(None, None) == at(900)
    server.log = "b"
    with pytest.raises(LogError, match="is not the one to which the offset belongs"):
        plan.latest(None, None)
    plan.close()


def test_while_ingest_is_away_a_query_waits(server: FakeLog) -> None:
    plan = StreamPlan(options(server))
    plan.initial()
    server.troubles = [None, None]
    assert plan.latest(at(700), 50_000) == at(700)
    assert plan.latest(at(700), 50_000) == at(1000)
    plan.close()


@pytest.mark.parametrize("start", [at(1000, "other"), at(1001)])
def test_another_log_or_a_shorter_one_is_an_error(server: FakeLog, start: dict[str, Any]) -> None:
    plan = StreamPlan(options(server))
    with pytest.raises(LogError, match="is not the one to which the offset belongs"):
        plan.latest(start, 50_000)
    plan.close()


def test_removed_posts_are_said_once(server: FakeLog, capsys: pytest.CaptureFixture[str]) -> None:
    plan = StreamPlan(options(server))
    server.first = 600
    assert plan.latest(at(100), 300) == at(900)
    assert [*plan.partitions(at(100), at(900))] == [OffsetRange("a", 600, 900)]
    assert plan.latest(at(100), 300) == at(900)
    assert (
        capsys.readouterr().err == "hashtags: 500 posts (100 to 599) were removed from the log before they were read.\n"
    )
    plan.close()


def test_what_is_available_now_ends_where_the_log_ends_now(server: FakeLog) -> None:
    plan = StreamPlan(options(server))
    plan.stop_at_end()
    server.end = 5000
    assert [plan.latest(at(800), 50_000), plan.latest(at(1000), 50_000)] == [at(1000), at(1000)]
    bounded = StreamPlan(options(server, endingOffsets="900"))
    assert bounded.latest(at(800), 50_000) == at(900)
    plan.close()
    bounded.close()


def test_a_part_of_the_log_is_read_once(server: FakeLog, capsys: pytest.CaptureFixture[str]) -> None:
    assert BatchPlan(options(server, startingOffsets=EARLIEST)).offsets() == ("a", 0, 1000)
    assert BatchPlan(options(server, startingOffsets="990", endingOffsets="2000")).offsets() == ("a", 990, 1000)
    server.first = 5
    assert BatchPlan(options(server, startingOffsets="2", endingOffsets="8")).offsets() == ("a", 5, 8)
    assert "3 posts (2 to 4) were removed" in capsys.readouterr().err
