"""Fixtures and helpers of the tests of the log on Kafka."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from tests.kafka.broker import Broker
from tests.kafka.committed import wait_until_readable

from ingest import settings
from ingest.kafka.log import KafkaLog
from ingest.log_throttle import LogThrottle
from ingest.spool.clock import Clock

#: The name under which ingest keeps its cursors, if no other is set.
INGEST = "hashtags-live-ingest"
PARTITIONS = 4

OpenLog = Callable[..., KafkaLog]


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def open_kafka_log(
    url: str, stop: threading.Event | None = None, clock: Clock | None = None, /, **given: object
) -> KafkaLog:
    loaded = settings.load(log_url=url, **given)
    assert loaded.kafka_address is not None
    clock = clock or Clock(wall_ms, time.monotonic)
    throttle = LogThrottle(60, time.monotonic)
    return KafkaLog(loaded, loaded.kafka_address, clock, monotonic_seconds=time.monotonic, throttle=throttle, stop=stop)


@pytest.fixture
def topic(kafka_broker: Broker) -> str:
    return kafka_broker.new_topic(PARTITIONS)


@pytest.fixture
def open_log(kafka_broker: Broker, topic: str) -> Iterator[OpenLog]:
    """Opens the log on the topic of the test; may be called again, which fences the log before."""
    opened: list[KafkaLog] = []

    def open_(stop: threading.Event | None = None, clock: Clock | None = None, /, **given: object) -> KafkaLog:
        opened.append(open_kafka_log(f"kafka://{kafka_broker.address}/{topic}", stop, clock, **given))
        return opened[-1]

    yield open_
    for log in opened:
        log.close()


def messages_of(address: str, topic: str, **config: object) -> list[Message]:
    """Return all committed messages of a topic."""
    wait_until_readable(address, topic)
    base = {"bootstrap.servers": address, "group.id": "test", "isolation.level": "read_committed", "log_level": 0}
    consumer = Consumer({**base, "enable.partition.eof": True, **config})
    partitions = list(consumer.list_topics(topic, 20).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
    found: list[Message] = []
    left = set(partitions)
    while left:
        for message in consumer.consume(10_000, 0.1):
            error = message.error()
            if error is None:
                found.append(message)
            else:
                assert error.code() == KafkaError._PARTITION_EOF, error
                left.discard(message.partition())
    consumer.close()
    return found


def stored_posts(address: str, topic: str) -> list[dict[str, Any]]:
    """Return all committed posts of a topic, in the order of their ids."""
    posts = [json.loads(message.value() or b"") for message in messages_of(address, topic) if message.value()]
    return sorted(posts, key=lambda post: str(post["id"]))


def stored_ids(address: str, topic: str) -> list[str]:
    return [str(post["id"]) for post in stored_posts(address, topic)]
