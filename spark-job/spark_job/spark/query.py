"""The streaming query: started from the stored offset, on a checkpoint that is thrown away."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from traceback import format_exception_only

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from spark_job.executor.data_source import CountsDataSource
from spark_job.settings import Settings
from spark_job.spark.batch_writer import Handover, Write
from spark_job.spark.errors import spark_expected, telling_line

logger = logging.getLogger(__name__)


class Query:
    """One query at a time; each start has a checkpoint of its own, since the state alone says what is counted."""

    def __init__(
        self, spark: SparkSession, settings: Settings, scratch: Path, write: Write, now_ms: Callable[[], int]
    ) -> None:
        """`write` is called for each micro-batch, from a thread of its own."""
        self._spark = spark
        self._settings = settings
        self._write = write
        self._now_ms = now_ms
        self._scratch = scratch
        self._starts = 0
        self._query: StreamingQuery | None = None
        self._handover: Handover | None = None
        self._checkpoint: Path | None = None
        self._start_failure: str | None = None
        spark.dataSource.register(CountsDataSource)

    @property
    def running(self) -> bool:
        """Whether Spark is counting, and what it counts is written; raises `SparkGoneError` when it is gone."""
        with spark_expected():
            return self._query is not None and bool(self._query.isActive) and not self._write_failure()

    def start(self, log: str, offset: int) -> None:
        """Count `log` from `offset` on; a start that fails shows in `take_failure`."""
        self._starts += 1
        self._checkpoint = self._scratch / f"checkpoint-{self._starts}"
        self._handover = Handover(self._write, self._now_ms, self._settings.max_posts_per_batch)
        try:
            with spark_expected():
                self._query = self._start(log, offset, self._checkpoint, self._handover)
        except (Py4JError, PySparkException) as error:
            self._start_failure = telling_line(str(error))

    def _start(self, log: str, offset: int, checkpoint: Path, handover: Handover) -> StreamingQuery:
        counts = (
            self._spark.readStream.format("post_counts")
            .option("host", self._settings.ingest_host)
            .option("port", self._settings.ingest_port)
            .option("log", log)
            .option("start", offset)
            .option("max_posts", self._settings.max_posts_per_batch)
            .option("partitions", self._spark.sparkContext.defaultParallelism)
            .option("pane_ms", self._settings.pane_seconds * 1000)
            .load()
        )
        return (
            counts.writeStream.foreachBatch(handover.on_batch)
            .trigger(processingTime=f"{round(self._settings.trigger_seconds * 1000)} milliseconds")
            # Not as a URI: Hadoop would take its %20 for a part of the name.
            .option("checkpointLocation", f"file:{checkpoint.absolute()}")
            .start()
        )

    def take_failure(self) -> str | None:
        """Why the query ended, as one sentence, and make room for the next; `None` if none was started."""
        failure, self._start_failure = self._start_failure, None
        if self._query is not None:
            failure = self._write_failure() or self._query_failure(self._query)
        self.stop()
        return failure

    def _write_failure(self) -> str | None:
        error = self._handover.failure if self._handover is not None else None
        return None if error is None else telling_line("".join(format_exception_only(error)))

    @staticmethod
    def _query_failure(query: StreamingQuery) -> str:
        with spark_expected():
            error = query.exception()
        return telling_line(str(error)) if error is not None else "the query ended without an error"

    def stop(self) -> None:
        """End the query, if Spark is still there to be told."""
        try:
            if self._query is not None:
                self._query.stop()
        except (Py4JError, PySparkException, OSError) as error:
            logger.debug("Spark was gone before it was told to end: %s", type(error).__name__)
        self._discard()

    def _discard(self) -> None:
        self._query = None
        if self._handover is not None:
            self._handover.close()
            self._handover = None
        if self._checkpoint is not None:
            shutil.rmtree(self._checkpoint, ignore_errors=True)
            self._checkpoint = None
