"""Counts on their way from a task to the driver: an Arrow message that Java carries and does not unpack.

To take a count apart into a row of Java's, and back, costs some three microseconds, and much more while Java is cold;
half a million posts with rare tags have a hundred and fifty thousand counts.
"""

import pyarrow as pa
from pyspark.sql import DataFrame

from spark_job.executor.counting import COUNTS_ARROW

MESSAGES_DDL = "counts binary"


def pack(counts: pa.Table) -> pa.RecordBatch:
    """One row with one message: all of `counts`, a table of `COUNTS_ARROW`."""
    message = pa.BufferOutputStream()
    # Java copies it several times on its way.
    packed = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(message, counts.schema, options=packed) as stream:
        stream.write_table(counts)
    return pa.record_batch([pa.array([message.getvalue().to_pybytes()], pa.binary())], ["counts"])


def unpack(messages: pa.Table) -> pa.Table:
    """All counts of some messages, one behind the other; those of several tasks are not added up."""
    tables = [pa.ipc.open_stream(message.as_buffer()).read_all() for message in messages["counts"]]
    return pa.concat_tables([COUNTS_ARROW.empty_table(), *tables])


def collect(messages: DataFrame) -> pa.Table:
    """The counts of a micro-batch: Spark's one action."""
    return unpack(messages.toArrow())
