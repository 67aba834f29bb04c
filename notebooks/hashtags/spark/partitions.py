"""Parts of the log: which there are, and how a task reads one."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa
from pyspark.sql.datasource import InputPartition

from hashtags.spark.log import Log, LogError, with_patience
from hashtags.spark.options import Options
from hashtags.spark.rows import rows_of

#: A task reads at most this many posts, some 4 MB.
POSTS_PER_TASK = 10_000
#: Posts that a task requests at once.
POSTS_PER_REQUEST = 5_000


@dataclass(frozen=True)
class OffsetRange(InputPartition):
    """The posts `start` … `end - 1` of the log `log`."""

    log: str
    start: int
    end: int


def cut(log: str, start: int, end: int) -> Iterator[OffsetRange]:
    """Yield parts of about equal length, each for one task."""
    posts = end - start
    if posts <= 0:
        return
    count = -(-posts // POSTS_PER_TASK)
    for first, last in pairwise([start + posts * number // count for number in range(count + 1)]):
        yield OffsetRange(log, first, last)


def warn_of_removed(first: int, end: int) -> None:
    """Say that the posts `first` … `end - 1` can't be read any more."""
    sys.stderr.write(
        f"hashtags: {end - first:,} posts ({first} to {end - 1}) were removed from the log before they were read.\n"
    )
    sys.stderr.flush()


def read_range(options: Options, part: OffsetRange) -> Iterator[pa.RecordBatch]:
    """Yield the posts of a part.

    Raises:
        LogError: The log can't be read, or is another one.

    """
    with Log(options.host, options.port) as log:
        at = part.start
        while at < part.end:
            until = min(part.end, at + POSTS_PER_REQUEST)
            found = with_patience(lambda at=at, until=until: log.read(at, until), log)  # type: ignore[misc]
            if found.log != part.log:
                raise LogError(replaced(options))
            if found.first > at:
                warn_of_removed(at, min(found.first, until))
            if found.lines:
                yield rows_of(found.lines)
            elif found.first < until:
                raise LogError(replaced(options))
            at = max(at, min(found.first, until)) + len(found.lines)


def replaced(options: Options) -> str:
    """Return the sentence for an offset of another log."""
    return (
        f"The log at {options.host}:{options.port} is not the one to which the offset belongs: ingest has begun a new"
        " one. Start the query with another checkpointLocation."
    )
