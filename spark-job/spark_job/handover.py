"""From Spark to the state: while one micro-batch is written, Spark counts the next.

Spark is told that a micro-batch is done before it is. That is right because its checkpoint is thrown away: the stored
offset alone says what is counted, and the next query begins there.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa
from pyspark.sql import DataFrame

from spark_job.counts import collect

# Counts (a table of `slice_counts.COUNTS_ARROW`), the number of their micro-batch, and when Spark began with it.
Write = Callable[[pa.Table, int, int], None]


class Handover:
    """That of one query: its micro-batches are written one after the other, and none behind one that failed."""

    def __init__(self, write: Write, now_ms: Callable[[], int]) -> None:
        """`write` is called from a thread of its own."""
        self._write = write
        self._now_ms = now_ms
        self._writer = ThreadPoolExecutor(1, "writer")
        self._under_way: Future[None] | None = None

    def on_batch(self, messages: DataFrame, batch_id: int) -> None:
        """What Spark calls for each micro-batch: its one action; then hand it over, once the one before is written.

        Raises what the one before met, which ends the query.
        """
        started_ms = self._now_ms()
        counts = collect(messages)
        if self._under_way is not None:
            self._under_way.result()
        self._under_way = self._writer.submit(self._write, counts, batch_id, started_ms)

    @property
    def failure(self) -> BaseException | None:
        """What the last micro-batch met, as soon as it is known: without a next one Spark never learns of it."""
        under_way = self._under_way
        return under_way.exception() if under_way is not None and under_way.done() else None

    def close(self) -> None:
        """Wait for the micro-batch that is being written; call it when the query has ended."""
        self._writer.shutdown()
