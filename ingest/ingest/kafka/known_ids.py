"""Load the newest ids of the topic at start, so that a post that arrives again is recognised as a duplicate."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec
from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from ingest.intake.dedup import Deduplicator
from ingest.intake.progress import Progress
from ingest.kafka.columns_header import Headers
from ingest.kafka.connection import Connection
from ingest.kafka.deletions import DeletedPosts
from ingest.kafka.errors import NO_RIGHT_TO_GROUP, PARTITION_EOF, TIMED_OUT
from ingest.kafka.newest_headers import NewestHeaders
from ingest.kafka.topics import Bounds

#: The most ids that are loaded: reading a million takes seconds.
MOST_IDS = 1_000_000
#: Messages that are taken at once.
TAKE = 10_000
#: Loading ends early if the brokers send nothing for this long.
SILENCE_SECONDS = 10.0
NOTHING_SENT = "the brokers send nothing, or another producer keeps a transaction open"
_POLL_SECONDS = 0.2

logger = logging.getLogger(__name__)


class _Names(msgspec.Struct, gc=False):
    id: str
    source: str
    alias: str | msgspec.UnsetType = msgspec.UNSET


_decode = msgspec.json.Decoder(_Names).decode


@dataclass
class Loader:
    """Adds the ids of stored posts; those of an open session of a source are known as duplicates.

    Args:
        dedup: Receives the ids.
        deleted: Receives the names by which posts may be deleted.
        headers: Receives the headers of the messages.
        sessions: Progress of each source, by its name; `first` is a time in ms.
        next_offset: The offset in `dedup` of the next id. Each message takes one.

    """

    dedup: Deduplicator
    deleted: DeletedPosts
    headers: NewestHeaders
    sessions: Mapping[str, Progress]
    next_offset: int
    loaded: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Find out from when on the posts of each source are of its session."""
        self._firsts = {name: each.first for name, each in self.sessions.items() if not each.finished}
        # A replayed post may name a source that is not one of ours.
        self._first_of_others = max(self._firsts.values(), default=0)
        self._needs_names = bool(self.dedup.with_aliases or self.dedup.with_accounts)

    @property
    def is_needed(self) -> bool:
        """Whether a source may report a post: without an open session, none will."""
        return bool(self._firsts)

    def add(self, messages: Sequence[Message]) -> None:
        """Add the ids of messages. What is no post has none."""
        ids = [key.decode("utf-8", "replace") for message in messages if (key := message.key()) is not None]
        # The client returns a list, whatever else it may be given.
        headers = [cast("Headers", message.headers()) for message in messages if message.key() is not None]
        self.headers.add(ids, headers)
        oldest_ms = min(message.timestamp()[1] for message in messages)
        if oldest_ms >= self._first_of_others and not self._needs_names:
            self.dedup.add_distinct(ids, self.next_offset)
        else:
            self._add_each(messages)
        self.next_offset += len(messages)
        self.loaded += len(ids)

    def _add_each(self, messages: Sequence[Message]) -> None:
        posts = []
        for number, message in enumerate(messages, self.next_offset):
            key, names = message.key(), _names(message)
            if key is None:
                continue
            first_ms = self._firsts.get(names.source, self._first_of_others) if names else self._first_of_others
            post_id = key.decode("utf-8", "replace")
            if message.timestamp()[1] < first_ms or not self.dedup.add(post_id, number):
                self.dedup.add_earlier([post_id], number)
            if names:
                self.dedup.add_names(names.source, [names], number)
                posts.append(names)
        self.deleted.add(posts)


def load(loader: Loader, connection: Connection, bounds: Bounds, stopped: Callable[[], bool]) -> None:
    """Read the newest messages of the topic, at most `MOST_IDS`.

    While another producer has an open transaction, messages behind its beginning can't be read yet, and ours may be
    among them. So reading waits until each partition is read up to its end.

    Args:
        loader: Adds the messages.
        connection: How the brokers are reached.
        bounds: Where reading begins and ends in each partition; what is in open transactions lies before the end.
        stopped: Whether ingest stops; then reading ends early.

    Raises:
        KafkaException: The brokers don't answer, or a transaction stays open.

    """
    most = MOST_IDS // max(1, len(bounds.end))
    starts = [max(first, end - most) for first, end in zip(bounds.first, bounds.end, strict=True)]
    ends = {number: end for number, end in enumerate(bounds.end) if starts[number] < end}
    loader.next_offset -= sum(bounds.end) - sum(starts)
    consumer = connection.consumer()
    try:
        consumer.assign([TopicPartition(connection.address.topic, number, starts[number]) for number in ends])
        _read(loader, consumer.consume, ends, stopped)
    finally:
        consumer.close()


def _read(
    loader: Loader, consume: Callable[[int, float], list[Message]], left: dict[int, int], stopped: Callable[[], bool]
) -> None:
    heard_at, ends = time.monotonic(), dict(left)
    while left and not stopped():
        messages = consume(TAKE, _POLL_SECONDS)
        if not messages and time.monotonic() - heard_at > SILENCE_SECONDS:
            raise KafkaException(KafkaError(TIMED_OUT, NOTHING_SENT))
        if messages:
            heard_at = time.monotonic()
        good = [message for message in messages if _is_wanted(message, ends, left)]
        if good:
            loader.add(good)


def _is_wanted(message: Message, ends: Mapping[int, int], left: dict[int, int]) -> bool:
    """Note how far its partition has been read; return whether it is a message of it that is wanted."""
    error, partition, offset = message.error(), message.partition() or 0, message.offset() or 0
    if error is None:
        if offset + 1 >= left.get(partition, 0):
            left.pop(partition, None)
        # Another ingest may write meanwhile. Our next offset is not behind what it writes.
        return offset < ends[partition]
    if error.code() == PARTITION_EOF:
        # The end of what can be read yet. Behind it may be a transaction that is open.
        if offset >= left.get(partition, 0):
            left.pop(partition, None)
    elif error.code() != NO_RIGHT_TO_GROUP:
        raise KafkaException(error)
    return False


def _names(message: Message) -> _Names | None:
    value = message.value()
    try:
        return None if value is None else _decode(value)
    except msgspec.MsgspecError:
        return None
