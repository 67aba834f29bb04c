"""Details of a tag in a snapshot: its spelling, when it was first seen, and its curve over the window."""

import contextlib
from collections import defaultdict
from collections.abc import Iterator

import duckdb
import pyarrow as pa

from spark_job.ranking.candidates import FACETS
from spark_job.state.sql import HASH, hash_of, rows_of
from spark_job.state.window import Window

#: Search by hash, because keys are the widest column of large tables. `wanted_tags` is a registered table: a list of a
#: hundred names as a parameter takes 30 ms.
CLOSED = f"""
WITH tags AS MATERIALIZED (SELECT facet, value, key, {HASH} AS hash FROM wanted_tags),
found AS (
  SELECT {FACETS}, hash, label, pane_ms, sum(posts)::BIGINT AS posts FROM pane_counts
  WHERE {rows_of("pane_counts", "{hashes}")} AND pane_ms BETWEEN $from AND $open
  GROUP BY GROUPING SETS ((hash, label, pane_ms), (hash, source, pane_ms), (hash, lang, pane_ms)))
SELECT facet, value, key, label, pane_ms, posts FROM tags JOIN found USING (facet, value, hash)
"""  # noqa: S608 - put together from constants and numbers, like all below

OPEN = CLOSED.replace("pane_counts", "open_counts")

STORED = f"""
WITH tags AS MATERIALIZED (SELECT key, {HASH} AS hash FROM wanted_tags)
SELECT key, label, at_ms FROM tags JOIN (
  SELECT hash, arg_min(label, at_ms) AS label, min(at_ms) AS at_ms FROM (
    SELECT hash, label, first_seen_ms AS at_ms FROM totals WHERE {rows_of("totals", "{hashes}")}
    UNION ALL SELECT hash, label, first_at_ms FROM open_counts WHERE hash IN ({{hashes}}))
  GROUP BY hash) USING (hash)
"""  # noqa: S608

Tag = tuple[str, str, str]
Rows = list[tuple[str | None, int, int]]
WHOLE = ("all", "")


class TagDetails:
    """Looks up tags, and caches what can't change before the next pane closes.

    A tag is named by facet, value and key: `("lang", "es", "worldcup")`, or `(*WHOLE, "worldcup")` for all posts.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._first_seen_ms: dict[str, int] = {}
        # Only of tags without posts in the window. The window has the spelling of the others.
        self._stored_labels: dict[str, str] = {}
        self._closed: dict[Tag, Rows] = {}
        self._curves: dict[Tag, list[int]] = {}
        self._labels: dict[str, str] = {}

    def forget(self, *, reset: bool) -> None:
        """Drop the cache after a pane has closed or the window has moved. `reset`: the counts are of another epoch."""
        # The first time of a tag never changes. It is dropped only for tags that were not looked up lately.
        self._first_seen_ms = (
            {} if reset else {key: self._first_seen_ms[key] for _, _, key in self._curves if key in self._first_seen_ms}
        )
        self._closed.clear()
        self._stored_labels.clear()

    def look_up(self, window: Window, tags: set[Tag]) -> None:
        """Make `label`, `first_seen_ms` and `curve` ready for `tags`."""
        tags = tags | {(*WHOLE, key) for _, _, key in tags}
        unknown = tags - self._closed.keys()
        if unknown:
            with self._registered(unknown) as hashes:
                found = self._rows(CLOSED.format(hashes=hashes), window)
            self._closed |= {tag: found.get(tag, []) for tag in unknown}
        with self._registered(tags) as hashes:
            opened = self._rows(OPEN.format(hashes=hashes), window)
        self._labels.clear()
        self._curves.clear()
        for tag in tags:
            self._summarise(window, tag, self._closed[tag] + opened.get(tag, []))
        self._look_up_stored({tag for tag in tags if tag[:2] == WHOLE})

    def _look_up_stored(self, tags: set[Tag]) -> None:
        """Look up what the window does not have. The totals are large, so each tag is searched in them once."""
        missing = {
            tag
            for tag in tags
            if tag[2] not in self._first_seen_ms or not (tag[2] in self._labels or tag[2] in self._stored_labels)
        }
        if missing:
            with self._registered(missing) as hashes:
                stored = self._db.execute(STORED.format(hashes=hashes)).fetchall()
            self._stored_labels |= {key: label for key, label, _ in stored}
            self._first_seen_ms |= {key: at_ms for key, _, at_ms in stored}

    def label(self, key: str) -> str:
        """The most frequent spelling in the window (of equals the first by code point), or else the stored one."""
        return self._labels.get(key) or self._stored_labels[key]

    def first_seen_ms(self, key: str) -> int:
        """When the tag was first counted in this epoch. For a tag that the totals have dropped: its oldest pane."""
        if key in self._first_seen_ms:
            return self._first_seen_ms[key]
        return min(pane_ms for _, pane_ms, _ in self._closed[(*WHOLE, key)])

    def curve(self, tag: Tag) -> list[int]:
        """Posts per pane of the window, oldest first."""
        return self._curves[tag]

    @contextlib.contextmanager
    def _registered(self, tags: set[Tag]) -> Iterator[str]:
        """Register `tags` as the table `wanted_tags`, and yield their hashes for `IN (…)`."""
        names = [pa.array([tag[place] for tag in tags], pa.string()) for place in range(3)]
        self._db.register("wanted_tags", pa.table(names, ["facet", "value", "key"]))
        try:
            yield ", ".join(str(hash_of(key)) for key in {key for _, _, key in tags}) or "NULL"
        finally:
            self._db.unregister("wanted_tags")

    def _rows(self, sql: str, window: Window) -> dict[Tag, Rows]:
        rows: dict[Tag, Rows] = defaultdict(list)
        found = self._db.execute(sql, {"from": window.from_ms, "open": window.open_ms}).fetchall()
        for facet, value, key, label, pane_ms, posts in found:
            rows[facet, value, key].append((label, pane_ms, posts))
        return rows

    def _summarise(self, window: Window, tag: Tag, rows: Rows) -> None:
        curve = [0] * len(window.panes)
        spellings: dict[str, int] = defaultdict(int)
        for label, pane_ms, posts in rows:
            curve[(pane_ms - window.from_ms) // window.pane_ms] += posts
            # Only the counts of all posts are grouped by spelling too.
            if label is not None:
                spellings[label] += posts
        self._curves[tag] = curve
        if spellings:
            self._labels[tag[2]] = min(spellings, key=lambda label: (-spellings[label], label))
