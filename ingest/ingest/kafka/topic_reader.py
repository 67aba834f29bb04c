"""Read a topic up to an end that was found before, whatever is in open transactions now."""

import time
from collections.abc import Callable, Mapping

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from ingest.kafka.connection import Connection
from ingest.kafka.errors import NO_RIGHT_TO_GROUP, PARTITION_EOF, TIMED_OUT
from ingest.kafka.topics import Bounds

#: Messages that are taken at once.
TAKE = 10_000
NOTHING_SENT = "the brokers send nothing, or another producer keeps a transaction open"
_POLL_SECONDS = 0.2


def read_topic(
    connection: Connection,
    topic: str,
    bounds: Bounds,
    add: Callable[[list[Message]], None],
    *,
    silence_seconds: float,
    stopped: Callable[[], bool] = lambda: False,
) -> None:
    """Read the committed messages of all partitions.

    While another producer has an open transaction, messages behind its beginning can't be read yet, and ours may be
    among them. So reading waits until each partition is read up to its end.

    Args:
        connection: How the brokers are reached.
        topic: The name of the topic.
        bounds: Where reading begins and ends in each partition; what is in open transactions lies before the end.
        add: Receives the messages, some at once. Those of a partition are in order.
        silence_seconds: The longest time without a message.
        stopped: Whether ingest stops; then reading ends early.

    Raises:
        KafkaException: The brokers don't answer, or a transaction stays open.

    """
    spans = enumerate(zip(bounds.first, bounds.end, strict=True))
    ends = {number: end for number, (first, end) in spans if first < end}
    if not ends:
        return
    consumer = connection.consumer()
    try:
        consumer.assign([TopicPartition(topic, number, bounds.first[number]) for number in ends])
        left, heard_at = dict(ends), time.monotonic()
        while left and not stopped():
            messages = consumer.consume(TAKE, _POLL_SECONDS)
            if not messages and time.monotonic() - heard_at > silence_seconds:
                raise KafkaException(KafkaError(TIMED_OUT, NOTHING_SENT))
            if messages:
                heard_at = time.monotonic()
            if good := [message for message in messages if _is_wanted(message, ends, left)]:
                add(good)
    finally:
        consumer.close()


def _is_wanted(message: Message, ends: Mapping[int, int], left: dict[int, int]) -> bool:
    """Note how far its partition has been read; return whether it is a message of it that is wanted."""
    error, partition, offset = message.error(), message.partition() or 0, message.offset() or 0
    if error is None:
        if offset + 1 >= left.get(partition, 0):
            left.pop(partition, None)
        # Another ingest may write meanwhile. What it writes lies behind the end.
        return offset < ends[partition]
    if error.code() == PARTITION_EOF:
        # The end of what can be read yet. Behind it may be a transaction that is open.
        if offset >= left.get(partition, 0):
            left.pop(partition, None)
    elif error.code() != NO_RIGHT_TO_GROUP:
        raise KafkaException(error)
    return False
