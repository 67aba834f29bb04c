"""Read slices of a topic: the values of its messages, or the headers that stand for them, as many at once as there are.

It runs on executors, so it imports confluent-kafka, pyarrow and the standard library only.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from spark_job.executor.fetched_messages import FetchedMessages
from spark_job.executor.kafka_columns import HEADER
from spark_job.executor.kafka_deletions import Deletions
from spark_job.executor.kafka_errors import LastError, Sentences
from spark_job.executor.kafka_headers import header_of
from spark_job.executor.kafka_slices import PARTITIONS_AT_MOST, CountedSlice, KafkaSlice

#: The most messages that are taken from the client at once. So few stay in the cache of a core: a message of 10,000
#: takes twice as long.
AT_ONCE = 250
#: Messages are parsed together when that many bytes have to be parsed, or when the slices have ended.
PARSED_BYTES = 4 << 20
#: How long a task waits for the broker. Then the query ends, and the job starts it again.
PATIENCE_SECONDS = 20.0
#: How long it waits while a broker refuses the login or the certificate: another one may not.
REFUSED_SECONDS = 2.0
#: What the client fetches ahead. What is behind the end of a slice is thrown away.
CLIENT = {
    "enable.auto.commit": "false",
    "enable.partition.eof": "true",
    "isolation.level": "read_committed",
    # Retention has overtaken counting: the task counts what is lost.
    "auto.offset.reset": "error",
    "queued.min.messages": "20000",
    "queued.max.messages.kbytes": "16384",
    "max.partition.fetch.bytes": str(4 << 20),
    "fetch.max.bytes": str(16 << 20),
    # At the end of a partition the broker answers at once, so that a task knows that it is the end.
    "fetch.wait.max.ms": "5",
    # By default the client waits a second when its queue is full.
    "fetch.queue.backoff.ms": "5",
    "topic.metadata.refresh.interval.ms": "60000",
    # Its own log lines would be the only ones of an executor.
    "log_level": "0",
}
#: Errors after which the client tries again by itself. To read, it needs no right to the group that it has to name.
PASSING = frozenset(
    {
        KafkaError._ALL_BROKERS_DOWN,  # noqa: SLF001 - that is its name
        KafkaError._TRANSPORT,  # noqa: SLF001
        KafkaError._RESOLVE,  # noqa: SLF001
        KafkaError._TIMED_OUT,  # noqa: SLF001
        KafkaError.GROUP_AUTHORIZATION_FAILED,
    }
)


class TopicError(OSError):
    """The broker can't be reached, or refuses a request; one sentence."""


class _Slice:
    """How far a slice has been read."""

    def __init__(self, planned: KafkaSlice, pane_ms: int) -> None:
        self.planned = planned
        self.at = planned.start
        self.lost = 0
        self.deletions = Deletions(pane_ms)

    def counted(self) -> CountedSlice:
        """What is known of it: not its posts."""
        deleted = self.deletions
        return CountedSlice(
            *self.planned,
            lost=self.lost,
            deleted=deleted.count,
            deleted_ids=tuple(deleted.ids),
            taken_back=deleted.taken_back(),
        )


class TopicReader:
    """A client that is used for one task after the other. To make one and to connect takes tens of milliseconds."""

    def __init__(
        self,
        client: Mapping[str, str],
        topic: str,
        monotonic_seconds: Callable[[], float] = time.monotonic,
        patience_seconds: float = PATIENCE_SECONDS,
        limits: Mapping[str, str] | None = None,
        *,
        takes_rows: bool = True,
        pane_ms: int = 1,
    ) -> None:
        """Args:
        client: How to connect, in librdkafka's own names.
        topic: The topic.
        monotonic_seconds: A clock that is never set back.
        patience_seconds: How long to wait for the broker.
        limits: In place of those of `CLIENT`: how much is fetched ahead.
        takes_rows: Take headers in place of values. Otherwise all values are taken: they have the texts.
        pane_ms: What tombstones say is added up for each pane of this length.
        """
        # The group must have a name, and nothing is committed to it here.
        group = client.get("client.id", topic)
        self._last = LastError()
        self._consumer = Consumer(
            {**client, **CLIENT, **(limits or {}), "group.id": group, "error_cb": self._last.note}
        )
        self._sentences = Sentences(client, topic)
        self._topic = topic
        self._patience_seconds = patience_seconds
        self._takes_rows = takes_rows
        self._pane_ms = pane_ms
        self._monotonic_seconds = monotonic_seconds
        self._slices: dict[int, _Slice] = {}
        self._open: set[int] = set()

    def read(self, slices: Sequence[KafkaSlice]) -> Iterator[FetchedMessages]:
        """Read slices of different partitions.

        Raises:
            TopicError: The broker can't be reached, or it refuses to send them.

        """
        self._slices = {each.partition: _Slice(each, self._pane_ms) for each in slices}
        self._open = {*self._slices}
        self._consumer.assign([TopicPartition(self._topic, each.partition, each.start) for each in slices])
        try:
            yield from self._fetched()
        finally:
            self._consumer.unassign()

    def counted(self) -> list[CountedSlice]:
        """What is known of the slices that were read last: not their posts."""
        return [each.counted() for each in self._slices.values()]

    def close(self) -> None:
        """Close the client."""
        self._consumer.close()

    def _fetched(self) -> Iterator[FetchedMessages]:
        fetched = FetchedMessages()
        heard_at = self._monotonic_seconds()
        while self._open:
            messages = self._next()
            silent_seconds = self._monotonic_seconds() - heard_at
            if messages:
                heard_at = self._monotonic_seconds()
                self._last.forget()
            elif silent_seconds > REFUSED_SECONDS and (kept_out := self._last.kept_out()) is not None:
                raise TopicError(str(self._sentences.explain(self._last.telling(kept_out))))
            elif silent_seconds > self._patience_seconds:
                raise TopicError(f"Kafka did not send the messages of topic {self._topic} in time")
            self._take(messages, fetched)
            if fetched.parsed_bytes >= PARSED_BYTES:
                yield fetched
                fetched = FetchedMessages()
        if len(fetched):
            yield fetched

    def _next(self) -> list[Any]:
        """The messages that are there. If there are none, wait for the first."""
        messages: list[Any] = self._consumer.consume(AT_ONCE, 0)
        if messages:
            return messages
        message = self._consumer.poll(0.5)
        return [message] if message is not None else []

    def _take(self, messages: list[Any], fetched: FetchedMessages) -> None:
        """Add messages to the fetched ones, and note how far the slices have been read."""
        good = [message for message in messages if message.error() is None]
        partitions = [message.partition() for message in good]
        offsets = [message.offset() for message in good]
        values: list[Any] = [message.value() for message in good]
        # The last message of each partition.
        last = dict(zip(partitions, offsets, strict=True))
        if None in values or any(offset >= self._end(partition) for partition, offset in last.items()):
            kept = [self._is_kept(message) for message in good]
            good, partitions, offsets, values = (
                [*compress(column, kept)] for column in (good, partitions, offsets, values)
            )
        for partition, offset in last.items():
            self._reached(partition, offset + 1)
        for message in messages:
            if message.error() is not None:
                self._note(message)
        numbers = [
            offset * PARTITIONS_AT_MOST + partition for offset, partition in zip(offsets, partitions, strict=True)
        ]
        rows = [header_of(message.headers(), HEADER) if self._takes_rows else None for message in good]
        fetched.add(rows, values, numbers)

    def _end(self, partition: int) -> int:
        """Where the slice of a partition ends. A partition of an earlier task has none."""
        return self._slices[partition].planned.end if partition in self._open else 0

    def _is_kept(self, message: Any) -> bool:
        """Whether a message is in its slice and has a value. One without a value says that its post was deleted."""
        partition = message.partition()
        if message.offset() >= self._end(partition):
            return False
        if message.value() is not None:
            return True
        self._slices[partition].deletions.note(message)
        return False

    def _reached(self, partition: int, offset: int) -> None:
        if partition in self._open:
            state = self._slices[partition]
            state.at = offset
            if offset >= state.planned.end:
                self._finish(partition)

    def _finish(self, partition: int) -> None:
        self._open.discard(partition)
        if self._open:
            # Nothing more of it is fetched.
            self._consumer.incremental_unassign([TopicPartition(self._topic, partition)])

    def _note(self, message: Any) -> None:
        """Note an event of the client.

        Raises:
            TopicError: It can't be read on.

        """
        error, partition = message.error(), message.partition()
        if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - that is its name
            # Behind the last post there are markers of transactions.
            if partition in self._open and message.offset() >= self._slices[partition].planned.end:
                self._finish(partition)
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:  # noqa: SLF001
            if partition in self._open:
                self._skip_removed(partition)
        elif error.code() not in PASSING:
            raise TopicError(str(self._sentences.explain(error)))

    def _skip_removed(self, partition: int) -> None:
        """Go on behind what retention has removed. At most so many posts are lost."""
        state = self._slices[partition]
        place = TopicPartition(self._topic, partition)
        try:
            first, end = self._consumer.get_watermark_offsets(place, self._patience_seconds, cached=False)
        except KafkaException as error:
            raise TopicError(str(self._sentences.explain(self._last.telling(error.args[0])))) from error
        if first <= state.at:
            raise TopicError(f"partition {partition} of topic {self._topic} ends at {end}, before {state.at}")
        begin = min(first, state.planned.end)
        state.lost += begin - state.at
        self._reached(partition, begin)
        if partition in self._open:
            self._consumer.incremental_unassign([place])
            self._consumer.incremental_assign([TopicPartition(self._topic, partition, begin)])
