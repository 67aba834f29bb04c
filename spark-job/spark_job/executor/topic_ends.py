"""Ask a broker where the partitions of a topic begin and end, and which topic it is.

It runs in the process that plans too, so it imports confluent-kafka and the standard library only.
"""

from collections.abc import Mapping
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
from confluent_kafka.admin import AdminClient, OffsetSpec

#: How long an answer of the broker may take.
TIMEOUT_SECONDS = 5.0
#: The log of a topic, before its id.
LOG = "kafka:"
CLIENT = {"log_level": "0", "socket.timeout.ms": "10000", "reconnect.backoff.max.ms": "1000"}


class BrokerError(OSError):
    """The broker does not say it now; one sentence."""


class NoTopicError(BrokerError):
    """There is no such topic, or we have no right to it; one sentence."""


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
        self._admin = AdminClient({**client, **CLIENT})
        self._topic = topic
        self._timeout_seconds = timeout_seconds
        self._commit: Future[ConsumerGroupTopicPartitions] | None = None

    def ask(self, *, begins: bool = False) -> Ends:
        """Ask the broker.

        Args:
            begins: Ask where the partitions begin, too.

        Raises:
            BrokerError: It can't be reached.
            NoTopicError: It has no such topic, or refuses to say.

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
        try:
            return future.result(self._timeout_seconds + 1.0)
        except KafkaException as error:
            raise _sentence(error.args[0], self._topic) from error
        except FutureTimeoutError as error:
            raise BrokerError("Kafka did not answer in time") from error


def _sentence(error: KafkaError, topic: str) -> BrokerError:
    code = error.code()
    if code in {KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC}:  # noqa: SLF001
        return NoTopicError(f"Kafka has no topic {topic}")
    if code in {KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED}:
        return NoTopicError(f"Kafka gives this user no right to the topic {topic}")
    if code in {KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED}:  # noqa: SLF001
        return BrokerError("Kafka refuses the user name or the password")
    if code in {KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN}:  # noqa: SLF001
        return BrokerError("no broker of Kafka can be reached")
    return BrokerError(f"Kafka answered: {error.str()}")
