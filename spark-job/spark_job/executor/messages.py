"""Pack what a task has counted into Arrow messages, which Java carries to the driver without reading them.

To convert a count into a Java row and back takes some three microseconds, and much more while Java is cold. Half a
million posts with rare tags have a hundred and fifty thousand counts.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from pyspark.sql import DataFrame

from spark_job.executor.counting import COUNTS_ARROW
from spark_job.executor.kafka_slices import CountedSlice, slices_of, with_slices
from spark_job.executor.tag_pairs import PAIRS
from spark_job.executor.tag_uses import USES
from spark_job.executor.task_facts import TaskFacts, with_facts

#: The messages of a task.
TABLES = ("counts", "uses", "pairs")
MESSAGES_DDL = "counts binary, uses binary, pairs binary"
NO_PAIRS = PAIRS.empty_table()
#: The pairs of a task as a message of their own, as the driver stores them: the start of the last of its panes, and how
#: many panes and pairs it has.
PACKED_PAIRS = pa.schema([("pane_ms", pa.int64()), ("panes", pa.int64()), ("rows", pa.int64()), ("pairs", pa.binary())])
#: A smaller message is not compressed: to begin with a compression takes longer than to copy such a message.
LEAST_PACKED_BYTES = 64 << 10


class Counted(NamedTuple):
    """What was counted of some posts.

    Args:
        counts: A table of `CODED_COUNTS` on the executors, and of `COUNTS_ARROW` in the driver.
        uses: A table of `USES`.
        pairs: A table of `PAIRS` on the executors, and of `PACKED_PAIRS` in the driver.
        slices: The slices of a topic, if the log is on Kafka.

    """

    counts: pa.Table
    uses: pa.Table
    pairs: pa.Table = NO_PAIRS
    slices: Sequence[CountedSlice] = ()


def pack(counted: Counted, facts: "TaskFacts | None" = None) -> pa.RecordBatch:
    """One row with three messages. The first has the facts of the task and its slices, if there are any."""
    counts = counted.counts if facts is None else with_facts(counted.counts, facts)
    if counted.slices:
        counts = with_slices(counts, counted.slices)
    tables = (counts, counted.uses, pack_pairs(counted.pairs))
    return pa.record_batch([pa.array([to_message(table)], pa.binary()) for table in tables], TABLES)


def pack_pairs(pairs: pa.Table) -> pa.Table:
    """A table of `PACKED_PAIRS` with at most one row, from one of `PAIRS`. The executors make it, not the driver."""
    if not len(pairs):
        return PACKED_PAIRS.empty_table()
    panes = pc.unique(pairs["pane_ms"])
    return pa.table([[value] for value in (pc.max(panes), len(panes), len(pairs), to_message(pairs))], PACKED_PAIRS)


def unpack(messages: pa.Table) -> Counted:
    """What all messages have, in one. Counts of several tasks are not added up. Uses and pairs are not merged."""
    found = {name: [from_message(message.as_buffer()) for message in messages[name]] for name in TABLES}
    counts, uses, pairs = (
        pa.concat_tables([schema.empty_table(), *(table.cast(schema) for table in found[name])])
        for name, schema in zip(TABLES, (COUNTS_ARROW, USES, PACKED_PAIRS), strict=True)
    )
    slices = [one for table in found["counts"] for one in slices_of(table.schema.metadata)]
    return Counted(counts, uses, pairs, slices)


def to_message(table: pa.Table) -> bytes:
    """A table as an Arrow stream."""
    message = pa.BufferOutputStream()
    # Java copies the message several times.
    packed = pa.ipc.IpcWriteOptions(compression="zstd" if table.nbytes >= LEAST_PACKED_BYTES else None)
    with pa.ipc.new_stream(message, table.schema, options=packed) as stream:
        stream.write_table(table)
    return bytes(message.getvalue().to_pybytes())


def from_message(message: bytes | pa.Buffer) -> pa.Table:
    """The table that `to_message` wrote."""
    return pa.ipc.open_stream(message).read_all()


def collect(messages: DataFrame) -> pa.Table:
    """Run the micro-batch, which is one Spark action, and return the messages of its tasks."""
    return messages.toArrow()
