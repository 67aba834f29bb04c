"""A micro-batch of a topic, in the terms of the state: one span of offsets, and no post in a pane that has closed."""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.messages import Counted
from spark_job.executor.tag_uses import merge
from spark_job.state.progress import Progress


class Placed(NamedTuple):
    """A micro-batch, and how many of its posts came after their pane had closed."""

    counted: Counted
    late: int


def placed(counted: Counted, progress: Progress) -> Placed:
    """Count late posts in the open pane, and number the micro-batch as one span of offsets.

    Args:
        counted: What tasks have counted of the slices of a topic.
        progress: The position before it.

    """
    counts, open_ms = counted.counts, progress.closed_until_ms
    late = 0
    if len(counts) and pc.min(counts["pane_ms"]).as_py() < open_ms:
        is_late = pc.less(counts["pane_ms"], open_ms)
        late = pc.sum(counts.filter(pc.and_(is_late, pc.is_null(counts["key"])))["posts"]).as_py() or 0
        counts = _moved(counts, open_ms)
    uses = counted.uses
    if len(uses) and pc.min(uses["pane_ms"]).as_py() < open_ms:
        # The same use may be in both panes.
        uses = merge([_moved(uses, open_ms), uses.slice(0, 0)])
    begin = progress.next_offset
    span = begin, begin + sum(each.end - each.start for each in counted.slices) - 1
    for name, offset in zip(("first_offset", "last_offset"), span, strict=True):
        place = counts.schema.get_field_index(name)
        counts = counts.set_column(
            place, counts.schema.field(name), pa.repeat(pa.scalar(offset, pa.int64()), len(counts))
        )
    return Placed(counted._replace(counts=counts, uses=uses), int(late))


def _moved(rows: pa.Table, open_ms: int) -> pa.Table:
    place = rows.schema.get_field_index("pane_ms")
    panes = pc.max_element_wise(rows["pane_ms"], pa.scalar(open_ms, pa.int64()))
    return rows.set_column(place, rows.schema.field("pane_ms"), panes)
