"""The ranks of the window without a micro-batch, from the state: those before the first micro-batch of a run."""

from collections.abc import Callable

import duckdb
import pyarrow as pa

from spark_job.snapshot_schema import LEADERS
from spark_job.state.window import Window

#: Muted tags may be among them.
MOST_TAGS = 10 * LEADERS
RANK = f"""
SELECT key FROM (
  SELECT key, sum(posts) AS posts FROM (
    SELECT pane_ms, key, posts FROM pane_counts UNION ALL SELECT pane_ms, key, posts FROM open_counts
    UNION ALL SELECT pane_ms, key, -posts FROM traced_batch)
  WHERE pane_ms BETWEEN $from AND $open AND key IS NOT NULL GROUP BY key)
WHERE posts > 0 ORDER BY posts DESC, key LIMIT {MOST_TAGS}
"""  # noqa: S608 - put together from a constant


def first_ranks(
    db: duckdb.DuckDBPyConnection, counts: pa.Table, window: Window, hides: Callable[[str], bool]
) -> dict[str, int]:
    """The ranks of the leading tags.

    Args:
        db: The state, which has the micro-batch.
        counts: The micro-batch, a table of `COUNTS_ARROW`.
        window: The window.
        hides: Whether a tag is muted.

    """
    db.register("traced_batch", counts.select(["pane_ms", "key", "posts"]))
    try:
        rows = db.execute(RANK, {"from": window.from_ms, "open": window.open_ms}).fetchall()
    finally:
        db.unregister("traced_batch")
    shown = [key for (key,) in rows if not hides(key)]
    return {key: rank for rank, key in enumerate(shown[:LEADERS], 1)}
