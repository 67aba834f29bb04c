"""Find the tags that can lead, without ranking a million tags for each snapshot.

All tags are ranked once. The first few hundred of each ranking are its candidates. The last candidate is the bound:
every other tag ranks behind it. Afterwards a tag can pass the bound only with new posts. So it is enough to check the
tags with new posts: those of a pane when it closes, and those of the open pane at each snapshot. Few of them can lead:
their new posts and the bound together must reach the last leader. The closed counts of those few are summed from the
panes. When posts leave the window and too few candidates remain, all tags are ranked again.

docs/decisions has the invariant, the proof and an example.

Large tables are searched by hash, because comparing a million strings takes ten times as long. The hash is half an MD5
sum. The probability that two of five million tags share a hash is one in a million.
"""

import duckdb

from spark_job.snapshot_schema import LEADERS
from spark_job.state.sql import CHANGED, rows_of, run_script
from spark_job.state.window import Window

#: Candidates of each ranking after all tags were ranked.
MIN_CANDIDATES = 250
#: Above this many candidates, the bound is raised.
MAX_CANDIDATES = 1000

FACETS = """
  CASE WHEN GROUPING(source) = 0 THEN 'source' WHEN GROUPING(lang) = 0 THEN 'lang' ELSE 'all' END AS facet,
  coalesce(CASE WHEN GROUPING(source) = 0 THEN source ELSE lang END, '') AS value"""

#: `posts` are those of the window's closed panes, `before` those of the equally long window before, `earlier` those of
#: the window that ended when the open pane began. The open pane has closed counts only after a clock was set back.
SUMS = """
  coalesce(sum(posts) FILTER (pane_ms >= $from), 0)::BIGINT AS posts,
  coalesce(sum(posts) FILTER (pane_ms < $from), 0)::BIGINT AS before,
  coalesce(sum(posts) FILTER (pane_ms >= $from - $pane AND pane_ms < $open), 0)::BIGINT AS earlier"""

#: Rows of many panes are summed once first, and then three times: for all, by source, by language.
CLOSED_SUMS = f"""
SELECT {FACETS}, hash, any_value(key) AS key,
  sum(posts)::BIGINT AS posts, sum(before)::BIGINT AS before, sum(earlier)::BIGINT AS earlier
FROM (
  SELECT source, lang, hash, any_value(key) AS key, {SUMS} FROM pane_counts
  WHERE {{}} AND pane_ms BETWEEN $before AND $open GROUP BY source, lang, hash)
GROUP BY GROUPING SETS ((hash), (source, hash), (lang, hash))"""  # noqa: S608 - put together from constants, like all below

COUNT_POSTS = f"""
CREATE OR REPLACE TEMP TABLE closed_posts AS
SELECT {FACETS}, {SUMS} FROM pane_counts WHERE hash IS NULL AND pane_ms BETWEEN $before AND $open
GROUP BY GROUPING SETS ((), (source), (lang))
"""  # noqa: S608

EARLIER_RANKS = f"""
WITH places AS (
  SELECT facet, value, max(earlier, {LEADERS})[-1] AS place FROM {{0}} WHERE earlier > 0 GROUP BY facet, value)
SELECT facet, value, key, row_number() OVER (PARTITION BY facet, value ORDER BY earlier DESC, key) AS rank
FROM {{0}} JOIN places USING (facet, value) WHERE earlier >= place QUALIFY rank <= {LEADERS}
"""  # noqa: S608

RANK_ALL = f"""
CREATE OR REPLACE TEMP TABLE every_tag AS {CLOSED_SUMS.format("hash IS NOT NULL")};
CREATE OR REPLACE TEMP TABLE bounds AS
WITH places AS (
  SELECT facet, value, max(posts, {MIN_CANDIDATES})[{MIN_CANDIDATES}] AS posts
  FROM every_tag WHERE posts > 0 GROUP BY facet, value HAVING count(*) >= {MIN_CANDIDATES})
SELECT facet, value, posts, max(key) AS key FROM (
  SELECT t.facet, t.value, t.posts, t.key, p.posts AS place FROM every_tag t JOIN places p USING (facet, value)
  WHERE t.posts >= p.posts
  QUALIFY row_number() OVER (PARTITION BY facet, value ORDER BY t.posts DESC, t.key) <= {MIN_CANDIDATES})
WHERE posts = place GROUP BY facet, value, posts;
CREATE OR REPLACE TEMP TABLE closed_tags AS
SELECT t.facet, t.value, t.hash, t.key, t.posts, t.before, t.earlier, true AS is_candidate
FROM every_tag t LEFT JOIN bounds b USING (facet, value)
WHERE t.posts > 0 AND b.posts IS NULL OR t.posts > b.posts OR (t.posts = b.posts AND t.key <= b.key);
CREATE OR REPLACE TEMP TABLE earlier_ranks AS {EARLIER_RANKS.format("every_tag")};
DROP TABLE every_tag;
DELETE FROM changed_tags
"""  # noqa: S608

RANK_CHANGED = f"""
CREATE OR REPLACE TEMP TABLE wanted AS
SELECT hash FROM changed_tags UNION SELECT hash FROM closed_tags WHERE is_candidate;
CREATE OR REPLACE TEMP TABLE closed_tags AS
SELECT f.facet, f.value, f.hash, f.key, f.posts, f.before, f.earlier,
  f.posts > 0 AND (b.posts IS NULL OR f.posts > b.posts OR (f.posts = b.posts AND f.key <= b.key)) AS is_candidate
FROM ({CLOSED_SUMS.format("hash IN (SELECT hash FROM wanted)")}) f LEFT JOIN bounds b USING (facet, value);
CREATE OR REPLACE TEMP TABLE earlier_ranks AS {EARLIER_RANKS.format("closed_tags")};
DELETE FROM closed_tags WHERE NOT is_candidate;
DELETE FROM changed_tags
"""  # noqa: S608

TOO_FEW = f"""
SELECT count(*) FROM (
  SELECT count(*) FILTER (is_candidate) AS candidates
  FROM bounds b LEFT JOIN closed_tags t ON t.facet = b.facet AND t.value = b.value GROUP BY b.facet, b.value)
WHERE candidates < {LEADERS}
"""  # noqa: S608

#: Where there are too many candidates, the bound is raised to the posts of a better one.
RAISE_BOUNDS = f"""
CREATE OR REPLACE TEMP TABLE crowded AS
  SELECT facet, value FROM closed_tags WHERE is_candidate GROUP BY facet, value HAVING count(*) > {MAX_CANDIDATES};
CREATE OR REPLACE TEMP TABLE raised AS
  SELECT facet, value, posts, key FROM closed_tags SEMI JOIN crowded USING (facet, value) WHERE is_candidate
  QUALIFY row_number() OVER (PARTITION BY facet, value ORDER BY posts DESC, key) = {MIN_CANDIDATES};
DELETE FROM bounds WHERE (facet, value) IN (SELECT (facet, value) FROM raised);
INSERT INTO bounds FROM raised;
DELETE FROM closed_tags t USING raised r
  WHERE t.facet = r.facet AND t.value = r.value
    AND (t.posts < r.posts OR (t.posts = r.posts AND t.key > r.key))
"""  # noqa: S608

OPEN = f"""
CREATE OR REPLACE TEMP TABLE opened AS
SELECT {FACETS}, hash, any_value(key) AS key, sum(posts)::BIGINT AS posts
FROM open_counts WHERE pane_ms BETWEEN $from AND $open
GROUP BY GROUPING SETS ((hash), (source, hash), (lang, hash))
"""  # noqa: S608

#: The last leader among the candidates. The true last leader is not behind it: any other tag that leads has passed it.
PLACES = f"""
CREATE OR REPLACE TEMP TABLE places AS
SELECT facet, value, t.posts + coalesce(o.posts, 0) AS posts, t.key
FROM closed_tags t LEFT JOIN opened o USING (facet, value, hash) WHERE is_candidate
QUALIFY row_number() OVER (PARTITION BY facet, value ORDER BY t.posts + coalesce(o.posts, 0) DESC, t.key) = {LEADERS}
"""  # noqa: S608

#: Tags that may reach that place with the most posts that are possible. Between equal counts the key decides.
POSSIBLE_LEADERS = """
CREATE OR REPLACE TEMP TABLE possible_leaders AS
WITH possible AS (
  SELECT facet, value, hash, o.key, o.posts + coalesce(b.posts, 0) AS posts
  FROM opened o ANTI JOIN closed_tags USING (facet, value, hash) LEFT JOIN bounds b USING (facet, value)
  WHERE hash IS NOT NULL)
SELECT hash, any_value(o.key) AS key FROM possible o LEFT JOIN places p USING (facet, value)
WHERE p.posts IS NULL OR o.posts > p.posts OR (o.posts = p.posts AND o.key < p.key) GROUP BY hash
"""

FIND_CLOSED_COUNTS = f"""
INSERT INTO closed_tags
WITH found AS ({CLOSED_SUMS.format(rows_of("pane_counts", "SELECT hash FROM possible_leaders"))})
SELECT facet, value, hash, o.key, coalesce(f.posts, 0), coalesce(f.before, 0), coalesce(f.earlier, 0), false
FROM opened o SEMI JOIN possible_leaders USING (hash) LEFT JOIN found f USING (facet, value, hash)
ANTI JOIN closed_tags c USING (facet, value, hash)
"""  # noqa: S608

LEAD_TOTALS = f"""
CREATE OR REPLACE TEMP TABLE total_tags AS
SELECT hash, key, posts FROM totals ORDER BY posts DESC, key LIMIT {MIN_CANDIDATES}
"""  # noqa: S608

#: A tag that is no candidate has at most the posts of the last candidate, or none if there are fewer candidates.
FIND_TOTALS = f"""
INSERT INTO total_tags
WITH place AS (
  SELECT t.posts + coalesce(o.posts, 0) AS posts, t.key FROM total_tags t LEFT JOIN opened_tags o USING (hash)
  ORDER BY t.posts + coalesce(o.posts, 0) DESC, t.key LIMIT 1 OFFSET {LEADERS - 1}),
possible_leaders AS MATERIALIZED (
  SELECT hash, o.key FROM opened_tags o ANTI JOIN total_tags USING (hash) LEFT JOIN place p ON true
  WHERE p.posts IS NULL OR o.posts + $bound > p.posts OR (o.posts + $bound = p.posts AND o.key < p.key))
SELECT s.hash, s.key, coalesce(t.posts, 0)
FROM possible_leaders s
LEFT JOIN (FROM totals WHERE {rows_of("totals", "SELECT hash FROM possible_leaders")}) t USING (hash)
"""  # noqa: S608

OPEN_TOTALS = """
CREATE OR REPLACE TEMP TABLE opened_tags AS
SELECT hash, any_value(key) AS key, sum(posts)::BIGINT AS posts FROM open_counts WHERE hash IS NOT NULL GROUP BY hash
"""


class Candidates:
    """Temporary tables with the closed counts of all tags that can lead. `TopLists` reads them.

    For the window: `closed_posts`, `closed_tags` and `earlier_ranks`; `opened` for its open pane; `places` of the last
    leaders. For the totals: `total_tags` and `opened_tags`.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._db.execute(CHANGED)
        self._window: Window | None = None
        self._total_bound = 0
        #: How often all tags of the window were ranked.
        self.rankings = 0

    def prepare(self, window: Window, *, reset: bool) -> None:
        """Update the tables after the window has moved or a pane has closed. `reset`: counts are of another epoch."""
        bounds = _bounds(window)
        run_script(self._db, COUNT_POSTS, bounds)
        backward = self._window is None or window.from_ms < self._window.from_ms
        if reset or backward or not self._update_changed(bounds):
            self.rankings += 1
            run_script(self._db, RANK_ALL, bounds)
        run_script(self._db, RAISE_BOUNDS, {})
        self._window = window
        self._db.execute(LEAD_TOTALS)
        ((count, least),) = self._db.execute("SELECT count(*), min(posts) FROM total_tags").fetchall()
        self._total_bound = least if count == MIN_CANDIDATES else 0

    def _update_changed(self, bounds: dict[str, int]) -> bool:
        run_script(self._db, RANK_CHANGED, bounds)
        ((too_few,),) = self._db.execute(TOO_FEW).fetchall()
        return not too_few

    def look_up(self, window: Window) -> None:
        """Add the tags of the open pane that can lead."""
        bounds = _bounds(window)
        run_script(self._db, OPEN, bounds)
        self._db.execute(PLACES)
        self._db.execute(POSSIBLE_LEADERS)
        ((possible_leaders,),) = self._db.execute("SELECT count(*) FROM possible_leaders").fetchall()
        if possible_leaders:
            self._db.execute(FIND_CLOSED_COUNTS, bounds)

    def look_up_totals(self) -> None:
        """Add the tags of open panes that can lead the totals."""
        self._db.execute(OPEN_TOTALS)
        self._db.execute(FIND_TOTALS, {"bound": self._total_bound})


def _bounds(window: Window) -> dict[str, int]:
    return {"from": window.from_ms, "open": window.open_ms, "pane": window.pane_ms, "before": window.before_ms}
