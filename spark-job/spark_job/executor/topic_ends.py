"""Ask a broker where the partitions of a topic begin and end, and which topic it is.

It runs in the process that plans too, so it imports confluent-kafka and the standard library only.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, NamedTuple

from confluent_kafka import (
    ConsumerGroupTopicPartitions,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AclOperation, AdminClient, OffsetSpec

from spark_job.executor.kafka_errors import BrokerError, LastError, RefusedError, Sentences

#: How long an answer of the broker may take.
TIMEOUT_SECONDS = 5.0
#: How often it is looked whether the brokers refuse the connection meanwhile.
LOOK_SECONDS = 0.2
#: The log of a topic, before its id.
LOG = "kafka:"
CLIENT = {"log_level": "0", "socket.timeout.ms": "10000", "reconnect.backoff.max.ms": "1000"}


class Ends(NamedTuple):
    """A topic at a moment.

    Args:
        log: Its identity. A topic that was deleted and made anew has another one.
        ends: The last stable offset of each partition: behind all that is committed.
        begins: The first offset of each partition, if it was asked for.

    """

    log: str
    ends: dict[int, int]
    begins: dict[int, int]


class TopicEnds:
    """One client of the broker, which is kept open."""

    def __init__(self, client: Mapping[str, str], topic: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._last = LastError()
        config: dict[str, Any] = {**client, **CLIENT, "error_cb": self._last.note}
        self._admin = AdminClient(config)
        self._sentences = Sentences(client, topic)
        self._topic = topic
        self._timeout_seconds = timeout_seconds
        self._commit: Future[ConsumerGroupTopicPartitions] | None = None

    def ask(self, *, begins: bool = False) -> Ends:
        """Ask the broker.

        Args:
            begins: Ask where the partitions begin, too.

        Raises:
            BrokerError: It can't be reached.
            NoTopicError: It has no such topic.
            RefusedError: It refuses the login, the certificate, or the right to the topic.

        """
        described = self._admin.describe_topics(TopicCollection([self._topic]), request_timeout=self._timeout_seconds)
        topic = self._result(described[self._topic])
        if topic.topic_id is None:
            raise BrokerError("the broker is older than Kafka 3.1, which gave topics an id")
        places = [TopicPartition(self._topic, each.id) for each in topic.partitions]
        ends = self._offsets(places, OffsetSpec.latest())  # type: ignore[no-untyped-call]
        first = {}
        if begins:
            first = self._offsets(places, OffsetSpec.earliest())  # type: ignore[no-untyped-call]
        return Ends(f"{LOG}{topic.topic_id}", ends, first)

    def offsets_at(self, at_ms: int, partitions: Sequence[int]) -> "dict[int, int | None]":
        """The offset of the first message of each partition whose timestamp is not before this time.

        Returns:
            By partition. None: it has no such message.

        Raises:
            BrokerError: The broker can't be reached, or refuses to say.

        """
        places = [TopicPartition(self._topic, each) for each in partitions]
        found = self._offsets(places, OffsetSpec.for_timestamp(at_ms))
        return {partition: offset if offset >= 0 else None for partition, offset in found.items()}

    def check_rights(self, group: str) -> None:
        """Check that the messages can be read, and that the position can be told to a consumer group.

        Raises:
            BrokerError: That can't be said now.
            NoTopicError: There is no such topic.
            RefusedError: A right is missing, or the login or the certificate is refused.

        """
        wanted, timeout = TopicCollection([self._topic]), self._timeout_seconds
        topics = self._admin.describe_topics(wanted, include_authorized_operations=True, request_timeout=timeout)
        if not _may_read(self._result(topics[self._topic])):
            raise self._sentences.unreadable_topic("no right to read")
        groups = self._admin.describe_consumer_groups(
            [group], include_authorized_operations=True, request_timeout=timeout
        )
        try:
            may_read = _may_read(self._result(groups[group]))
        except RefusedError:
            raise
        except BrokerError:
            # The brokers have not elected who knows the group. It is only told the position.
            return
        if not may_read:
            raise self._sentences.unreadable_group("no right to read")

    def commit(self, group: str, positions: Mapping[int, int]) -> None:
        """Tell the broker the position of a consumer group. `commit_failed` says later whether it was refused.

        Raises:
            BrokerError: It was refused at once.

        """
        places = [TopicPartition(self._topic, partition, offset) for partition, offset in positions.items()]
        try:
            (self._commit,) = self._admin.alter_consumer_group_offsets(
                [ConsumerGroupTopicPartitions(group, places)], request_timeout=self._timeout_seconds
            ).values()
        except (KafkaException, ValueError) as error:
            raise BrokerError(str(error)) from error

    def commit_failed(self) -> bool:
        """Whether the broker has answered that it did not store the newest position, or has not answered in time."""
        if self._commit is None or not self._commit.done():
            return False
        return self._commit.exception() is not None or any(
            place.error is not None for place in self._commit.result().topic_partitions or ()
        )

    def _offsets(self, places: "list[TopicPartition]", spec: OffsetSpec) -> dict[int, int]:
        futures = self._admin.list_offsets(
            dict.fromkeys(places, spec),
            isolation_level=IsolationLevel.READ_COMMITTED,
            request_timeout=self._timeout_seconds,
        )
        return {place.partition: int(self._result(future).offset) for place, future in futures.items()}

    def _result(self, future: "Future[Any]") -> Any:
        """The answer. A login that is refused is an error at once: librdkafka would try again until the end."""
        for _ in range(int((self._timeout_seconds + 1.0) / LOOK_SECONDS)):
            try:
                answer = future.result(LOOK_SECONDS)
            except (FutureTimeoutError, KafkaException) as error:  # noqa: PERF203
                self._admin.poll(0)
                if isinstance(error, KafkaException):
                    raise self._sentences.explain(self._last.telling(error.args[0])) from error
                if (kept_out := self._last.kept_out()) is not None:
                    raise self._sentences.explain(self._last.telling(kept_out)) from error
            else:
                self._last.forget()
                return answer
        raise self._sentences.explain(self._last.telling(KafkaError(KafkaError._TIMED_OUT, "no answer")))  # noqa: SLF001


def _may_read(described: Any) -> bool:
    """Whether the rights to a topic or a group let its messages or its position be read. None: there are no rights."""
    rights = described.authorized_operations
    return rights is None or AclOperation.READ in rights or AclOperation.ALL in rights
