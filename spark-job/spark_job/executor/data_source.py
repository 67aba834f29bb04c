"""Ingest's log as a Spark data source: offsets on the driver, counts of a task's posts as one message of an executor.

Needs nothing but pyspark, pyarrow and the standard library, since it also runs on executors.
"""

import logging
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import pyarrow as pa
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition
from pyspark.sql.types import StructType

from spark_job.executor.counting import add_up, count_slice, skipped_posts
from spark_job.executor.ingest_client import ContractError, IngestClient, Slice, TooLargeError
from spark_job.executor.messages import MESSAGES_DDL, pack
from spark_job.executor.posts import readable

logger = logging.getLogger(__name__)

# A partition is fetched in slices of so many posts, so that a task holds some 8 MB and not a whole batch.
POSTS_PER_SLICE = 32_768
# Below this a second task costs more than it saves.
MIN_POSTS_PER_PARTITION = 8_192
# Slices of more bytes, as of long posts, are asked for in parts; a single post of more is skipped unread.
MAX_SLICE_BYTES = 64 << 20
# Each partition has a connection to ingest, which takes 128 at once, those of the driver and of others included.
MAX_PARTITIONS = 64
# How long a task waits for an ingest that is away before the query is ended (and started again by the job).
READ_PATIENCE_SECONDS = 20.0
STATUS_TIMEOUT_SECONDS = 2.0

T = TypeVar("T")


class LogReplacedError(Exception):
    """Ingest serves another log, or less of it than was counted: offsets mean other posts now."""


@dataclass(frozen=True)
class OffsetRange(InputPartition):
    """Posts `start` … `end - 1`, read by one task."""

    start: int
    end: int


class CountsDataSource(DataSource):
    """`spark.readStream.format("post_counts")`.

    Options: host, port, log, start, max_posts, partitions, pane_ms.
    """

    @classmethod
    def name(cls) -> str:
        """Format name under which it is registered."""
        return "post_counts"

    def schema(self) -> str:
        """A message of counts a row; posts themselves stay in ingest."""
        return MESSAGES_DDL

    def streamReader(self, schema: StructType) -> "CountsReader":  # noqa: ARG002, N802 - Spark's signature
        """One reader serves for the query's whole life."""
        return CountsReader(self.options)


class CountsReader(DataSourceStreamReader):
    """Offsets of ingest's log, capped per micro-batch.

    An exception in `latestOffset` ends the query, so an ingest that can't be reached just means that there is
    nothing new. A log that was replaced must end it: the job then starts a new epoch.
    """

    def __init__(self, options: Any) -> None:
        self._host = str(options["host"])
        self._port = int(options["port"])
        self._log = str(options["log"])
        self._start = int(options["start"])
        self._max_posts = int(options["max_posts"])
        self._partitions = int(options["partitions"])
        self._pane_ms = int(options["pane_ms"])
        self._reached = self._start
        self._client = IngestClient(self._host, self._port, STATUS_TIMEOUT_SECONDS)

    def initialOffset(self) -> dict[str, int]:  # noqa: N802
        """Where the counted posts end, as the job's database says."""
        return {"offset": self._start}

    def latestOffset(self, start: Any = None, limit: Any = None) -> dict[str, int]:  # noqa: ARG002, N802
        """End of the next micro-batch; Spark 4.0 and 4.1 call it without arguments."""
        try:
            status = self._client.status()
        except (OSError, ContractError) as error:
            logger.debug("ingest is away: %s", error)
            return {"offset": self._reached}
        if status["log"] != self._log or status["end"] < self._reached:
            raise LogReplacedError(f"log {self._log} at {self._reached} is now {status['log']} at {status['end']}")
        self._reached = max(self._reached, min(status["end"], self._reached + self._max_posts))
        return {"offset": self._reached}

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> list[OffsetRange]:
        """Equal shares, one a task."""
        first, last = start["offset"], end["offset"]
        self._reached = max(self._reached, last)
        return split(first, last, self._partitions)

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Counts of one partition as one message, fetched slice by slice; a trimmed front is left out."""
        if not isinstance(partition, OffsetRange):
            raise TypeError(f"{partition!r} is not an OffsetRange")
        with IngestClient(self._host, self._port) as client:
            counted = [*self._counts(client, partition)]
        if counted:
            yield pack(add_up(counted))

    def _counts(self, client: IngestClient, partition: OffsetRange) -> Iterator[pa.Table]:
        at, most = partition.start, POSTS_PER_SLICE
        while at < partition.end:
            until = min(at + most, partition.end)
            try:
                piece = patiently(lambda start=at, end=until: client.read(start, end, MAX_SLICE_BYTES))  # type: ignore[misc]
            except TooLargeError as error:
                if until - at > 1:
                    most = (until - at) // 2
                    continue
                if error.posts != 1:
                    raise ContractError(f"one post was asked for at offset {at}: {error}") from error
                logger.warning("the post at offset %d is skipped: %s", error.first, error)
                yield skipped_posts([error.first])
            else:
                self._check(piece, at, until)
                yield from self._count(piece)
            at, most = until, min(POSTS_PER_SLICE, most * 2)

    def _count(self, piece: Slice) -> Iterator[pa.Table]:
        if piece.posts:
            found, skipped = readable(piece)
            for posts in found:
                yield count_slice(posts, self._pane_ms)
            if skipped:
                yield skipped_posts(skipped)

    def stop(self) -> None:
        """The query has ended.

        When Spark just hangs up, its Python process would try to tell it so, and print a traceback if it fails before
        it is killed: then there is nobody to tell, and nothing left to do.
        """
        self._client.close()
        if sys.exc_info()[0] is EOFError:
            os._exit(0)

    def _check(self, piece: Slice, start: int, end: int) -> None:
        if piece.log != self._log:
            raise LogReplacedError(f"log {self._log} is now {piece.log}")
        if piece.first < start or piece.first + piece.posts > max(end, piece.first):
            raise ContractError(f"{start} to {end} were asked for, {piece.first} to {piece.first + piece.posts} came")
        if piece.first + piece.posts < end and piece.first < end:
            raise LogReplacedError(f"{start} to {end} were promised, {piece.first + piece.posts} is the end")


def split(start: int, end: int, partitions: int) -> list[OffsetRange]:
    """Cut `[start, end)` into at most `partitions` ranges, fewer when they would be tiny or too many for ingest."""
    posts = end - start
    count = max(1, min(partitions, MAX_PARTITIONS, posts // MIN_POSTS_PER_PARTITION)) if posts > 0 else 0
    cuts = [start + posts * i // count for i in range(count)] + [end]
    return [OffsetRange(a, b) for a, b in pairwise(cuts) if b > a]


def patiently(
    call: Callable[[], T],
    patience_seconds: float = READ_PATIENCE_SECONDS,
    now: Callable[[], float] = time.monotonic,
    wait: Callable[[float], None] = time.sleep,
    rand: Callable[[], float] = random.random,
) -> T:
    """Repeat `call` through network errors, with backoff and jitter; the last error is raised when patience ends."""
    give_up_at, pause_seconds = now() + patience_seconds, 0.1
    while True:
        try:
            return call()
        except OSError:
            if now() + pause_seconds >= give_up_at:
                raise
        wait(pause_seconds * (0.5 + rand()))
        pause_seconds = min(2.0, pause_seconds * 2)
