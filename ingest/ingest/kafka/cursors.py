"""The topic of cursors: what each source had read when its last run was committed."""

from collections.abc import Callable, Sequence

from confluent_kafka import IsolationLevel, Message

from ingest.kafka.connection import Connection
from ingest.kafka.topic_reader import read_topic
from ingest.kafka.topics import Bounds, Topics


def read_cursors(
    connection: Connection,
    topics: Topics,
    transactional_id: str,
    *,
    silence_seconds: float,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, bytes]:
    """Return the committed progress of each source of this ingest, by its name.

    Call it when no older process can commit any more.

    Args:
        connection: How the brokers are reached.
        topics: Says where the topic ends.
        transactional_id: The name of this ingest.
        silence_seconds: How long transactions of other ingests may keep the cursors from being read.
        stopped: Whether ingest stops; then reading ends early, and some progress may be missing.

    Raises:
        KafkaException: The brokers don't answer, or a transaction stays open.

    """
    topic = connection.address.sources_topic
    bounds = Bounds([0], topics.ends(topic, 1, IsolationLevel.READ_UNCOMMITTED))
    prefix, found = f"{transactional_id}/".encode(), dict[str, bytes]()

    def add(messages: Sequence[Message]) -> None:
        for message in messages:
            key, value = message.key(), message.value()
            if key is None or not key.startswith(prefix):
                continue
            name = key[len(prefix) :].decode()
            if value is None:
                found.pop(name, None)
            else:
                found[name] = value

    read_topic(connection, topic, bounds, add, silence_seconds=silence_seconds, stopped=stopped)
    return found
