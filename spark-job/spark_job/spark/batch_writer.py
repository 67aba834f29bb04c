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

from spark_job.executor.free_memory import FreeMemory
from spark_job.executor.messages import Counted, collect, unpack

# What was counted, the number of its micro-batch, and when Spark began with it.
WriteCounted = Callable[[Counted, int, int], None]
# The number of a micro-batch, the messages of its tasks, and when it was begun and counted.
NoteMessages = Callable[[int, pa.Table, int, int], None]


class BatchWriter:
    """The writer of one query. It writes one micro-batch after the other, and none after one that failed."""

    def __init__(
        self,
        write: WriteCounted,
        wall_ms: Callable[[], int],
        full_posts: int,
        note: NoteMessages = lambda *_: None,
    ) -> None:
        """Args:
        write: Is called from a thread of its own.
        wall_ms: Milliseconds since 1970.
        full_posts: Offsets that a full micro-batch covers.
        note: Is called with the messages of each micro-batch, before it is written.
        """
        self._write = write
        self._note = note
        self._full_posts = full_posts
        self._wall_ms = wall_ms
        self._writer = ThreadPoolExecutor(1, "writer")
        self._pending: Future[None] | None = None
        self._memory = FreeMemory()

    def on_batch(self, messages: DataFrame, batch_id: int) -> None:
        """Spark calls this for each micro-batch: count it, and write it when the one before is written.

        Raises:
            Exception: The error of a write: of the one before, or of this one if it is not full. It ends the query.

        """
        started_ms = self._wall_ms()
        table = collect(messages)
        counted = unpack(table)
        self._note(batch_id, table, started_ms, self._wall_ms())
        if self._pending is not None:
            self._pending.result()
        self._pending = self._writer.submit(self._write, counted, batch_id, started_ms)
        covered = covered_offsets(counted)
        if covered < self._full_posts:
            self._pending.result()
        self._memory.note_work(covered)

    @property
    def failure(self) -> BaseException | None:
        """The error of the last write, as soon as it is known. Spark learns of it only with the next micro-batch."""
        pending = self._pending
        return pending.exception() if pending is not None and pending.done() else None

    def close(self) -> None:
        """Wait for the write in progress. Call it when the query has ended."""
        self._writer.shutdown()


def covered_offsets(counted: Counted) -> int:
    """How many offsets a micro-batch covers."""
    counts = counted.counts
    if counted.slices:
        return sum(each.end - each.start for each in counted.slices)
    if counts.num_rows == 0:
        return 0
    return int(pc.max(counts["last_offset"]).as_py() - pc.min(counts["first_offset"]).as_py() + 1)
