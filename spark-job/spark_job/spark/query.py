"""The streaming query. It starts at the stored offset, with a checkpoint that is thrown away."""

import json
import logging
import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from traceback import format_exception_only

from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from spark_job.executor.data_source import CountsDataSource
from spark_job.executor.kafka_source import TopicDataSource
from spark_job.settings import Settings
from spark_job.spark.batch_writer import BatchWriter, NoteMessages, WriteCounted
from spark_job.spark.errors import JAVA_HAS_ENDED, SparkGoneError, detect_spark_exit, key_line
from spark_job.spark.planners import end_planners
from spark_job.spark.session import java_process

logger = logging.getLogger(__name__)

AUTHOR_KEY_BYTES = 16


class Query:
    """One query at a time. Each start has a new checkpoint, because only the state says what is counted."""

    def __init__(
        self,
        spark: SparkSession,
        settings: Settings,
        scratch: Path,
        write: WriteCounted,
        wall_ms: Callable[[], int],
        token: Callable[[int], str] = secrets.token_hex,
        note: NoteMessages = lambda *_: None,
        author_key: str | None = None,
    ) -> None:
        """Args:
        spark: The session.
        settings: The settings of the job.
        scratch: A folder for checkpoints.
        write: Is called for each micro-batch, from a thread of its own.
        wall_ms: Milliseconds since 1970.
        token: Makes the key of the hashes of authors, see `executor/line_authors.py`.
        note: Is called with the messages of each micro-batch, before it is written.
        author_key: The key, if it is stored.

        Raises:
            SparkGoneError: Spark is gone.

        """
        self._spark = spark
        self._settings = settings
        self._write = write
        self._note = note
        self._wall_ms = wall_ms
        self._scratch = scratch
        self._author_key = author_key or token(AUTHOR_KEY_BYTES)
        self._starts = 0
        self._query: StreamingQuery | None = None
        self._writer: BatchWriter | None = None
        self._checkpoint: Path | None = None
        self._start_failure: str | None = None
        self._java = java_process(spark)
        with detect_spark_exit():
            spark.dataSource.register(TopicDataSource if settings.log_url else CountsDataSource)

    @property
    def running(self) -> bool:
        """Whether Spark counts and its counts are written.

        Raises:
            SparkGoneError: Spark is gone.

        """
        # Without a query nothing below asks Java, as long as ingest can't be reached.
        if self._java is not None and self._java.poll() is not None:
            raise SparkGoneError(JAVA_HAS_ENDED)
        with detect_spark_exit():
            return self._query is not None and bool(self._query.isActive) and not self._write_failure()

    def start(self, log: str, offset: int, positions: Mapping[int, int] | None = None) -> None:
        """Count `log` from `offset` on, or a topic from these positions. If it fails, `pop_failure` returns why."""
        self._starts += 1
        self._checkpoint = self._scratch / f"checkpoint-{self._starts}"
        self._writer = BatchWriter(self._write, self._wall_ms, self._settings.max_posts_per_batch, self._note)
        try:
            with detect_spark_exit():
                counts = self._of_topic(log, positions or {}) if self._settings.log_url else self._of_spool(log, offset)
                self._query = self._start(counts, self._checkpoint, self._writer)
        except (Py4JError, PySparkException) as error:
            self._start_failure = key_line(str(error))

    def _of_spool(self, log: str, offset: int) -> DataFrame:
        return (
            self._spark.readStream.format("post_counts")
            .option("host", self._settings.ingest_host)
            .option("port", self._settings.ingest_port)
            .option("log", log)
            .option("start", offset)
            .options(**self._options)
            .load()
        )

    def _of_topic(self, log: str, positions: Mapping[int, int]) -> DataFrame:
        return (
            self._spark.readStream.format("topic_counts")
            .option("client", json.dumps(self._settings.kafka_client()))
            .option("topic", self._settings.kafka_topic)
            .option("log", log)
            .option("start", json.dumps(positions))
            .options(**self._options)
            .load()
        )

    @property
    def _options(self) -> dict[str, int | str]:
        return {
            "max_posts": self._settings.max_posts_per_batch,
            "partitions": self._spark.sparkContext.defaultParallelism,
            "pane_ms": self._settings.pane_seconds * 1000,
            "author_key": self._author_key,
        }

    def _start(self, counts: DataFrame, checkpoint: Path, writer: BatchWriter) -> StreamingQuery:
        return (
            counts.writeStream.foreachBatch(writer.on_batch)
            .trigger(processingTime=f"{round(self._settings.trigger_seconds * 1000)} milliseconds")
            # Not as a URI: Hadoop would read its %20 as a part of the name.
            .option("checkpointLocation", f"file:{checkpoint.absolute()}")
            .start()
        )

    def pop_failure(self) -> str | None:
        """Return why the query ended, as one sentence, and remove it. `None` if none was started."""
        failure, self._start_failure = self._start_failure, None
        if self._query is not None:
            failure = self._write_failure() or self._query_failure(self._query)
        self.stop()
        return failure

    def _write_failure(self) -> str | None:
        error = self._writer.failure if self._writer is not None else None
        return None if error is None else key_line("".join(format_exception_only(error)))

    @staticmethod
    def _query_failure(query: StreamingQuery) -> str:
        with detect_spark_exit():
            error = query.exception()
        return key_line(str(error)) if error is not None else "the query ended without an error"

    def end_planners(self) -> None:
        """End the Python processes that only planned the query. Call it when the query counts."""
        if self._java is not None:
            end_planners(self._java.pid)

    def stop(self) -> None:
        """End the query, if Spark is still there."""
        try:
            if self._query is not None:
                self._query.stop()
        except (Py4JError, PySparkException, OSError) as error:
            logger.debug("Spark was gone before its query was stopped: %s", type(error).__name__)
        self._discard()

    def _discard(self) -> None:
        self._query = None
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        if self._checkpoint is not None:
            shutil.rmtree(self._checkpoint, ignore_errors=True)
            self._checkpoint = None
