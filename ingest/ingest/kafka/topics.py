"""The topics of the log: are they there, may ingest write them, where do they begin and end."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from typing import Any, NamedTuple

from confluent_kafka import IsolationLevel, KafkaError, KafkaException, TopicCollection, TopicPartition
from confluent_kafka.admin import AclOperation, AdminClient, NewTopic, OffsetSpec

from ingest.kafka.connection import Connection
from ingest.kafka.errors import TIMED_OUT, KafkaStartError, error_of

#: How long one request may take.
ASK_SECONDS = 5.0
#: The newest segment is never compacted, and each start reads it whole. So the cursors have small ones.
SOURCES_CONFIG = {"cleanup_policy": "compact", "segment_bytes": str(2**24), "segment_ms": str(3_600_000)}
#: How often it is looked whether the brokers refuse the connection meanwhile.
LOOK_SECONDS = 0.2


class TopicFacts(NamedTuple):
    """A topic: its id, which a topic made anew under the same name does not have, and its number of partitions."""

    id: str
    partitions: int
    may_write: bool


class Bounds(NamedTuple):
    """The oldest stored and the next committed offset of each partition of a topic."""

    first: Sequence[int]
    end: Sequence[int]


class Topics:
    """Asks the brokers about topics. Each method raises KafkaException if they don't answer."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._admin: AdminClient = connection.admin()

    def describe(self, topic: str) -> TopicFacts | None:
        """Return the facts about a topic; None if there is none."""
        asked = self._admin.describe_topics(
            TopicCollection([topic]), include_authorized_operations=True, request_timeout=ASK_SECONDS
        )
        try:
            found = self._result(asked[topic])
        except KafkaException as error:
            if error_of(error).code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
                return None
            raise
        rights = found.authorized_operations
        may_write = rights is None or AclOperation.WRITE in rights or AclOperation.ALL in rights
        return TopicFacts(str(found.topic_id), len(found.partitions), may_write)

    def create(self, topic: str, partitions: int, **config: str) -> None:
        """Create a topic; another ingest may have done it."""
        settings = {name.replace("_", "."): value for name, value in config.items()}
        made = self._admin.create_topics([NewTopic(topic, partitions, config=settings)], request_timeout=ASK_SECONDS)
        try:
            self._result(made[topic])
        except KafkaException as error:
            if error_of(error).code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise

    def open(self, create_partitions: int) -> TopicFacts | None:
        """Check both topics, and create what may be created; return the facts about that of the posts.

        Returns:
            None while a topic that was created can't be used yet.

        Raises:
            KafkaException: The brokers don't answer.
            KafkaStartError: There is no topic, or ingest may not write it.

        """
        address, sentences = self._connection.address, self._connection.sentences
        found = self.describe(address.topic)
        if found is None:
            if not create_partitions:
                raise KafkaStartError(sentences.unknown_topic())
            self.create(address.topic, create_partitions)
            return None
        sources = self.describe(address.sources_topic)
        if sources is None:
            self.create(address.sources_topic, 1, **SOURCES_CONFIG)
            return None
        for topic, facts in ((address.topic, found), (address.sources_topic, sources)):
            if not facts.may_write:
                denied = KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED, "no right to write")
                raise KafkaStartError(sentences.refusal(denied, topic) or "")
        return found

    def bounds(self, topic: str, partitions: int) -> Bounds:
        """Return where a topic begins, and where its committed messages end."""
        committed = IsolationLevel.READ_COMMITTED
        first = self._offsets(topic, partitions, OffsetSpec.earliest, committed)
        return Bounds([each.offset for each in first], self.ends(topic, partitions, committed))

    def written_since(self, topic: str, partitions: int, since_ms: int) -> Bounds:
        """Return where messages from `since_ms` on begin, and where all end, those of open transactions included."""
        written = IsolationLevel.READ_UNCOMMITTED
        found = self._offsets(topic, partitions, partial(OffsetSpec.for_timestamp, since_ms), written)
        ends = self.ends(topic, partitions, written)
        # Without such a message, the offset found is a negative one.
        return Bounds([each.offset if each.offset >= 0 else end for each, end in zip(found, ends, strict=True)], ends)

    def ends(self, topic: str, partitions: int, isolation: IsolationLevel) -> list[int]:
        """Return the next offset of each partition."""
        return [each.offset for each in self._offsets(topic, partitions, OffsetSpec.latest, isolation)]

    def newest_ms(self, topic: str, partitions: int) -> int:
        """Return the greatest timestamp of a topic; -1 if it is empty."""
        found = self._offsets(topic, partitions, OffsetSpec.max_timestamp, IsolationLevel.READ_UNCOMMITTED)
        return max((int(each.timestamp) for each in found), default=-1)

    def _offsets(
        self, topic: str, partitions: int, spec: Callable[[], OffsetSpec], isolation: IsolationLevel
    ) -> list[Any]:
        wanted = {TopicPartition(topic, number): spec() for number in range(partitions)}
        asked = self._admin.list_offsets(wanted, isolation_level=isolation, request_timeout=ASK_SECONDS)
        return [self._result(asked[each]) for each in wanted]

    def _result(self, asked: "Future[Any]") -> Any:
        """Return the answer. A login that is refused is an error at once: librdkafka would try again until the end."""
        for _ in range(int(2 * ASK_SECONDS / LOOK_SECONDS)):
            try:
                return asked.result(LOOK_SECONDS)
            except (TimeoutError, KafkaException) as error:  # noqa: PERF203
                self._admin.poll(0)
                if isinstance(error, KafkaException):
                    raise
                if refused := self._connection.refused():
                    raise KafkaException(refused) from error
        raise KafkaException(KafkaError(TIMED_OUT, "the brokers don't answer"))
