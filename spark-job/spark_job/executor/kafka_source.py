"""A topic of Kafka as a Spark data source: the driver plans offsets, and each task returns its counts as one message.

It runs on executors, so it imports pyspark, pyarrow, confluent-kafka and the standard library only.
"""

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.types import StructType

from spark_job.executor.counting import CODED_COUNTS
from spark_job.executor.data_source import MAX_PARTITIONS, MIN_POSTS_PER_PARTITION, LogReplacedError
from spark_job.executor.free_memory import FreeMemory
from spark_job.executor.kafka_posts import read_rows, read_values
from spark_job.executor.kafka_slices import PARTITIONS_AT_MOST, CountedSlice, KafkaSlice, end_of_batch, tasks_of
from spark_job.executor.message_times import MessageTimes
from spark_job.executor.messages import MESSAGES_DDL, Counted, pack
from spark_job.executor.tag_uses import USES
from spark_job.executor.task_counts import Posts, count_posts
from spark_job.executor.task_facts import TaskNotes, wall_ms
from spark_job.log_lines import configure_executor_logging

if TYPE_CHECKING:
    from spark_job.executor.kafka_reader import TopicReader
    from spark_job.executor.topic_ends import TopicEnds

logger = logging.getLogger(__name__)

#: The memory of this worker, its client of each topic, and the times of the messages that it has read last.
_memory = FreeMemory()
_times = MessageTimes()
_readers: "dict[str, TopicReader]" = {}


@dataclass(frozen=True)
class TopicTask(InputPartition):
    """Slices of some partitions, read by one task.

    `span`: the offsets as one number, the sum of all partitions; `planned_ms`: when planning began and ended.
    """

    slices: tuple[KafkaSlice, ...]
    span: tuple[int, int]
    planned_ms: "tuple[int, int] | None" = field(default=None, compare=False)


class TopicDataSource(DataSource):
    """`spark.readStream.format("topic_counts")`.

    Options: client (JSON), topic, log, start (JSON), max_posts, partitions, pane_ms, author_key.
    """

    @classmethod
    def name(cls) -> str:
        """Format name under which it is registered."""
        return "topic_counts"

    def schema(self) -> str:
        """Each row is one message with counts. The posts stay in Kafka."""
        return MESSAGES_DDL

    def streamReader(self, schema: StructType) -> "TopicStream":  # noqa: ARG002, N802 - Spark's signature
        """The reader of one query."""
        return TopicStream(self.options)


class TopicStream(DataSourceStreamReader):
    """Offsets of a topic, capped per micro-batch.

    An exception in `latestOffset` ends the query. So when the broker can't be reached, the offsets just stay the same.
    When the topic was made anew, the query must end, and the job starts a new epoch.
    """

    def __init__(self, options: Any) -> None:
        self._client: Mapping[str, str] = json.loads(options["client"])
        self._topic = str(options["topic"])
        self._log = str(options["log"])
        self._start = _positions(json.loads(options["start"]))
        self._max_posts = int(options["max_posts"])
        self._partitions = int(options["partitions"])
        self._how = int(options["pane_ms"]), bytes.fromhex(options["author_key"])
        self._reached = dict(self._start)
        self._asked_ms = 0
        self._ends: TopicEnds | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What tasks get: not the client of the planner."""
        return {**self.__dict__, "_ends": None}

    def initialOffset(self) -> dict[str, int]:  # noqa: N802
        """The position after the last counted posts, from the job's state."""
        return _named(self._start)

    def latestOffset(self, start: Any = None, limit: Any = None) -> dict[str, int]:  # noqa: ARG002, N802
        """End of the next micro-batch; Spark 4.0 and 4.1 call it without arguments."""
        from spark_job.executor.kafka_errors import BrokerError  # noqa: PLC0415 - only the planner needs it
        from spark_job.executor.topic_ends import TopicEnds  # noqa: PLC0415

        self._asked_ms = wall_ms()
        if self._ends is None:
            self._ends = TopicEnds(self._client, self._topic)
        try:
            found = self._ends.ask()
        except BrokerError as error:
            logger.debug("the ends of the topic can't be read: %s", error)
            return _named(self._reached)
        if found.log != self._log or any(end < self._reached.get(each, 0) for each, end in found.ends.items()):
            raise LogReplacedError(f"topic {self._topic} is another one, or ends before the offsets that were counted")
        self._reached = end_of_batch(self._reached, found.ends, self._max_posts)
        return _named(self._reached)

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> list[TopicTask]:
        """Equal shares, one a task."""
        first, last = _positions(start), _positions(end)
        self._reached = {**self._reached, **last}
        planned_ms = (self._asked_ms, max(self._asked_ms, wall_ms())) if self._asked_ms else None
        found = []
        at = sum(first.values())
        for slices in tasks_of(first, last, min(self._partitions, MAX_PARTITIONS), MIN_POSTS_PER_PARTITION):
            until = at + sum(each.end - each.start for each in slices)
            found.append(TopicTask(tuple(slices), (at, until), planned_ms))
            at = until
        return found

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Read the slices of a task, and return their counts as one message, also if they have no posts."""
        if not isinstance(partition, TopicTask):
            raise TypeError(f"{partition!r} is not a TopicTask")
        configure_executor_logging()
        notes = TaskNotes(partition.span, partition.planned_ms)
        reader = self._reader()
        facts = _Facts()
        try:
            counted = count_posts(facts.watch(_tables(reader, partition)), self._how, notes)
        except BaseException:
            _readers.clear()
            raise
        slices = facts.of([*reader.counted()])
        nothing = Counted(CODED_COUNTS.empty_table(), USES.empty_table())
        yield pack((counted or nothing)._replace(slices=slices), notes.facts())
        _memory.note_work(notes.posts)

    def _reader(self) -> "TopicReader":
        from spark_job.executor.kafka_reader import TopicReader  # noqa: PLC0415 - the planner needs none

        name = json.dumps([self._client, self._topic, self._how[0]], sort_keys=True)
        if name not in _readers:
            _readers.clear()
            _readers[name] = TopicReader(self._client, self._topic, pane_ms=self._how[0])
        return _readers[name]

    def commit(self, end: dict[str, int]) -> None:
        """Nothing: the job's state says what is counted."""


class _Facts:
    """Counts the posts and the other messages of each partition while they pass."""

    def __init__(self) -> None:
        self._posts: dict[int, int] = {}
        self._newest_ms: dict[int, int] = {}
        self._skipped: dict[int, int] = {}

    def watch(self, slices: Iterator[Posts]) -> Iterator[Posts]:
        """Pass tables on. Messages that are no posts are only counted."""
        for tables, skipped in slices:
            for table in tables:
                self._note(table)
            for number in skipped:
                partition = number % PARTITIONS_AT_MOST
                self._skipped[partition] = self._skipped.get(partition, 0) + 1
            yield tables, []

    def _note(self, table: pa.Table) -> None:
        partitions = pc.bit_wise_and(table["offset"], pa.scalar(PARTITIONS_AT_MOST - 1, pa.int64()))
        groups = pa.table({"partition": partitions, "at_ms": table["at_ms"]}).group_by("partition", use_threads=False)
        found = groups.aggregate([([], "count_all"), ("at_ms", "max")]).to_pydict()
        for partition, posts, at_ms in zip(
            *(found[name] for name in ("partition", "count_all", "at_ms_max")), strict=True
        ):
            self._posts[partition] = self._posts.get(partition, 0) + posts
            self._newest_ms[partition] = max(self._newest_ms.get(partition, 0), at_ms)

    def of(self, slices: Sequence[CountedSlice]) -> list[CountedSlice]:
        """The slices of a task, with what was counted of them."""
        return [
            each._replace(
                posts=self._posts.get(each.partition, 0),
                skipped=self._skipped.get(each.partition, 0),
                newest_at_ms=self._newest_ms.get(each.partition, 0),
            )
            for each in slices
        ]


def _tables(reader: "TopicReader", task: TopicTask) -> Iterator[Posts]:
    for fetched in reader.read(task.slices):
        # The clock of this machine, or that of the driver, may be slow.
        now_ms = max(wall_ms(), *(task.planned_ms or (0,)))
        tables, skipped = read_rows(fetched.rows, fetched.row_numbers, now_ms, _times)
        others, also_skipped = read_values(fetched.values, fetched.numbers, now_ms, _times)
        tables, skipped = tables + others, skipped + also_skipped
        if skipped:
            # The driver warns, at most once a minute.
            logger.debug("%d messages are no posts, and are skipped", len(skipped))
        yield tables, skipped


def _positions(offsets: Mapping[str, int]) -> dict[int, int]:
    return {int(partition): int(offset) for partition, offset in offsets.items()}


def _named(positions: Mapping[int, int]) -> dict[str, int]:
    return {str(partition): offset for partition, offset in positions.items()}
