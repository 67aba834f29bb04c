"""Pack counts into an Arrow message, which Java carries from a task to the driver without reading it.

To convert a count into a Java row and back takes some three microseconds, and much more while Java is cold. Half a
million posts with rare tags have a hundred and fifty thousand counts.
"""

import pyarrow as pa
from pyspark.sql import DataFrame

from spark_job.executor.counting import COUNTS_ARROW

MESSAGES_DDL = "counts binary"
#: A smaller message is not compressed: to begin with a compression takes longer than to copy such a message.
LEAST_PACKED_BYTES = 64 << 10


def pack(counts: pa.Table) -> pa.RecordBatch:
    """One row with one message that holds `counts`, a table of `CODED_COUNTS`."""
    message = pa.BufferOutputStream()
    # Java copies the message several times.
    packed = pa.ipc.IpcWriteOptions(compression="zstd" if counts.nbytes >= LEAST_PACKED_BYTES else None)
    with pa.ipc.new_stream(message, counts.schema, options=packed) as stream:
        stream.write_table(counts)
    return pa.record_batch([pa.array([message.getvalue().to_pybytes()], pa.binary())], ["counts"])


def unpack(messages: pa.Table) -> pa.Table:
    """The counts of all messages in one table of `COUNTS_ARROW`. Counts of several tasks are not added up."""
    tables = [pa.ipc.open_stream(message.as_buffer()).read_all().cast(COUNTS_ARROW) for message in messages["counts"]]
    return pa.concat_tables([COUNTS_ARROW.empty_table(), *tables])


def collect(messages: DataFrame) -> pa.Table:
    """Run the micro-batch, which is one Spark action, and return its counts."""
    return unpack(messages.toArrow())
