"""What a snapshot says of a single tag beside its counts: spelling, first seen, and the curve over the window."""

from collections import defaultdict

import duckdb

from spark_job.contenders import HASH
from spark_job.windows import Window

# By hash, since keys are the widest column of large tables.
CLOSED = f"""
WITH wanted AS MATERIALIZED (SELECT key, {HASH} AS hash FROM (SELECT unnest($keys) AS key))
SELECT key, label, pane_ms, posts FROM wanted JOIN (
  SELECT hash, label, pane_ms, sum(posts)::BIGINT AS posts FROM pane_counts SEMI JOIN wanted USING (hash)
  WHERE pane_ms BETWEEN $from AND $open GROUP BY ALL) USING (hash)
"""  # noqa: S608 - put together from constants, like all below

OPEN = CLOSED.replace("pane_counts", "open_counts")

STORED = f"""
WITH wanted AS MATERIALIZED (SELECT key, {HASH} AS hash FROM (SELECT unnest($keys) AS key))
SELECT key, label, at_ms FROM wanted JOIN (
  SELECT hash, arg_min(label, at_ms) AS label, min(at_ms) AS at_ms FROM (
    SELECT hash, label, first_seen_ms AS at_ms FROM totals SEMI JOIN wanted USING (hash)
    UNION ALL SELECT hash, label, first_at_ms FROM open_counts SEMI JOIN wanted USING (hash))
  GROUP BY hash) USING (hash)
"""  # noqa: S608

Rows = list[tuple[str, str, int, int]]


class TagDetails:
    """Looks tags up, and remembers what can't change before the next pane closes."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._stored: dict[str, tuple[str, int]] = {}
        self._closed: dict[str, Rows] = {}
        self._curves: dict[str, list[int]] = {}
        self._labels: dict[str, str] = {}

    def forget(self) -> None:
        """A pane has closed, or the window has moved."""
        self._closed.clear()
        self._stored.clear()

    def look_up(self, window: Window, keys: set[str]) -> None:
        """Make `label`, `first_seen_ms` and `curve` ready for `keys`."""
        bounds = {"from": window.from_ms, "open": window.open_ms}
        unknown = sorted(keys - self._closed.keys())
        if unknown:
            found = self._rows(CLOSED, bounds | {"keys": unknown})
            self._closed |= {key: found.get(key, []) for key in unknown}
            stored = self._db.execute(STORED, {"keys": unknown}).fetchall()
            self._stored |= {key: (label, at_ms) for key, label, at_ms in stored}
        opened = self._rows(OPEN, bounds | {"keys": sorted(keys)})
        self._labels.clear()
        self._curves.clear()
        for key in keys:
            self._summarise(window, key, self._closed[key] + opened.get(key, []))

    def label(self, key: str) -> str:
        """The commonest spelling in the window, between equals the first by code point; else the stored one."""
        return self._labels.get(key) or self._stored[key][0]

    def first_seen_ms(self, key: str) -> int:
        """When the tag was first counted in this epoch; of one that the totals have dropped, its oldest pane."""
        if key in self._stored:
            return self._stored[key][1]
        return min(pane_ms for _, _, pane_ms, _ in self._closed[key])

    def curve(self, key: str) -> list[int]:
        """Posts per pane of the window, oldest first."""
        return self._curves[key]

    def _rows(self, sql: str, parameters: dict[str, object]) -> dict[str, Rows]:
        rows: dict[str, Rows] = defaultdict(list)
        for row in self._db.execute(sql, parameters).fetchall():
            rows[row[0]].append(row)
        return rows

    def _summarise(self, window: Window, key: str, rows: Rows) -> None:
        curve = [0] * len(window.panes)
        spellings: dict[str, int] = defaultdict(int)
        for _, label, pane_ms, posts in rows:
            curve[(pane_ms - window.from_ms) // window.pane_ms] += posts
            spellings[label] += posts
        self._curves[key] = curve
        if spellings:
            self._labels[key] = min(spellings, key=lambda label: (-spellings[label], label))
