"""Load the newest ids of the topic at start, so that a post that arrives again is recognised as a duplicate."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

import msgspec
from confluent_kafka import Message

from ingest.intake.dedup import Deduplicator
from ingest.intake.progress import Progress
from ingest.kafka.columns_header import Headers
from ingest.kafka.connection import Connection
from ingest.kafka.deletions import DeletedPosts
from ingest.kafka.newest_headers import NewestHeaders
from ingest.kafka.topic_reader import read_topic
from ingest.kafka.topics import Bounds

#: The most ids that are loaded: reading a million takes seconds.
MOST_IDS = 1_000_000
#: Loading ends early if the brokers send nothing for this long.
SILENCE_SECONDS = 10.0


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

    Args:
        loader: Adds the messages.
        connection: How the brokers are reached.
        bounds: Where reading begins and ends in each partition; what is in open transactions lies before the end.
        stopped: Whether ingest stops; then reading ends early.

    Raises:
        KafkaException: The brokers don't answer, or a transaction stays open.

    """
    most = MOST_IDS // max(1, len(bounds.end))
    newest = Bounds([max(first, end - most) for first, end in zip(bounds.first, bounds.end, strict=True)], bounds.end)
    loader.next_offset -= sum(newest.end) - sum(newest.first)
    topic = connection.address.topic
    read_topic(connection, topic, newest, loader.add, silence_seconds=SILENCE_SECONDS, stopped=stopped)


def _names(message: Message) -> _Names | None:
    value = message.value()
    try:
        return None if value is None else _decode(value)
    except msgspec.MsgspecError:
        return None
