"""The topic of cursors: how long ingest waits for those of other ingests, and that it stays small."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import ConfigResource, ResourceType
from tests.ingest.kafka.conftest import OpenLog
from tests.ingest.kafka.test_log import posts
from tests.kafka.broker import Broker

from ingest.kafka import cursors
from ingest.kafka import log as log_module
from ingest.kafka.log import KafkaLog
from ingest.kafka.topic_reader import NOTHING_SENT, read_topic


@pytest.fixture
def held(
    kafka_broker: Broker, topic: str, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> Callable[[threading.Event | None], tuple[KafkaLog, Producer]]:
    """Opens the log while another ingest has a transaction open in the topic of cursors."""
    monkeypatch.setattr(log_module, "FIRST_SILENCE_SECONDS", 0.5)

    def opened(stop: threading.Event | None) -> tuple[KafkaLog, Producer]:
        open_log().append(posts(1), {"t": b"one"})
        config = {"bootstrap.servers": kafka_broker.address, "log_level": 0, "transactional.id": f"other-{topic}"}
        other = Producer(config)
        other.init_transactions(20)
        other.begin_transaction()
        other.produce(f"{topic}-sources", b"{}", "other/t")
        other.flush(20)
        return open_log(stop), other

    return opened


@contextmanager
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Tells when cursors are being read."""
    begun = threading.Event()

    def read(*arguments: object, **named: object) -> None:
        begun.set()
        read_topic(*arguments, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(cursors, "read_topic", read)
        yield begun


def test_the_ports_do_not_wait_for_a_transaction_of_another_ingest_and_the_log_does(
    kafka_broker: Broker,
    held: Callable[[threading.Event | None], tuple[KafkaLog, Producer]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log, other = held(None)
    why = f"the log can't be opened, so ingest waits: Kafka at {kafka_broker.address} can't be used ({NOTHING_SENT})"
    assert (log.is_open, log.notice) == (False, why)
    with reading(monkeypatch) as begun:
        waiting = threading.Thread(target=log.open)
        waiting.start()
        assert begun.wait(60)
        other.commit_transaction(20)
        waiting.join(60)
    assert (log.is_open, log.notice, log.progress()) == (True, None, {"t": b"one"})


def test_a_stop_ends_the_wait_for_a_transaction_of_another_ingest(
    held: Callable[[threading.Event | None], tuple[KafkaLog, Producer]], monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = threading.Event()
    log, _ = held(stop)
    results: list[bool] = []
    with reading(monkeypatch) as begun:
        waiting = threading.Thread(target=lambda: results.append(log.open()), daemon=True)
        waiting.start()
        assert begun.wait(60)
        stop.set()
        waiting.join(60)
    assert (results, log.is_open, log.progress()) == ([False], False, {})


def test_the_topic_that_ingest_creates_is_compacted_soon(kafka_broker: Broker, topic: str, open_log: OpenLog) -> None:
    open_log()
    asked = ConfigResource(ResourceType.TOPIC, f"{topic}-sources")
    admin = kafka_broker.admin()
    found = admin.describe_configs([asked])[asked].result(20)
    names = ("cleanup.policy", "segment.bytes", "segment.ms")
    assert [found[name].value for name in names] == ["compact", "16777216", "3600000"]
