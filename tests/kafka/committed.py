"""All committed messages of a topic, from its beginning to where it ends now."""

import time
from collections.abc import Iterator
from typing import Any

from confluent_kafka import Consumer, IsolationLevel, Message, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec
from tests.processes import wait_until

MESSAGES_PER_READ = 10_000
READ_SECONDS = 60.0
POLL_SECONDS = 0.2


def committed(address: str, topic: str) -> Iterator[Message]:
    """The messages, those of a partition in their order.

    A partition may end with the mark of a transaction. Whether a client's position is behind it depends on how the
    broker sent it, so a partition is also at its end when its last offset but one was read.
    """
    settings = {"bootstrap.servers": address, "group.id": "committed", "isolation.level": "read_committed"}
    consumer = Consumer({**settings, "log_level": 0})
    try:
        found = consumer.list_topics(topic, READ_SECONDS).topics[topic].partitions
        parts = [TopicPartition(topic, number, 0) for number in found]
        ends = {}
        for part in parts:
            first, end = consumer.get_watermark_offsets(part, READ_SECONDS)
            if end > first:
                ends[part.partition] = end
        consumer.assign(parts)
        heard_at = time.monotonic()
        while ends:
            messages = consumer.consume(MESSAGES_PER_READ, POLL_SECONDS)
            yield from messages
            # What the caller does with a message takes time too: a million posts are read for minutes.
            heard_at = time.monotonic() if messages else heard_at
            silent_seconds = time.monotonic() - heard_at
            assert silent_seconds < READ_SECONDS, f"of {topic}, these partitions were not read to their ends: {ends}"
            for part in consumer.position(parts):
                if part.offset >= ends.get(part.partition, 0) - 1:
                    ends.pop(part.partition, None)
    finally:
        consumer.close()


def wait_until_readable(address: str, topic: str) -> None:
    """Wait until no transaction is open that has written into the topic by now.

    The broker answers a commit before it has marked the end of the transaction in the partitions, and until then
    nobody can read what was committed.
    """
    admin = AdminClient({"bootstrap.servers": address, "log_level": 0})
    topics: dict[str, Any] = admin.list_topics(topic=topic, timeout=READ_SECONDS).topics
    parts = [TopicPartition(topic, number) for number in topics[topic].partitions]

    latest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]

    def ends(isolation: IsolationLevel) -> list[int]:
        asked = admin.list_offsets(dict.fromkeys(parts, latest), isolation_level=isolation)
        return [asked[part].result(READ_SECONDS).offset for part in parts]

    written = ends(IsolationLevel.READ_UNCOMMITTED)

    def can_be_read() -> bool:
        readable = ends(IsolationLevel.READ_COMMITTED)
        return all(end <= there for end, there in zip(written, readable, strict=True))

    wait_until(can_be_read, f"the transactions of {topic} are over", READ_SECONDS)
