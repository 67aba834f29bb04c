"""What a task takes from the messages that its client has fetched."""

import json
import logging
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pytest
from tests.spark_job.support.fake_ingest import post

from spark_job.executor import kafka_source
from spark_job.executor.fetched_messages import FetchedMessages
from spark_job.executor.kafka_slices import KafkaSlice
from spark_job.executor.kafka_source import TopicTask
from spark_job.executor.message_times import MessageTimes

T = 1_795_176_000_000
DAY_MS = 86_400_000


class FakeReader:
    """A client that has fetched these values."""

    def __init__(self, *values: bytes) -> None:
        self._values = values

    def read(self, slices: Sequence[KafkaSlice]) -> Iterator[FetchedMessages]:
        fetched = FetchedMessages()
        fetched.add([None] * len(self._values), self._values, range(len(slices) - 1, len(self._values)))
        yield fetched


@pytest.fixture(autouse=True)
def _slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kafka_source, "_times", MessageTimes())
    monkeypatch.setattr(kafka_source, "wall_ms", lambda: T - DAY_MS)


def read(planned_ms: tuple[int, int] | None, *values: bytes) -> tuple[int, int]:
    """How many posts are read, and how many messages are skipped."""
    task = TopicTask((KafkaSlice(0, 0, len(values)),), (0, len(values)), planned_ms)
    ((tables, skipped),) = kafka_source._tables(cast(Any, FakeReader(*values)), task)
    return sum(map(len, tables)), len(skipped)


def line(at_ms: int) -> bytes:
    return json.dumps(post(["a"], at_ms)).encode()


def test_the_clock_of_the_driver_is_used_where_that_of_the_executor_is_slow() -> None:
    assert read((T - 1, T), line(T), line(T + DAY_MS)) == (1, 1)
    assert read(None, line(T)) == (0, 1)


def test_what_was_read_before_is_known_where_both_clocks_are_slow() -> None:
    assert read(None, *[line(T)] * 100) == (100, 0)
    assert read(None, line(T + 5_000)) == (1, 0)


def test_skipped_messages_are_no_warning_of_each_executor(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        assert read((T, T), b"no post", line(T)) == (1, 1)
    assert caplog.records == []
