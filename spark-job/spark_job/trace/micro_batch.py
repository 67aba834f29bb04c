"""A micro-batch that was counted: what its trace begins with."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from spark_job.executor.kafka_slices import CountedSlice
from spark_job.snapshot_schema import WindowLeader
from spark_job.state.progress import Span


class MicroBatch(NamedTuple):
    """A micro-batch.

    Args:
        id: Spark's number of it.
        log: The log whose posts it has.
        span: Its offsets and posts.
        counts: A table of `COUNTS_ARROW`.
        began_ms: When Spark began with it.
        store_began_ms: When its transaction began.
        store_ended_ms: When the state had it, and the panes that end with it were closed.
        slices: What it has of each partition, if the log is on Kafka.

    """

    id: int
    log: str
    span: Span
    counts: pa.Table
    began_ms: int
    store_began_ms: int
    store_ended_ms: int
    slices: Sequence[CountedSlice] = ()


class Before(NamedTuple):
    """What was shown after the micro-batch before: its epoch, the end of its window, and the leading tags."""

    epoch: int
    to_ms: int
    top: list[WindowLeader]
