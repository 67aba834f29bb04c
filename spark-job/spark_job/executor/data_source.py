"""Ingest's log as a Spark data source: the driver plans offsets, and each task returns its counts as one message.

It runs on executors, so it imports pyspark, pyarrow and the standard library only.
"""

import logging
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any, TypeVar

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.types import StructType

from spark_job.executor.columns import offers_columns, parse_columns
from spark_job.executor.free_memory import FreeMemory
from spark_job.executor.ingest_client import ContractError, IngestClient, Slice, TooLargeError
from spark_job.executor.messages import MESSAGES_DDL, pack
from spark_job.executor.posts import POSTS_AND_PEOPLE_ARROW, read_posts
from spark_job.executor.printable import printable
from spark_job.executor.task_counts import Posts, count_posts
from spark_job.executor.task_facts import TaskNotes, wall_ms
from spark_job.log_lines import configure_executor_logging

logger = logging.getLogger(__name__)

#: Posts in a slice of lines, which has some 8 MB.
POSTS_PER_SLICE = 32_768
#: Posts in a slice of columns. It has some 8 MB too.
POSTS_PER_COLUMNS = 131_072
#: With fewer posts, a second task costs more than it saves.
MIN_POSTS_PER_PARTITION = 8_192
#: A larger slice is fetched in parts. A single post that is larger is skipped unread.
MAX_SLICE_BYTES = 64 << 20
#: Each partition has its own connection. Ingest accepts 128 at once, those of the driver and of other readers included.
MAX_PARTITIONS = 64
#: How long a task retries while it can't reach ingest. Then the query ends, and the job starts it again.
READ_PATIENCE_SECONDS = 20.0
STATUS_TIMEOUT_SECONDS = 2.0

#: The memory of this worker.
_memory = FreeMemory()

T = TypeVar("T")


class LogReplacedError(Exception):
    """Ingest serves another log, or a shorter one than was counted. So the offsets mean other posts now."""


@dataclass(frozen=True)
class OffsetRange(InputPartition):
    """Posts `start` … `end - 1`, read by one task.

    `columns`: ingest has offered the columns that counting needs; `planned_ms`: when planning began and ended.
    """

    start: int
    end: int
    columns: bool = False
    planned_ms: "tuple[int, int] | None" = field(default=None, compare=False)


class CountsDataSource(DataSource):
    """`spark.readStream.format("post_counts")`.

    Options: host, port, log, start, max_posts, partitions, pane_ms.
    """

    @classmethod
    def name(cls) -> str:
        """Format name under which it is registered."""
        return "post_counts"

    def schema(self) -> str:
        """Each row is one message with counts. The posts stay in ingest."""
        return MESSAGES_DDL

    def streamReader(self, schema: StructType) -> "CountsReader":  # noqa: ARG002, N802 - Spark's signature
        """The reader of one query."""
        return CountsReader(self.options)


class CountsReader(DataSourceStreamReader):
    """Offsets of ingest's log, capped per micro-batch.

    An exception in `latestOffset` ends the query. So when ingest can't be reached, the offset just stays the same. When
    the log was replaced, the query must end, and the job starts a new epoch.
    """

    def __init__(self, options: Any) -> None:
        self._host = str(options["host"])
        self._port = int(options["port"])
        self._log = str(options["log"])
        self._start = int(options["start"])
        self._max_posts = int(options["max_posts"])
        self._partitions = int(options["partitions"])
        self._pane_ms = int(options["pane_ms"])
        self._author_key = bytes.fromhex(options.get("author_key", ""))
        self._reached = self._start
        self._columns = False
        self._asked_ms = 0
        self._client = IngestClient(self._host, self._port, STATUS_TIMEOUT_SECONDS)

    def initialOffset(self) -> dict[str, int]:  # noqa: N802
        """The offset after the last counted post, from the job's state."""
        return {"offset": self._start}

    def latestOffset(self, start: Any = None, limit: Any = None) -> dict[str, int]:  # noqa: ARG002, N802
        """End of the next micro-batch; Spark 4.0 and 4.1 call it without arguments."""
        self._asked_ms = wall_ms()
        try:
            status = self._client.status()
        except (OSError, ContractError) as error:
            logger.debug("ingest can't be reached: %s", error)
            return {"offset": self._reached}
        if status["log"] != self._log or status["end"] < self._reached:
            raise LogReplacedError(f"log {self._log} at {self._reached} is now {status['log']} at {status['end']}")
        # Another version of ingest may be started at any time.
        self._columns = offers_columns(status)
        self._reached = max(self._reached, min(status["end"], self._reached + self._max_posts))
        return {"offset": self._reached}

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> list[OffsetRange]:
        """Equal shares, one a task."""
        first, last = start["offset"], end["offset"]
        self._reached = max(self._reached, last)
        planned_ms = (self._asked_ms, max(self._asked_ms, wall_ms())) if self._asked_ms else None
        parts = split(first, last, self._partitions)
        return [replace(part, columns=self._columns, planned_ms=planned_ms) for part in parts]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Fetch one partition slice by slice, as columns if ingest has them, and return its counts as one message.

        Posts at its front that ingest has trimmed are left out.
        """
        if not isinstance(partition, OffsetRange):
            raise TypeError(f"{partition!r} is not an OffsetRange")
        configure_executor_logging()
        notes = TaskNotes((partition.start, partition.end), partition.planned_ms)
        with IngestClient(self._host, self._port) as client:
            counted = count_posts(self._slices(client, partition), (self._pane_ms, self._author_key), notes)
        if counted is not None:
            yield pack(counted, notes.facts())
        _memory.note_work(partition.end - partition.start)

    def _slices(self, client: IngestClient, partition: OffsetRange) -> Iterator[Posts]:
        """Tables with the posts of the partition, and the offsets of posts that can't be read."""
        if not partition.columns:
            yield from self._lines(client, partition.start, partition.end)
            return
        at, most = partition.start, POSTS_PER_COLUMNS
        while at < partition.end:
            until = min(at + most, partition.end)
            try:
                posts = self._read_columns(client, at, until)
            except TooLargeError:
                if until - at > POSTS_PER_SLICE:
                    most = (until - at) // 2
                    continue
                posts = None
            if posts is None:
                yield from self._lines(client, at, until)
            elif posts.num_rows:
                yield [posts], []
            at, most = until, min(POSTS_PER_COLUMNS, most * 2)

    def _read_columns(self, client: IngestClient, start: int, end: int) -> "pa.Table | None":
        """Posts `start` … `end - 1` from the columns. `None` if only the lines can say which posts can be read.

        An ingest that was exchanged for an older one knows no columns. A post that breaks the contract makes the
        columns of all posts beside it unusable.
        """
        try:
            piece = retry_network_errors(lambda: client.read_columns(start, end, MAX_SLICE_BYTES))
            self._check(piece, start, end)
            return parse_columns(piece) if piece.posts else POSTS_AND_PEOPLE_ARROW.empty_table()
        except ContractError as error:
            logger.info("lines are read in place of columns: %s", printable(error))
            return None

    def _lines(self, client: IngestClient, start: int, end: int) -> Iterator[Posts]:
        """The same as `_slices`, from lines."""
        at, most = start, POSTS_PER_SLICE
        while at < end:
            until = min(at + most, end)
            try:
                piece = retry_network_errors(lambda at=at, end=until: client.read(at, end, MAX_SLICE_BYTES))  # type: ignore[misc]
            except TooLargeError as error:
                if until - at > 1:
                    most = (until - at) // 2
                    continue
                if error.posts != 1:
                    raise ContractError(f"one post was requested at offset {at}: {error}") from error
                logger.warning("the post at offset %d is skipped: %s", error.first, error)
                yield [], [error.first]
            else:
                self._check(piece, at, until)
                if piece.posts:
                    yield read_posts(piece)
            at, most = until, min(POSTS_PER_SLICE, most * 2)

    def stop(self) -> None:
        """Close the connection when the query has ended.

        If Spark has closed its pipe, PySpark would try to report that to Spark and print a traceback. So this process
        ends here.
        """
        self._client.close()
        if sys.exc_info()[0] is EOFError:
            os._exit(0)

    def _check(self, piece: Slice, start: int, end: int) -> None:
        if piece.log != self._log:
            raise LogReplacedError(f"log {self._log} is now {piece.log}")
        if piece.first < start or piece.first + piece.posts > max(end, piece.first):
            raise ContractError(f"{start} to {end} were requested, {piece.first} to {piece.first + piece.posts} came")
        if piece.first + piece.posts < end and piece.first < end:
            raise LogReplacedError(f"{start} to {end} were promised, {piece.first + piece.posts} is the end")


def split(start: int, end: int, partitions: int) -> list[OffsetRange]:
    """Cut `[start, end)` into at most `partitions` ranges of about equal length.

    There are fewer when ranges would be tiny, or more than ingest accepts connections.
    """
    posts = end - start
    count = max(1, min(partitions, MAX_PARTITIONS, posts // MIN_POSTS_PER_PARTITION)) if posts > 0 else 0
    cuts = [start + posts * i // count for i in range(count)] + [end]
    return [OffsetRange(a, b) for a, b in pairwise(cuts) if b > a]


def retry_network_errors(
    call: Callable[[], T],
    patience_seconds: float = READ_PATIENCE_SECONDS,
    monotonic_seconds: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
    rand: Callable[[], float] = random.random,
) -> T:
    """Repeat `call` after network errors, with backoff and jitter.

    Raises:
        OSError: The last error, when `patience_seconds` are over.

    """
    give_up_at, pause_seconds = monotonic_seconds() + patience_seconds, 0.1
    while True:
        try:
            return call()
        except OSError:
            if monotonic_seconds() + pause_seconds >= give_up_at:
                raise
        wait(pause_seconds * (0.5 + rand()))
        pause_seconds = min(2.0, pause_seconds * 2)
