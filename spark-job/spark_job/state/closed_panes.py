"""Closed panes that wait in the state file until the dashboard has stored them."""

import duckdb
import msgspec

from spark_job.snapshot_schema import ClosedWindow, Named, Pane

#: Bytes of the closed panes in one snapshot.
PANES_BYTES = 2 << 20
#: As many of the oldest panes as fit into $bytes, but at least one.
OLDEST_PANES = """
SELECT epoch, from_ms, to_ms, posts, top, ended_window
FROM (FROM closed_panes ORDER BY to_ms, epoch LIMIT $most)
WINDOW oldest AS (ORDER BY to_ms, epoch)
QUALIFY row_number() OVER oldest = 1
  OR sum(strlen(top) + coalesce(strlen(ended_window), 0)) OVER oldest <= $bytes
ORDER BY to_ms, epoch
"""

_top_decoder = msgspec.json.Decoder(list[Named])
_window_decoder = msgspec.json.Decoder(ClosedWindow)


def oldest_panes(db: duckdb.DuckDBPyConnection, most: int) -> list[Pane]:
    """The oldest `most` panes, or as many of them as have PANES_BYTES, oldest first."""
    rows = db.execute(OLDEST_PANES, {"most": most, "bytes": PANES_BYTES}).fetchall()
    return [
        Pane(
            epoch=epoch,
            from_ms=from_ms,
            to_ms=to_ms,
            posts=posts,
            top=_top_decoder.decode(top),
            window=None if window is None else _window_decoder.decode(window),
        )
        for epoch, from_ms, to_ms, posts, top, window in rows
    ]
