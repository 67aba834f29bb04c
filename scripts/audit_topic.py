"""The log of `scripts/audit.py` if it is a topic of Kafka: which messages were counted, and what they say.

The job commits its position to its consumer group. A snapshot with just so many offsets counts just these messages.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

ASK_SECONDS = 10.0
# The job commits its position every few seconds, and pushes a snapshot each second.
MATCH_SECONDS = 60.0
PAUSE_SECONDS = 0.2
READ_SECONDS = 300.0
MESSAGES_PER_READ = 10_000
POLL_SECONDS = 0.5


class TopicError(ValueError):
    """The topic can't be read, or no snapshot fits a position. The message is one sentence."""


class Topic:
    """A topic and the position of the group that counts it."""

    def __init__(self, url: str, group: str) -> None:
        """Connect. Raises `TopicError` if `url` is none, or no broker answers."""
        servers, _, self.name = url.removeprefix("kafka://").rpartition("/")
        if not servers or not self.name:
            raise TopicError(f"--log must be kafka://host:port/topic, not {url!r}")
        settings: dict[str, Any] = {
            "bootstrap.servers": servers,
            "group.id": group,
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "log_level": 0,
        }
        self._consumer = Consumer(settings)
        try:
            found = self._consumer.list_topics(self.name, ASK_SECONDS).topics[self.name].partitions
            self._parts = [TopicPartition(self.name, number) for number in found]
            #: Partition -> its first offset that is still there.
            self.firsts = {part.partition: self._first(part) for part in self._parts}
        except KafkaException as error:
            raise TopicError(f"the topic can't be read: {error}") from error

    def _first(self, part: TopicPartition) -> int:
        return self._consumer.get_watermark_offsets(part, ASK_SECONDS)[0]

    def positions(self) -> dict[int, int]:
        """Partition -> the next offset to be counted, as the group has committed it."""
        committed = self._consumer.committed(self._parts, ASK_SECONDS)
        return {part.partition: part.offset if part.offset >= 0 else self.firsts[part.partition] for part in committed}

    def match(self, snapshot: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], dict[int, int]]:
        """A snapshot, and the position of just this snapshot. Raises `TopicError` if none fits."""
        shown: dict[int, dict[str, Any]] = {}
        deadline = time.monotonic() + MATCH_SECONDS
        while time.monotonic() < deadline:
            newest = snapshot()
            shown[newest["health"]["offset"]] = newest
            positions = self.positions()
            if sum(positions.values()) in shown:
                return shown[sum(positions.values())], positions
            time.sleep(PAUSE_SECONDS)
        raise TopicError(
            f"no snapshot has the position that the job has committed to its group: {sum(self.positions().values())} "
            f"offsets, and the snapshots of a minute have {min(shown)} to {max(shown)}"
        )

    def posts(self, ends: Mapping[int, int]) -> Iterator[dict[str, Any]]:
        """The committed posts before the offsets `ends`. What is no post is left out."""
        left = {number: end for number, end in ends.items() if end > self.firsts[number]}
        self._consumer.assign([TopicPartition(self.name, number, self.firsts[number]) for number in left])
        deadline = time.monotonic() + READ_SECONDS
        while left:
            if time.monotonic() > deadline:
                raise TopicError(f"the partitions {sorted(left)} can't be read to the position that was counted")
            for message in self._consumer.consume(MESSAGES_PER_READ, POLL_SECONDS):
                error, number, offset = message.error(), message.partition() or 0, message.offset() or 0
                if error is None and offset < ends[number]:
                    yield from _post(message.value(), (number, offset))
                # Before the end there may be the mark of a transaction, which is no message. Then a later message
                # comes, or the end of the partition.
                is_end = error is not None and error.code() == KafkaError._PARTITION_EOF  # noqa: SLF001 - its name
                if (error is None and offset + 1 >= ends[number]) or (is_end and offset >= ends[number]):
                    left.pop(number, None)
        self._consumer.close()


def _post(value: bytes | None, offset: tuple[int, int]) -> Iterator[dict[str, Any]]:
    try:
        post = json.loads(value or b"null")
    except ValueError:
        return
    if isinstance(post, dict) and {"id", "at_ms", "source", "lang", "tags"} <= post.keys():
        yield post | {"offset": offset}
