"""Find the tags that can lead, without ranking a million tags for each snapshot.

All tags are ranked once. The first few hundred of each ranking are its candidates. The last candidate is the bound:
every other tag ranks behind it. Afterwards a tag can pass the bound only with new posts. So it is enough to check the
tags with new posts: those of a pane when it closes (here), and those of the open pane at each snapshot (`top_k`). When
posts leave the window and too few candidates remain, all tags are ranked again.

docs/decisions has the invariant, the proof and an example.

Large tables are searched by hash, because comparing a million strings takes ten times as long. The hash is half an MD5
sum. The probability that two of five million tags share a hash is one in a million.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import duckdb

from spark_job.ranking.closed_rows import ClosedRows
from spark_job.ranking.top_k import TopK
from spark_job.snapshot_schema import LEADERS
from spark_job.state.sql import CHANGED, FORGET_CHANGED, run_script
from spark_job.state.tag_sums import Name
from spark_job.state.window import Window

#: Candidates of each ranking after all tags were ranked.
MIN_CANDIDATES = 250
#: Above this many candidates, the bound is raised.
MAX_CANDIDATES = 1000
#: The candidates of each ranking that are in memory. The last of them is the bound there.
HELD_CANDIDATES = 120

FACETS = """
  CASE WHEN GROUPING(source) = 0 THEN 'source' WHEN GROUPING(lang) = 0 THEN 'lang' ELSE 'all' END AS facet,
  coalesce(CASE WHEN GROUPING(source) = 0 THEN source ELSE lang END, '') AS value"""

#: `posts` are those of the window's closed panes, `earlier` those of the window that ended when the open pane began.
#: The open pane has closed counts only after a clock was set back.
SUMS = """
  coalesce(sum(posts) FILTER (pane_ms >= $from), 0)::BIGINT AS posts,
  coalesce(sum(posts) FILTER (pane_ms < $open), 0)::BIGINT AS earlier"""

#: Muted tags are in no ranking, so that a full list stays full.
NOT_MUTED = "hash NOT IN (SELECT hash FROM muted_tags)"

#: Rows of many panes are summed once first, and then three times: for all, by source, by language.
ALL_SUMS = f"""
SELECT {FACETS}, hash, any_value(key) AS key,
  sum(posts)::BIGINT AS posts, sum(earlier)::BIGINT AS earlier
FROM (
  SELECT source, lang, hash, any_value(key) AS key, {SUMS} FROM pane_counts
  WHERE hash IS NOT NULL AND pane_ms BETWEEN $from - $pane AND $open AND {NOT_MUTED} GROUP BY source, lang, hash)
GROUP BY GROUPING SETS ((hash), (source, hash), (lang, hash))"""  # noqa: S608 - put together from constants, like all below

#: `wanted_rows` are the rows of the tags in `wanted`, from memory.
WANTED_SUMS = f"""
SELECT sums.*, key FROM (
  SELECT {FACETS}, hash, sum(posts)::BIGINT AS posts, sum(earlier)::BIGINT AS earlier
  FROM (SELECT source, lang, hash, {SUMS} FROM wanted_rows GROUP BY source, lang, hash)
  GROUP BY GROUPING SETS ((hash), (source, hash), (lang, hash))) sums
JOIN wanted USING (hash)"""  # noqa: S608

EARLIER_RANKS = f"""
WITH places AS (
  SELECT facet, value, max(earlier, {LEADERS})[-1] AS place FROM {{0}} WHERE earlier > 0 GROUP BY facet, value)
SELECT facet, value, key, row_number() OVER (PARTITION BY facet, value ORDER BY earlier DESC, key) AS rank
FROM {{0}} JOIN places USING (facet, value) WHERE earlier >= place QUALIFY rank <= {LEADERS}
"""  # noqa: S608

RANK_ALL = f"""
CREATE OR REPLACE TEMP TABLE every_tag AS {ALL_SUMS};
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
SELECT t.facet, t.value, t.hash, t.key, t.posts, t.earlier, true AS is_candidate
FROM every_tag t LEFT JOIN bounds b USING (facet, value)
WHERE t.posts > 0 AND b.posts IS NULL OR t.posts > b.posts OR (t.posts = b.posts AND t.key <= b.key);
CREATE OR REPLACE TEMP TABLE earlier_ranks AS {EARLIER_RANKS.format("every_tag")};
DROP TABLE every_tag;
{FORGET_CHANGED}
"""  # noqa: S608

WANTED = f"""
CREATE OR REPLACE TEMP TABLE wanted AS
SELECT hash, any_value(key) AS key FROM (
  SELECT hash, key FROM changed_tags WHERE {NOT_MUTED}
  UNION ALL SELECT hash, key FROM closed_tags WHERE is_candidate)
GROUP BY hash
"""  # noqa: S608

RANK_CHANGED = f"""
CREATE OR REPLACE TEMP TABLE closed_tags AS
SELECT f.facet, f.value, f.hash, f.key, f.posts, f.earlier,
  f.posts > 0 AND (b.posts IS NULL OR f.posts > b.posts OR (f.posts = b.posts AND f.key <= b.key)) AS is_candidate
FROM ({WANTED_SUMS}) f LEFT JOIN bounds b USING (facet, value);
CREATE OR REPLACE TEMP TABLE earlier_ranks AS {EARLIER_RANKS.format("closed_tags")};
DELETE FROM closed_tags WHERE NOT is_candidate;
{FORGET_CHANGED}
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

HELD = f"""
SELECT facet, value, key, posts FROM closed_tags
QUALIFY row_number() OVER (PARTITION BY facet, value ORDER BY posts DESC, key) <= {HELD_CANDIDATES}
"""  # noqa: S608

LEAD_TOTALS = f"""
SELECT key, posts, label FROM totals WHERE {NOT_MUTED} ORDER BY posts DESC, key LIMIT {MIN_CANDIDATES}
"""  # noqa: S608
#: Totals only grow, so other tags than these and the leaders before can't lead.
LEAD_CHANGED = f"""
SELECT key, max(posts) AS posts, arg_max(label, posts) AS label FROM changed_tags WHERE posts >= ? AND {NOT_MUTED}
GROUP BY key ORDER BY max(posts) DESC, key LIMIT {MIN_CANDIDATES}
"""  # noqa: S608


class Candidates:
    """The candidates of all rankings, and the bounds of the other tags.

    Args of the instance:
        posts: All posts of the closed panes of the window, and of the window before it, by ranking.
        totals: The ranking of the totals.
        total_labels: The spelling in the totals of their leading tags.

    """

    def __init__(self, db: duckdb.DuckDBPyConnection, rows: ClosedRows) -> None:
        self._db = db
        self._rows = rows
        self._db.execute(CHANGED)
        self._window: Window | None = None
        self._top: dict[Name, TopK] = {}
        self.posts: dict[Name, tuple[int, int]] = {}
        self.totals = TopK()
        self.total_labels: dict[str, str] = {}
        self._leading_totals: list[tuple[str, int, str]] = []
        #: How often all tags of the window were ranked.
        self.rankings = 0

    def prepare(self, window: Window, *, reset: bool, reset_totals: bool) -> None:
        """Update the candidates after the window has moved or a pane has closed. The closed rows must be up to date.

        Args:
            window: The window.
            reset: They are of another epoch.
            reset_totals: Tags may have left the totals.

        """
        self._lead_totals(reset=reset_totals)
        bounds = _bounds(window)
        backward = self._window is None or window.from_ms < self._window.from_ms
        if reset or backward or not self._update_changed(bounds):
            self.rankings += 1
            run_script(self._db, RANK_ALL, bounds)
        run_script(self._db, RAISE_BOUNDS, {})
        self._window = window
        self._read()
        self.posts = self._rows.posts(window)

    def top_k(self, name: Name) -> TopK:
        """The ranking of this name."""
        return self._top.setdefault(name, TopK())

    def _update_changed(self, bounds: dict[str, int]) -> bool:
        self._db.execute(WANTED)
        hashes = self._db.execute("SELECT hash FROM wanted").to_arrow_table()["hash"].combine_chunks()
        found = self._rows.table(hashes, bounds["from"] - bounds["pane"], bounds["open"])
        self._db.register("wanted_rows", found)
        try:
            run_script(self._db, RANK_CHANGED, bounds)
        finally:
            self._db.unregister("wanted_rows")
        ((too_few,),) = self._db.execute(TOO_FEW).fetchall()
        return not too_few

    def _read(self) -> None:
        closed: dict[Name, dict[str, int]] = defaultdict(dict)
        for facet, value, key, posts in _rows(self._db, HELD):
            closed[facet, value][key] = posts
        earlier: dict[Name, dict[str, int]] = defaultdict(dict)
        for facet, value, key, rank in _rows(self._db, "SELECT facet, value, key, rank FROM earlier_ranks"):
            earlier[facet, value][key] = rank
        bounds = {
            (facet, value): posts for facet, value, posts in _rows(self._db, "SELECT facet, value, posts FROM bounds")
        }
        self._top = {}
        for name in {*closed, *earlier, *bounds}:
            held = closed[name]
            bound = min(held.values()) if len(held) == HELD_CANDIDATES else bounds.get(name)
            self._top[name] = TopK(held, bound, earlier[name], leaders=[*held])

    def _lead_totals(self, *, reset: bool) -> None:
        leading = self._leading_totals
        if reset:
            leading = self._db.execute(LEAD_TOTALS).fetchall()
        else:
            least = leading[-1][1] if len(leading) == MIN_CANDIDATES else 0
            changed = self._db.execute(LEAD_CHANGED, [least]).fetchall()
            found = {tag[0]: tag for tag in (*leading, *changed)}
            leading = sorted(found.values(), key=lambda tag: (-tag[1], tag[0]))[:MIN_CANDIDATES]
        self._leading_totals = leading
        self.total_labels = {key: label for key, _, label in leading}
        bound = leading[-1][1] if len(leading) == MIN_CANDIDATES else None
        keys = [key for key, _, _ in leading]
        ranks = {key: rank for rank, key in enumerate(keys[:LEADERS], 1)}
        self.totals = TopK({key: posts for key, posts, _ in leading}, bound, ranks, leaders=keys)


def _rows(db: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a query. Arrow's columns become Python lists many times faster than DuckDB's rows."""
    return zip(*(column.to_pylist() for column in db.execute(sql).to_arrow_table().columns), strict=True)


def _bounds(window: Window) -> dict[str, int]:
    return {"from": window.from_ms, "open": window.open_ms, "pane": window.pane_ms, "before": window.before_ms}
