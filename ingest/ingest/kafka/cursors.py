"""The topic of cursors: what each source had read when its last run was committed."""

import time

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicPartition

from ingest.kafka.connection import Connection
from ingest.kafka.errors import NO_RIGHT_TO_GROUP, PARTITION_EOF, TIMED_OUT
from ingest.kafka.topics import Topics

#: How long reading may take, transactions of other ingests included that must end first.
READ_SECONDS = 90.0
_POLL_SECONDS = 0.5


def read_cursors(connection: Connection, topics: Topics, transactional_id: str) -> dict[str, bytes]:
    """Return the committed progress of each source of this ingest, by its name.

    Call it when no older process can commit any more. All messages up to the end of the topic are read: while another
    ingest has an open transaction, those behind its beginning can't be read yet, and ours may be among them.

    Raises:
        KafkaException: The brokers don't answer.

    """
    topic = connection.address.sources_topic
    (end,) = topics.ends(topic, 1, IsolationLevel.READ_UNCOMMITTED)
    prefix, found = f"{transactional_id}/".encode(), dict[str, bytes]()
    if not end:
        return found
    deadline = time.monotonic() + READ_SECONDS
    consumer = connection.consumer()
    try:
        consumer.assign([TopicPartition(topic, 0, 0)])
        next_offset = 0
        while next_offset < end:
            message = consumer.poll(_POLL_SECONDS)
            if message is None:
                if time.monotonic() > deadline:
                    raise KafkaException(KafkaError(TIMED_OUT, f"{topic} can't be read"))
                continue
            error = message.error()
            if error is not None and error.code() == NO_RIGHT_TO_GROUP:
                continue
            if error is not None and error.code() != PARTITION_EOF:
                raise KafkaException(error)
            # At the end of the partition, this is the offset behind the last marker of a transaction.
            next_offset = (message.offset() or 0) + (error is None)
            key, value = message.key(), message.value()
            if error is None and key is not None and key.startswith(prefix):
                name = key[len(prefix) :].decode()
                if value is None:
                    found.pop(name, None)
                else:
                    found[name] = value
    finally:
        consumer.close()
    return found
