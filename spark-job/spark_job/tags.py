"""What a snapshot says of a single tag beside its counts: spelling, first seen, and the curve over the window."""

from collections import defaultdict

import duckdb

from spark_job.contenders import HASH
from spark_job.windows import Window

# Beside the whole window: the window of one source, or of one language.
FACETS = """
  CASE WHEN GROUPING(source) = 0 THEN 'source' WHEN GROUPING(lang) = 0 THEN 'lang' ELSE 'all' END AS facet,
  coalesce(CASE WHEN GROUPING(source) = 0 THEN source ELSE lang END, '') AS value"""

# By hash, since keys are the widest column of large tables.
CLOSED = f"""
WITH tags AS MATERIALIZED (
  SELECT facet, value, key, {HASH} AS hash
  FROM (SELECT unnest($facets) AS facet, unnest($values) AS value, unnest($keys) AS key)),
found AS (
  SELECT {FACETS}, hash, label, pane_ms, sum(posts)::BIGINT AS posts FROM pane_counts SEMI JOIN tags USING (hash)
  WHERE pane_ms BETWEEN $from AND $open
  GROUP BY GROUPING SETS ((hash, label, pane_ms), (hash, source, pane_ms), (hash, lang, pane_ms)))
SELECT facet, value, key, label, pane_ms, posts FROM tags JOIN found USING (facet, value, hash)
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

Tag = tuple[str, str, str]
Rows = list[tuple[str | None, int, int]]
WHOLE = ("all", "")


class TagDetails:
    """Looks tags up, and remembers what can't change before the next pane closes.

    A tag is named by facet, value and key: `("lang", "es", "worldcup")`, or `(*WHOLE, "worldcup")` for all posts.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._stored: dict[str, tuple[str, int]] = {}
        self._closed: dict[Tag, Rows] = {}
        self._curves: dict[Tag, list[int]] = {}
        self._labels: dict[str, str] = {}

    def forget(self) -> None:
        """A pane has closed, or the window has moved."""
        self._closed.clear()
        self._stored.clear()

    def look_up(self, window: Window, tags: set[Tag]) -> None:
        """Make `label`, `first_seen_ms` and `curve` ready for `tags`."""
        tags = tags | {(*WHOLE, key) for _, _, key in tags}
        unknown = tags - self._closed.keys()
        if unknown:
            found = self._rows(CLOSED, window, unknown)
            self._closed |= {tag: found.get(tag, []) for tag in unknown}
            stored = self._db.execute(STORED, {"keys": sorted({key for _, _, key in unknown})}).fetchall()
            self._stored |= {key: (label, at_ms) for key, label, at_ms in stored}
        opened = self._rows(OPEN, window, tags)
        self._labels.clear()
        self._curves.clear()
        for tag in tags:
            self._summarise(window, tag, self._closed[tag] + opened.get(tag, []))

    def label(self, key: str) -> str:
        """The commonest spelling in the window, between equals the first by code point; else the stored one."""
        return self._labels.get(key) or self._stored[key][0]

    def first_seen_ms(self, key: str) -> int:
        """When the tag was first counted in this epoch; of one that the totals have dropped, its oldest pane."""
        if key in self._stored:
            return self._stored[key][1]
        return min(pane_ms for _, pane_ms, _ in self._closed[(*WHOLE, key)])

    def curve(self, tag: Tag) -> list[int]:
        """Posts per pane of the window, oldest first."""
        return self._curves[tag]

    def _rows(self, sql: str, window: Window, tags: set[Tag]) -> dict[Tag, Rows]:
        facets, values, keys = (list(names) for names in zip(*sorted(tags), strict=True)) if tags else ([], [], [])
        bounds = {"from": window.from_ms, "open": window.open_ms, "facets": facets, "values": values, "keys": keys}
        rows: dict[Tag, Rows] = defaultdict(list)
        for facet, value, key, label, pane_ms, posts in self._db.execute(sql, bounds).fetchall():
            rows[facet, value, key].append((label, pane_ms, posts))
        return rows

    def _summarise(self, window: Window, tag: Tag, rows: Rows) -> None:
        curve = [0] * len(window.panes)
        spellings: dict[str, int] = defaultdict(int)
        for label, pane_ms, posts in rows:
            curve[(pane_ms - window.from_ms) // window.pane_ms] += posts
            # Only the counts of all posts are also by spelling.
            if label is not None:
                spellings[label] += posts
        self._curves[tag] = curve
        if spellings:
            self._labels[tag[2]] = min(spellings, key=lambda label: (-spellings[label], label))
