"""The posts of a pane, from a topic of Kafka: the messages whose timestamps are of its time."""

from collections.abc import Callable, Iterator, Mapping
from types import TracebackType

import pyarrow as pa
import pyarrow.compute as pc
from confluent_kafka import KafkaException

from spark_job.executor.kafka_posts import read_values
from spark_job.executor.kafka_reader import TopicError, TopicReader
from spark_job.executor.kafka_slices import PARTITIONS_AT_MOST, KafkaSlice
from spark_job.executor.posts import LINES_ARROW, POSTS_ARROW
from spark_job.executor.topic_ends import Ends, TopicEnds
from spark_job.kafka.topic_watch import LATENESS_MS
from spark_job.query_server.pane_log import Position, ReadPosts, refuse_long, refuse_removed

#: How long a read waits for the broker.
PATIENCE_SECONDS = 5.0
#: The messages of a partition that are read at once behind the place where the pane is likely to end.
AT_ONCE = 1_000


class TopicPane:
    """A topic; a `PaneLog`."""

    owner = "Kafka"

    def __init__(self, client: Mapping[str, str], topic: str, wall_ms: Callable[[], int]) -> None:
        """Args:
        client: How to connect, in librdkafka's own names.
        topic: The topic.
        wall_ms: Milliseconds since 1970.
        """
        self._client = client
        self._topic = topic
        self._wall_ms = wall_ms
        self._broker = TopicEnds(client, topic)
        self._ends: Ends | None = None
        self._reader: TopicReader | None = None

    def __enter__(self) -> "TopicPane":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reader is not None:
            self._reader.close()

    def identity(self) -> str:
        """The log of the topic."""
        return self._asked().log

    def posts(self, from_ms: int, to_ms: int, position: Position) -> Iterator[ReadPosts]:
        """The posts of each partition from the first of the pane to one that is a while after it.

        The broker says where the first message of a time or of a later one is. That may be the end of a transaction,
        whose time is that of its writing. So this says where posts of the time may begin, but not where they end.
        """
        begins = self._asked().begins
        partitions = sorted(each for each in position.partitions if each in begins)
        first, begin = self._broker.offsets_at(0, partitions), self._broker.offsets_at(from_ms, partitions)
        is_trimmed = sum(begins.values()) > position.from_offset
        if is_trimmed and any(begins[each] > 0 and begin[each] == first[each] for each in partitions):
            raise refuse_removed(self.owner)
        # Clocks of producers may differ a little.
        enough_ms = to_ms + LATENESS_MS
        likely = self._broker.offsets_at(enough_ms, partitions)
        starts = {each: start for each in partitions if (start := begin[each]) is not None}
        ends = {each: max(likely[each] or 0, start) for each, start in starts.items()}
        yield from self._read_until(enough_ms, starts, ends, position.partitions)

    def _read_until(
        self, enough_ms: int, starts: Mapping[int, int], ends: Mapping[int, int], most: Mapping[int, int]
    ) -> Iterator[ReadPosts]:
        """Read each partition until it has a post of this time, or up to `most`. `ends`: where that is likely."""
        places = 0
        while starts:
            slices = [KafkaSlice(each, at, min(most[each], ends[each] + AT_ONCE)) for each, at in starts.items()]
            slices = [each for each in slices if each.end > each.start]
            places += sum(each.end - each.start for each in slices)
            refuse_long(places)
            newest_ms: dict[int, int] = {}
            for piece in self._read(slices, enough_ms):
                _note_newest(piece.posts, newest_ms)
                yield ReadPosts(piece.places, piece.posts.select(POSTS_ARROW.names))
            left = [each for each in slices if newest_ms.get(each.partition, 0) < enough_ms]
            starts = {each.partition: each.end for each in left}
            ends = starts

    def _asked(self) -> Ends:
        if self._ends is None:
            self._ends = self._broker.ask(begins=True)
        return self._ends

    def _read(self, slices: list[KafkaSlice], enough_ms: int) -> Iterator[ReadPosts]:
        """The posts of slices, as tables of `LINES_ARROW`. Up to `enough_ms` none is of the future: it was counted."""
        try:
            if self._reader is None:
                self._reader = TopicReader(
                    self._client, self._topic, patience_seconds=PATIENCE_SECONDS, takes_rows=False
                )
            for fetched in self._reader.read(slices):
                tables, skipped = read_values(fetched.values, fetched.numbers, max(self._wall_ms(), enough_ms))
                posts = pa.concat_tables([LINES_ARROW.empty_table(), *tables])
                yield ReadPosts(len(fetched.values) - len(skipped), posts)
            if any(each.lost for each in self._reader.counted()):
                raise refuse_removed(self.owner)
        except KafkaException as error:
            raise TopicError(str(error)) from error


def _note_newest(posts: pa.Table, newest_ms: dict[int, int]) -> None:
    """Note the newest time of each partition."""
    partitions = pc.bit_wise_and(posts["offset"], pa.scalar(PARTITIONS_AT_MOST - 1, pa.int64()))
    groups = pa.table({"partition": partitions, "at_ms": posts["at_ms"]}).group_by("partition", use_threads=False)
    for row in groups.aggregate([("at_ms", "max")]).to_pylist():
        newest_ms[row["partition"]] = max(newest_ms.get(row["partition"], 0), row["at_ms_max"])
