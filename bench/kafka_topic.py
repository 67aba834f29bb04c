"""A broker of Apache Kafka on this machine, and the made-up posts in a topic of it as ingest would write them."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
from confluent_kafka import Producer
from tests.kafka.broker import Broker
from tests.kafka.committed import committed

from bench.material import Material
from ingest.kafka.columns_header import columns_headers
from ingest.posts.post import Post
from ingest.posts.text_fingerprint import TextFingerprints

PARTITIONS = 8
# The broker counts as part of what is measured, so it runs as it would for a user: with both compilers of Java.
HEAP_MB = 512
POSTS_PER_TRANSACTION = 10_000
WAIT_SECONDS = 60.0


@contextmanager
def broker() -> Iterator[Broker]:
    """A broker with an empty folder."""
    with TemporaryDirectory(prefix="bench-kafka-") as folder, Broker(Path(folder), HEAP_MB, ()) as started:
        yield started


def url(kafka: Broker, topic: str) -> str:
    """The topic as `LOG_URL`."""
    return f"kafka://{kafka.address}/{topic}"


def filled(kafka: Broker, material: Material, posts: int) -> str:
    """A new topic with the first `posts` posts of the material; returns its name."""
    topic = kafka.new_topic(PARTITIONS)
    fingerprints = TextFingerprints(topic.encode())
    producer = Producer(
        {
            "bootstrap.servers": kafka.address,
            "transactional.id": topic,
            "compression.type": "lz4",
            "partitioner": "murmur2_random",
            "linger.ms": 20,
            "queue.buffering.max.messages": 2 * POSTS_PER_TRANSACTION,
            "log_level": 0,
        }
    )
    producer.init_transactions(WAIT_SECONDS)
    with material.path("posts").open("rb") as file:
        lines = islice(file, posts)
        while some := list(islice(lines, POSTS_PER_TRANSACTION)):
            producer.begin_transaction()
            for line in some:
                _produce(producer, topic, line, fingerprints)
            producer.commit_transaction(WAIT_SECONDS)
    return topic


def _produce(producer: Producer, topic: str, line: bytes, fingerprints: TextFingerprints) -> None:
    post = msgspec.json.decode(line, type=Post)
    # The offset is the message's own, and comes first in a line.
    value = b"{" + line[line.index(b",") + 1 :].rstrip(b"\n")
    (headers,) = columns_headers([post], post.at_ms, fingerprints)
    producer.produce(topic, value, post.id, timestamp=post.at_ms, headers=headers)
    producer.poll(0)


def accepted(kafka: Broker, topic: str) -> dict[int, int]:
    """When ingest accepted each post: sum of the offsets before it -> time.

    The job's offset is the sum of its next offsets in all partitions. Ingest commits its posts in order, so the sum of
    the offsets before a post is its place among all offsets by time.
    """
    return by_place(_times(kafka, topic))


def by_place(times: dict[int, dict[int, int]]) -> dict[int, int]:
    """The place of each post among all offsets by time -> its time; from partition -> offset -> time.

    The end of a transaction takes an offset too, and is no post.
    """
    places = sorted(place for partition in times.values() for place in _with_markers(partition))
    return {number: at_ms for number, (at_ms, is_marker) in enumerate(places) if not is_marker}


def _with_markers(times: dict[int, int]) -> Iterator[tuple[int, bool]]:
    """Time of each offset of a partition, and whether a marker has it: that has the time of the post before it."""
    at_ms = 0
    for offset in range(max(times, default=-1) + 1):
        is_marker = offset not in times
        at_ms = times.get(offset, at_ms)
        yield at_ms, is_marker


def _times(kafka: Broker, topic: str) -> dict[int, dict[int, int]]:
    """Partition -> offset -> time of the post there."""
    times: dict[int, dict[int, int]] = {number: {} for number in range(PARTITIONS)}
    for message in committed(kafka.address, topic):
        partition, offset = message.partition(), message.offset()
        if partition is not None and offset is not None:
            times[partition][offset] = message.timestamp()[1]
    return times
