"""Pack what a task has counted into Arrow messages, which Java carries to the driver without reading them.

To convert a count into a Java row and back takes some three microseconds, and much more while Java is cold. Half a
million posts with rare tags have a hundred and fifty thousand counts.
"""

from typing import NamedTuple

import pyarrow as pa
from pyspark.sql import DataFrame

from spark_job.executor.counting import COUNTS_ARROW
from spark_job.executor.tag_pairs import PAIRS
from spark_job.executor.tag_uses import USES

MESSAGES_DDL = "counts binary, uses binary, pairs binary"
NO_PAIRS = PAIRS.empty_table()
#: A smaller message is not compressed: to begin with a compression takes longer than to copy such a message.
LEAST_PACKED_BYTES = 64 << 10


class Counted(NamedTuple):
    """What was counted of some posts.

    Args:
        counts: A table of `CODED_COUNTS` on the executors, and of `COUNTS_ARROW` in the driver.
        uses: A table of `USES`.
        pairs: A table of `PAIRS`.

    """

    counts: pa.Table
    uses: pa.Table
    pairs: pa.Table = NO_PAIRS


def pack(counted: Counted) -> pa.RecordBatch:
    """One row with three messages."""
    return pa.record_batch([pa.array([to_message(table)], pa.binary()) for table in counted], Counted._fields)


def unpack(messages: pa.Table) -> Counted:
    """What all messages have, in one. Counts of several tasks are not added up. Uses and pairs are not merged."""
    counts, uses, pairs = (
        pa.concat_tables(
            [schema.empty_table(), *(from_message(message.as_buffer()).cast(schema) for message in messages[name])]
        )
        for name, schema in (("counts", COUNTS_ARROW), ("uses", USES), ("pairs", PAIRS))
    )
    return Counted(counts, uses, pairs)


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


def collect(messages: DataFrame) -> Counted:
    """Run the micro-batch, which is one Spark action, and return what it has counted."""
    return unpack(messages.toArrow())
