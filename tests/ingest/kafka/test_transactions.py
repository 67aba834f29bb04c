"""A commit without an answer, and a transaction that the brokers gave up: the run is there once, whatever was so."""

from collections.abc import Sequence
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException
from tests.ingest.kafka.conftest import OpenLog, messages_of, stored_ids
from tests.ingest.kafka.test_log import posts
from tests.kafka.broker import Broker

from ingest.intake.log import UnwritableError
from ingest.kafka.errors import KafkaEndedError
from ingest.kafka.log import KafkaLog
from ingest.kafka.transactions import TRANSACTION_SECONDS
from ingest.posts.change import WantedChange
from ingest.spool.apply import Applied

LOST = KafkaError(KafkaError._TIMED_OUT, "no answer", retriable=True)
FATAL = KafkaError(KafkaError.OUT_OF_ORDER_SEQUENCE_NUMBER, "out of order", fatal=True)


class FailingProducer:
    """Librdkafka's producer, whose commit ends with an error: after it is done, or without."""

    def __init__(self, producer: Any, error: KafkaError, *, commits: bool) -> None:
        self._producer = producer
        self._error: KafkaError | None = error
        self._commits = commits

    def __getattr__(self, name: str) -> Any:
        return getattr(self._producer, name)

    def commit_transaction(self, seconds: float) -> None:
        if self._commits:
            self._producer.commit_transaction(seconds)
        error, self._error = self._error, None
        if error is not None:
            raise KafkaException(error)
        if not self._commits:
            self._producer.commit_transaction(seconds)


def fail(log: KafkaLog, error: KafkaError, *, commits: bool) -> None:
    log._writer._producer = FailingProducer(log._writer._producer, error, commits=commits)  # type: ignore[assignment]


no_answer = pytest.mark.parametrize(
    ("error", "commits"), [(LOST, False), (FATAL, True), (FATAL, False)], ids=["late", "done", "not done"]
)


@no_answer
def test_a_run_whose_commit_had_no_answer_is_there_once(
    kafka_broker: Broker, topic: str, open_log: OpenLog, error: KafkaError, *, commits: bool
) -> None:
    log = open_log()
    log.append(posts(1), {"t": b"one"})
    fail(log, error, commits=commits)
    shown: list[int] = []
    reader = log.feed.subscribe(100)
    with pytest.raises(UnwritableError, match=r"^Kafka at .* can't be used \("):
        log.append(posts(2, 3), {"t": b"two"}, lambda: shown.append(log.end))
    assert shown == []
    pending_ms = log.now_ms()
    log.append(posts(2, 3), {"t": b"two"}, lambda: shown.append(log.end))
    assert len(shown) == 1
    assert log.now_ms() >= pending_ms
    log.append(posts(4), {"t": b"four"})
    assert stored_ids(kafka_broker.address, topic) == ["t:1", "t:2", "t:3", "t:4"]
    assert reader.take(0).count(b"\n") == 2
    assert open_log().progress() == {"t": b"four"}


@no_answer
def test_a_deletion_whose_commit_had_no_answer_is_one_tombstone_and_counted_once(
    kafka_broker: Broker, topic: str, open_log: OpenLog, error: KafkaError, *, commits: bool
) -> None:
    log = open_log()
    log.append(posts(1), {"t": b"0"})
    counted: list[str] = []

    def delete(cursor: bytes) -> None:
        found: list[str] = []

        def count(applied: Sequence[Applied]) -> dict[str, bytes]:
            found[:] = [each.effect for each in applied]
            return {"t": cursor}

        log.append([], {"t": cursor}, lambda: counted.extend(found), [WantedChange("deleted", "t", 0, "t:1")], count)

    fail(log, error, commits=commits)
    with pytest.raises(UnwritableError):
        delete(b"1")
    delete(b"1")
    # The platform reports it again.
    delete(b"2")
    assert counted == ["deleted", "none"]
    assert [each.key() for each in messages_of(kafka_broker.address, topic) if each.value() is None] == [b"t:1"]
    assert open_log().progress() == {"t": b"2"}


def test_an_error_after_which_another_ingest_has_written_ends_this_one(topic: str, open_log: OpenLog) -> None:
    log = open_log()
    log.append(posts(1), {"t": b"one"})
    fail(log, FATAL, commits=False)
    with pytest.raises(UnwritableError):
        log.append(posts(2), {"t": b"two"})
    open_log().append(posts(3), {"t": b"three"})
    with pytest.raises(KafkaEndedError, match="another ingest uses KAFKA_TRANSACTIONAL_ID"):
        log.append(posts(2), {"t": b"two"})


def test_a_transaction_that_the_brokers_gave_up_is_written_again(
    kafka_broker: Broker, topic: str, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An ingest that was stopped for longer than a transaction may take: its producer is fenced, by nobody."""
    log = open_log()
    log.append(posts(1), {"t": b"one"})
    fail(log, KafkaError(KafkaError._FENCED, "fenced", fatal=True), commits=False)
    # It looks at the clock when the transaction begins, and after the error.
    monkeypatch.setattr(log._writer, "_monotonic_seconds", iter([0.0, TRANSACTION_SECONDS]).__next__)
    with pytest.raises(UnwritableError):
        log.append(posts(2), {"t": b"two"})
    monkeypatch.undo()
    log.append(posts(2), {"t": b"two"})
    assert stored_ids(kafka_broker.address, topic) == ["t:1", "t:2"]
