"""Closed panes that wait in the state file until the dashboard has stored them."""

import duckdb
import msgspec

from spark_job.rising_schema import Rising
from spark_job.snapshot_schema import ClosedWindow, Named, Pane

#: Bytes of the closed panes in one snapshot.
PANES_BYTES = 2 << 20
OLDEST_PANES = """
SELECT epoch, from_ms, to_ms, posts, top, ended_window, rising FROM closed_panes ORDER BY to_ms, epoch LIMIT ?
"""

_top_decoder = msgspec.json.Decoder(list[Named])
_window_decoder = msgspec.json.Decoder(ClosedWindow)
_rising_decoder = msgspec.json.Decoder(Rising)


class WaitingPanes:
    """The closed panes that the dashboard has not stored. Mostly there are none, and then no table is read."""

    def __init__(self) -> None:
        self._may_wait = True

    def changed(self) -> None:
        """Read the table again: panes have closed, or it was changed elsewhere."""
        self._may_wait = True

    def oldest(self, db: duckdb.DuckDBPyConnection, most: int) -> list[Pane]:
        """The oldest `most` panes, or as many of them as have PANES_BYTES, at least one, oldest first."""
        if not self._may_wait:
            return []
        rows = db.execute(OLDEST_PANES, [most]).fetchall()
        self._may_wait = bool(rows)
        panes: list[Pane] = []
        size = 0
        for epoch, from_ms, to_ms, posts, top, ended, rising in rows:
            size += sum(len((text or "").encode()) for text in (top, ended, rising))
            if panes and size > PANES_BYTES:
                break
            panes.append(
                Pane(
                    epoch=epoch,
                    from_ms=from_ms,
                    to_ms=to_ms,
                    posts=posts,
                    top=_top_decoder.decode(top),
                    window=None if ended is None else _window_decoder.decode(ended),
                    rising=None if rising is None else _rising_decoder.decode(rising),
                )
            )
        return panes
