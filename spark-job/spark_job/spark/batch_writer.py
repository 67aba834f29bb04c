"""Write micro-batches to the state. While a full one is written, Spark counts the next.

Spark learns that a micro-batch is done before it is written. That is right because Spark's checkpoint is thrown away:
only the stored offset says what is counted, and the next query begins there. After a micro-batch that is not full, no
posts wait. To count the few new ones now would only take the cores from the writer, so Spark waits.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from spark_job.executor.messages import Counted, collect

# What was counted, the number of its micro-batch, and when Spark began with it.
WriteCounted = Callable[[Counted, int, int], None]


class BatchWriter:
    """The writer of one query. It writes one micro-batch after the other, and none after one that failed."""

    def __init__(self, write: WriteCounted, wall_ms: Callable[[], int], full_posts: int) -> None:
        """Args:
        write: Is called from a thread of its own.
        wall_ms: Milliseconds since 1970.
        full_posts: Offsets that a full micro-batch covers.
        """
        self._write = write
        self._full_posts = full_posts
        self._wall_ms = wall_ms
        self._writer = ThreadPoolExecutor(1, "writer")
        self._pending: Future[None] | None = None

    def on_batch(self, messages: DataFrame, batch_id: int) -> None:
        """Spark calls this for each micro-batch: count it, and write it when the one before is written.

        Raises:
            Exception: The error of a write: of the one before, or of this one if it is not full. It ends the query.

        """
        started_ms = self._wall_ms()
        counted = collect(messages)
        if self._pending is not None:
            self._pending.result()
        self._pending = self._writer.submit(self._write, counted, batch_id, started_ms)
        if covered_offsets(counted.counts) < self._full_posts:
            self._pending.result()

    @property
    def failure(self) -> BaseException | None:
        """The error of the last write, as soon as it is known. Spark learns of it only with the next micro-batch."""
        pending = self._pending
        return pending.exception() if pending is not None and pending.done() else None

    def close(self) -> None:
        """Wait for the write in progress. Call it when the query has ended."""
        self._writer.shutdown()


def covered_offsets(counts: pa.Table) -> int:
    """How many offsets the counts cover."""
    if counts.num_rows == 0:
        return 0
    return int(pc.max(counts["last_offset"]).as_py() - pc.min(counts["first_offset"]).as_py() + 1)
