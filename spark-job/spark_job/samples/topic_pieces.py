"""Read few messages of a topic of Kafka as posts."""

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from confluent_kafka import KafkaException

from spark_job.executor.kafka_reader import TopicError, TopicReader
from spark_job.executor.kafka_slices import KafkaSlice, end_of_batch
from spark_job.executor.message_times import MOST_AHEAD_MS
from spark_job.samples.log_post import LogPost, read_message
from spark_job.samples.newest_posts import by_time

#: How long a read waits for the broker, and for another read.
PATIENCE_SECONDS = 1.5
#: Few messages are read at once, so the client fetches little ahead.
FEW_MESSAGES = {
    "queued.min.messages": "1000",
    "queued.max.messages.kbytes": "4096",
    "max.partition.fetch.bytes": str(256 << 10),
    "fetch.max.bytes": str(1 << 20),
}


class TopicPiece(NamedTuple):
    """The posts of some messages, the oldest first, and the ids of posts that these messages say were deleted."""

    posts: list[LogPost]
    deleted_ids: list[str]


class TopicPieces:
    """Reads by one client, which is made when it is needed. Any thread may use it, one at a time."""

    def __init__(self, client: Mapping[str, str], topic: str, wall_ms: Callable[[], int]) -> None:
        """Args:
        client: How to connect, in librdkafka's own names.
        topic: The topic.
        wall_ms: Milliseconds since 1970.
        """
        self._client = client
        self._topic = topic
        self._wall_ms = wall_ms
        self._lock = threading.Lock()
        self._reader: TopicReader | None = None

    def read(self, slices: Iterable[KafkaSlice]) -> TopicPiece:
        """Read slices. Messages that are no posts are left out.

        Raises:
            OSError: The broker can't be reached, or refuses to send them.

        """
        if not self._lock.acquire(timeout=PATIENCE_SECONDS):
            raise TopicError("another read of the topic takes too long")
        try:
            return self._read(slices)
        except (KafkaException, OSError) as error:
            self._close()
            raise error if isinstance(error, OSError) else TopicError(str(error)) from error
        finally:
            self._lock.release()

    def _read(self, slices: Iterable[KafkaSlice]) -> TopicPiece:
        if self._reader is None:
            self._reader = TopicReader(
                self._client, self._topic, patience_seconds=PATIENCE_SECONDS, limits=FEW_MESSAGES, takes_rows=False
            )
        latest_ms = self._wall_ms() + MOST_AHEAD_MS
        found: list[LogPost] = []
        deleted_ids: list[str] = []
        for part in _one_of_each_partition(slices):
            for fetched in self._reader.read(part):
                messages = zip(fetched.values, fetched.numbers, strict=True)
                posts = (read_message(*message, latest_ms) for message in messages)
                found += [post for post in posts if post is not None]
            deleted_ids += [each for one in self._reader.counted() for each in one.deleted_ids]
        return TopicPiece(sorted(found, key=by_time), deleted_ids)

    def close(self) -> None:
        """Close the client. The next read makes another one."""
        with self._lock:
            self._close()

    def _close(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None


def fair_shares(waiting: Mapping[int, int], most: int) -> dict[int, int]:
    """Of at most `most` messages the number for each partition that has some, shared fairly."""
    lengths = {partition: max(0, length) for partition, length in waiting.items()}
    shares = end_of_batch(dict.fromkeys(lengths, 0), lengths, most)
    return {partition: share for partition, share in shares.items() if share}


def _one_of_each_partition(slices: Iterable[KafkaSlice]) -> list[list[KafkaSlice]]:
    """Groups of slices: a client reads a partition only once at a time."""
    groups: list[list[KafkaSlice]] = []
    used: dict[int, int] = {}
    for each in slices:
        place = used[each.partition] = used.get(each.partition, -1) + 1
        if place == len(groups):
            groups.append([])
        groups[place].append(each)
    return groups
