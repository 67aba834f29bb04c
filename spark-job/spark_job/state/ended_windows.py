"""The windows that end with a closing pane: their posts, sources and leading tags.

The window that ended last has a bound: a tag that is not in `window_candidates` has at most that many posts in it. In
the next window, only the panes that close now are new. So only the candidates and the tags of these panes can have
more, and only they are added up. docs/decisions/0004 has the proof for the same idea. All of it is in temporary tables.
So it is rolled back with the transaction that closes a pane, and it is gone when the file is opened again.
"""

import duckdb

from spark_job.snapshot_schema import CLOSED_LEADERS
from spark_job.state.sql import run_script

#: When more panes than this close at once, only every n-th gets the summary of its window, so that catching up is fast.
WINDOWS_AT_ONCE = 6
#: Candidates after all tags were added up, and the most of them before the bound is raised.
MIN_CANDIDATES = 250
MAX_CANDIDATES = 1000

TABLES = """
CREATE OR REPLACE TEMP TABLE ended_windows (
  pane_ms BIGINT, posts BIGINT, top STRUCT(key VARCHAR, label VARCHAR, posts BIGINT)[], sources VARCHAR[]);
CREATE TEMP TABLE IF NOT EXISTS window_candidates (hash UBIGINT);
CREATE TEMP TABLE IF NOT EXISTS window_bound (first_ms BIGINT, posts BIGINT);
CREATE OR REPLACE TEMP TABLE window_wanted AS
  SELECT hash FROM window_candidates UNION SELECT hash FROM closing_tags
"""

#: Windows without counts are left out. After a quiet day most have none.
WITH_COUNTS = """
SELECT pane_ms FROM summaries s SEMI JOIN (SELECT DISTINCT pane_ms AS counted_ms FROM pane_counts) c
  ON counted_ms BETWEEN s.pane_ms - $reach AND s.pane_ms
ORDER BY pane_ms
"""

SUMS = """
CREATE OR REPLACE TEMP TABLE window_sums AS
SELECT hash, sum(posts)::BIGINT AS posts FROM pane_counts
WHERE pane_ms BETWEEN $first AND $last AND {} AND hash NOT IN (SELECT hash FROM muted_tags) GROUP BY hash
"""
ALL_SUMS = SUMS.format("hash IS NOT NULL")
WANTED_SUMS = SUMS.format("hash IN (SELECT hash FROM window_wanted)")

ABOVE = "SELECT count(*), max(posts, $most) FROM window_sums WHERE posts > $bound"

#: `$last` is a pane that closed, and `$first` the oldest one of the window that ended with it.
SUMMARISE = """
INSERT INTO ended_windows
WITH of_sources AS (
  SELECT source, sum(posts) AS posts FROM pane_counts
  WHERE hash IS NULL AND pane_ms BETWEEN $first AND $last GROUP BY source),
best AS (
  SELECT hash FROM window_sums
  WHERE posts >= (SELECT min(posts) FROM (SELECT posts FROM window_sums ORDER BY posts DESC LIMIT $leaders))),
found AS (
  SELECT key, label, posts FROM pane_counts WHERE rowid IN (
    SELECT rowid FROM pane_counts WHERE pane_ms BETWEEN $first AND $last AND hash IN (SELECT hash FROM best))),
spelled AS (SELECT key, label, sum(posts) AS posts FROM found GROUP BY key, label),
leaders AS (
  SELECT key, first(label ORDER BY posts DESC, label) AS label, sum(posts)::BIGINT AS posts
  FROM spelled GROUP BY key ORDER BY sum(posts) DESC, key LIMIT $leaders)
SELECT $last,
  coalesce(sum(posts), 0)::BIGINT,
  coalesce((SELECT list({'key': key, 'label': label, 'posts': posts} ORDER BY posts DESC, key) FROM leaders), []),
  list(source ORDER BY source)
FROM of_sources
"""

BOUND = """
CREATE OR REPLACE TEMP TABLE window_bound AS SELECT $first::BIGINT AS first_ms, $bound::BIGINT AS posts;
CREATE OR REPLACE TEMP TABLE window_candidates AS SELECT hash FROM window_sums WHERE posts > $bound
"""


def fill_ended_windows(db: duckdb.DuckDBPyConnection, reach_ms: int, newest_ms: int) -> list[int]:
    """Fill the table `ended_windows` for the panes of `summaries`.

    Args:
        db: The connection. Its tables `closing_tags` and `summaries` have the panes that close.
        reach_ms: From the start of the first pane of a window to that of its last.
        newest_ms: The start of the newest pane that closes.

    Returns:
        The starts of the panes whose window gets no summary.

    """
    run_script(db, TABLES, {})
    ended = _with_counts(db, reach_ms)
    known = ended if len(ended) <= WINDOWS_AT_ONCE else ended[::-WINDOWS_AT_ONCE][::-1]
    row = db.execute("SELECT first_ms, posts FROM window_bound").fetchone()
    for last in known:
        window = {"first": last - reach_ms, "last": last}
        bound = _add_up(db, window, row)
        db.execute(SUMMARISE, {**window, "leaders": CLOSED_LEADERS})
        if last == newest_ms:
            _keep_bound(db, window["first"], bound)
    if known and known[-1] != newest_ms:
        # Panes after that of the last window may have other tags.
        db.execute("DELETE FROM window_bound")
    return sorted(set(ended) - set(known))


def forget_bound(db: duckdb.DuckDBPyConnection) -> None:
    """Add up all tags for the next window: other tags than before are muted."""
    db.execute("DROP TABLE IF EXISTS window_bound")


def _with_counts(db: duckdb.DuckDBPyConnection, reach_ms: int) -> list[int]:
    """The starts of the panes of `summaries` whose windows have counts."""
    panes = db.execute("SELECT pane_ms, posts FROM summaries ORDER BY pane_ms").fetchall()
    if all(posts for _, posts in panes):
        return [pane_ms for pane_ms, _ in panes]
    return [pane_ms for (pane_ms,) in db.execute(WITH_COUNTS, {"reach": reach_ms}).fetchall()]


def _add_up(db: duckdb.DuckDBPyConnection, window: dict[str, int], before: tuple[int, int] | None) -> int:
    """Fill `window_sums`. Return the most posts that a tag has that is not in it."""
    if before is not None and window["first"] >= before[0]:
        bound = before[1]
        db.execute(WANTED_SUMS, window)
        if not bound or _above(db, bound)[0] >= CLOSED_LEADERS:
            return bound
    db.execute(ALL_SUMS, window)
    return 0


def _above(db: duckdb.DuckDBPyConnection, bound: int) -> tuple[int, list[int]]:
    """How many tags have more posts than the bound, and the posts of the leading ones."""
    ((tags, most),) = db.execute(ABOVE, {"bound": bound, "most": MIN_CANDIDATES}).fetchall()
    return tags, most or []


def _keep_bound(db: duckdb.DuckDBPyConnection, first_ms: int, bound: int) -> None:
    """Store the bound for the next window, and the candidates."""
    tags, most = _above(db, bound)
    if tags > MAX_CANDIDATES:
        bound = most[-1]
    run_script(db, BOUND, {"first": first_ms, "bound": bound})
