"""Record which times were not counted: before counting began, while ingest did not run, and when posts were lost.

Without it, half a window looks like a whole one: rates are too low, and every tag seems to grow.
"""

import duckdb

from spark_job.snapshot_schema import Coverage
from spark_job.state.window import Window

SCHEMA = "CREATE TABLE IF NOT EXISTS uncounted (from_ms BIGINT, to_ms BIGINT);"
#: A restart of ingest takes one or two seconds, which changes no visible number.
TOLERATED_SHARE = 0.01


class Uncounted:
    """The stored time spans, by ingest's clock. Its methods are called inside the transactions of `State`."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._stored: list[tuple[int, int]] | None = None

    def forget(self) -> None:
        """Read the spans again: a transaction was rolled back."""
        self._stored = None

    def begin(self, at_ms: int) -> None:
        """Note that counting begins: nothing before `at_ms` is counted."""
        self.forget()
        self._db.execute("DELETE FROM uncounted")
        self._db.execute("INSERT INTO uncounted VALUES (0, ?)", [at_ms])

    def found(self, at_ms: int) -> None:
        """Note that a post of that time was counted. An older one than expected moves the beginning of counting."""
        self.forget()
        self._db.execute("UPDATE uncounted SET to_ms = least(to_ms, ?) WHERE from_ms = 0", [at_ms])

    def add(self, from_ms: int, to_ms: int) -> None:
        """Note that nothing was counted from `from_ms` to `to_ms`. Spans older than a day are deleted."""
        if to_ms > from_ms > 0:
            self.forget()
            self._db.execute("DELETE FROM uncounted WHERE from_ms > 0 AND to_ms < ?", [to_ms - 86_400_000])
            self._db.execute("INSERT INTO uncounted VALUES (?, ?)", [from_ms, to_ms])

    def began_ms(self) -> int:
        """When counting began. 0 if an older state file does not have it."""
        return min((end for start, end in self._spans() if start == 0), default=0)

    def missing_ms(self, from_ms: int, to_ms: int) -> int:
        """How much of the time from `from_ms` to `to_ms` is not counted. Overlapping spans count once."""
        missing_ms = 0
        for start, end in self._spans():
            begin = max(start, from_ms)
            missing_ms += max(0, min(end, to_ms) - begin)
            from_ms = max(from_ms, end)
        return missing_ms

    def of(self, window: Window, to_ms: int) -> Coverage:
        """How much of the window that ends at `to_ms` was counted."""
        from_ms = min(max(window.from_ms, self.began_ms()), to_ms)
        missing_ms = self.missing_ms(window.before_ms, to_ms)
        tolerated_ms = TOLERATED_SHARE * (window.open_ms + window.pane_ms - window.from_ms)
        return Coverage(from_ms=from_ms, missing_ms=self.missing_ms(from_ms, to_ms), before=missing_ms <= tolerated_ms)

    def _spans(self) -> list[tuple[int, int]]:
        if self._stored is None:
            self._stored = self._db.execute("SELECT from_ms, to_ms FROM uncounted ORDER BY from_ms, to_ms").fetchall()
        return self._stored
