"""The sliding window: which panes it has, and their counts, aggregated once per pane."""

from dataclasses import dataclass

import duckdb

LEADERS = 50

# One row a tag for the whole window, for each source and for each language; key NULL counts posts. `posts` are those of
# the window's closed panes, `before` those of the equally long window before, `earlier` those of the window that ended
# when the open pane began. The open pane itself has closed counts only after the wall clock was set back.
GROUP_CLOSED = """
CREATE OR REPLACE TEMP TABLE window_closed AS
SELECT CASE WHEN GROUPING(source) = 0 THEN 'source' WHEN GROUPING(lang) = 0 THEN 'lang' ELSE 'all' END AS facet,
  coalesce(CASE WHEN GROUPING(source) = 0 THEN source ELSE lang END, '') AS value, key,
  coalesce(sum(posts) FILTER (pane_ms >= $from), 0)::BIGINT AS posts,
  coalesce(sum(posts) FILTER (pane_ms < $from), 0)::BIGINT AS before,
  coalesce(sum(posts) FILTER (pane_ms >= $from - $pane AND pane_ms < $open), 0)::BIGINT AS earlier
FROM pane_counts WHERE pane_ms BETWEEN $before AND $open
GROUP BY GROUPING SETS ((key), (source, key), (lang, key))
"""

# Who leads among the closed panes, per facet: the only ones that can lead without a post in the open pane.
# The count of the last place comes first, since ranking every tag would mean to sort them all.
LEAD_CLOSED = f"""
CREATE OR REPLACE TEMP TABLE window_leaders AS
WITH bounds AS (
  SELECT facet, value, coalesce(max(posts, {LEADERS})[{LEADERS}], 0) AS posts
  FROM window_closed WHERE key IS NOT NULL GROUP BY facet, value)
SELECT c.facet, c.value, c.key, c.posts, c.before FROM window_closed c LEFT JOIN bounds b USING (facet, value)
WHERE c.key IS NULL OR c.posts >= b.posts
QUALIFY row_number() OVER (PARTITION BY c.facet, c.value, c.key IS NULL ORDER BY c.posts DESC, c.key) <= {LEADERS}
"""  # noqa: S608 - put together from constants

RANK_EARLIER = f"""
CREATE OR REPLACE TEMP TABLE window_earlier AS
SELECT key, row_number() OVER (ORDER BY earlier DESC, key) AS rank
FROM (SELECT key, earlier FROM window_closed WHERE facet = 'all' AND key IS NOT NULL AND earlier > 0
      ORDER BY earlier DESC, key LIMIT {LEADERS})
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Window:
    """The panes from `from_ms` to the open one, which began at `open_ms`; all aligned to the pane length."""

    from_ms: int
    open_ms: int
    pane_ms: int

    @classmethod
    def ending(cls, to_ms: int, pane_ms: int, window_ms: int) -> "Window":
        """The window whose open pane holds `to_ms`."""
        open_ms = to_ms - to_ms % pane_ms
        return cls(from_ms=open_ms + pane_ms - window_ms, open_ms=open_ms, pane_ms=pane_ms)

    @property
    def panes(self) -> range:
        """Starts of the panes, oldest first."""
        return range(self.from_ms, self.open_ms + 1, self.pane_ms)

    @property
    def before_ms(self) -> int:
        """Start of the equally long window before this one."""
        return self.from_ms - len(self.panes) * self.pane_ms


class ClosedWindow:
    """Temporary tables `window_closed`, `window_leaders` and `window_earlier` for the closed panes of a window.

    Closed panes change once a pane, snapshots come many times a pane: so the large sums are made once.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db

    def prepare(self, window: Window) -> None:
        """Make the tables for `window`; again when it moves or a pane closes."""
        bounds = {
            "from": window.from_ms,
            "open": window.open_ms,
            "pane": window.pane_ms,
            "before": window.before_ms,
        }
        self._db.execute(GROUP_CLOSED, bounds)
        self._db.execute(LEAD_CLOSED)
        self._db.execute(RANK_EARLIER)
