"""From Spark to the state: while a full micro-batch is written, Spark counts the next.

Spark is told that it is done before it is. That is right because Spark's checkpoint is thrown away: the stored offset
alone says what is counted, and the next query begins there. Behind a micro-batch that isn't full nothing waits, and to
count what has just come would only take the cores from it: so Spark waits as well.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from spark_job.executor.messages import collect

# Counts (a table of `slice_counts.COUNTS_ARROW`), the number of their micro-batch, and when Spark began with it.
Write = Callable[[pa.Table, int, int], None]


class Handover:
    """That of one query: its micro-batches are written one after the other, and none behind one that failed."""

    def __init__(self, write: Write, now_ms: Callable[[], int], full_posts: int) -> None:
        """`write` is called from a thread of its own; a full micro-batch covers `full_posts` offsets."""
        self._write = write
        self._full_posts = full_posts
        self._now_ms = now_ms
        self._writer = ThreadPoolExecutor(1, "writer")
        self._under_way: Future[None] | None = None

    def on_batch(self, messages: DataFrame, batch_id: int) -> None:
        """What Spark calls for each micro-batch: its one action; then hand it over, once the one before is written.

        Raises what that one met, or this one if it was waited for, which ends the query.
        """
        started_ms = self._now_ms()
        counts = collect(messages)
        if self._under_way is not None:
            self._under_way.result()
        self._under_way = self._writer.submit(self._write, counts, batch_id, started_ms)
        if covered(counts) < self._full_posts:
            self._under_way.result()

    @property
    def failure(self) -> BaseException | None:
        """What the last micro-batch met, as soon as it is known: without a next one Spark never learns of it."""
        under_way = self._under_way
        return under_way.exception() if under_way is not None and under_way.done() else None

    def close(self) -> None:
        """Wait for the micro-batch that is being written; call it when the query has ended."""
        self._writer.shutdown()


def covered(counts: pa.Table) -> int:
    """How many offsets some counts cover."""
    if counts.num_rows == 0:
        return 0
    return int(pc.max(counts["last_offset"]).as_py() - pc.min(counts["first_offset"]).as_py() + 1)
