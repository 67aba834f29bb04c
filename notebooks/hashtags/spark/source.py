"""Ingest's log as a data source of Spark: `spark.readStream.format("hashtags")`.

It reads by offset and never acknowledges. So it disturbs neither the running job nor other readers. What its classes
need is sent to Spark's workers with them. So a cluster does not need this package.
"""

import os
import sys
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
from pyspark import cloudpickle
from pyspark.sql import SparkSession
from pyspark.sql.datasource import DataSource, DataSourceReader, DataSourceStreamReader, InputPartition
from pyspark.sql.types import StructType

from hashtags.spark.options import EARLIEST, LATEST, Options
from hashtags.spark.partitions import OffsetRange, cut, read_range
from hashtags.spark.planner import BatchPlan, StreamPlan
from hashtags.spark.rows import POSTS_DDL

try:
    from pyspark.sql.streaming.datasource import ReadMaxRows, SupportsTriggerAvailableNow
except ImportError:  # Spark 4.0 and 4.1

    class SupportsTriggerAvailableNow:  # type: ignore[no-redef]
        """Nothing: without it, Spark reads all that is available at once."""

    ReadMaxRows = None  # type: ignore[misc, assignment]


def register(spark: SparkSession) -> None:
    """Make the format `hashtags` known to `spark`."""
    cloudpickle.register_pickle_by_value(sys.modules["hashtags.spark"])  # type: ignore[no-untyped-call]
    spark.dataSource.register(HashtagsSource)


class HashtagsSource(DataSource):
    """The posts of ingest's log.

    Options: host (localhost), port (9009), startingOffsets (`earliest`, `latest` or an offset; a stream begins at
    `latest`), endingOffsets (`latest` or an offset; a stream without one goes on), maxPostsPerBatch (50,000; for
    streams of Spark 4.2 and later).
    """

    @classmethod
    def name(cls) -> str:
        """Return the name of the format."""
        return "hashtags"

    def schema(self) -> str:
        """Return the columns of a post."""
        return POSTS_DDL

    def reader(self, schema: StructType) -> "LogReader":  # noqa: ARG002 - Spark's signature
        """Return the reader of `spark.read`."""
        return LogReader(Options.of(self.options, EARLIEST))

    def streamReader(self, schema: StructType) -> "LogStream":  # noqa: ARG002, N802
        """Return the reader of `spark.readStream`."""
        return LogStream(Options.of(self.options, LATEST))


class LogReader(DataSourceReader):
    """Reads a part of the log once."""

    def __init__(self, options: Options) -> None:
        self._options = options

    def partitions(self) -> list[InputPartition]:
        """Return the parts, one for each task."""
        plan = BatchPlan(self._options).offsets()
        # Spark makes a part of its own from an empty list.
        return [*cut(*plan)] or [OffsetRange(*plan)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Yield the posts of one part. It runs in a worker of Spark."""
        yield from _read(self._options, partition)


class LogStream(DataSourceStreamReader, SupportsTriggerAvailableNow):
    """Reads the log as it grows. Spark stores the offset in the checkpoint, and begins there after a restart."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._plan = StreamPlan(options)

    def initialOffset(self) -> dict[str, Any]:  # noqa: N802
        """Return where a query without a checkpoint begins."""
        return self._plan.initial()

    def getDefaultReadLimit(self) -> Any:  # noqa: N802
        """Return the most posts of a micro-batch. Only Spark 4.2 and later request it."""
        return ReadMaxRows(self._options.most_posts)

    def latestOffset(self, start: Any = None, limit: Any = None) -> dict[str, Any]:  # noqa: N802
        """Return the end of the next micro-batch; Spark 4.0 and 4.1 call it without arguments, and want all posts."""
        return self._plan.latest(start, getattr(limit, "max_rows", None))

    def prepareForTriggerAvailableNow(self) -> None:  # noqa: N802
        """Note where the log ends now: `trigger(availableNow=True)` reads up to there."""
        self._plan.stop_at_end()

    def partitions(self, start: dict[str, Any], end: dict[str, Any]) -> list[InputPartition]:
        """Return the parts of a micro-batch, one for each task."""
        return [*self._plan.partitions(start, end)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """Yield the posts of one part. It runs in a worker of Spark."""
        yield from _read(self._options, partition)

    def stop(self) -> None:
        """Close the connection when the query has ended.

        If Spark has closed its pipe, PySpark would try to report that to Spark and print a traceback. So this process
        ends here.
        """
        self._plan.close()
        if sys.exc_info()[0] is EOFError:
            os._exit(0)


def _read(options: Options, partition: InputPartition) -> Iterator[pa.RecordBatch]:
    if not isinstance(partition, OffsetRange):
        raise TypeError(f"{partition!r} is not an OffsetRange")
    return read_range(options, partition)
