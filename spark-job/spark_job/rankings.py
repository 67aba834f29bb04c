"""Rankings of the window with its facets, of the totals and of a micro-batch, as the contract's `top` lists.

One order everywhere: posts descending, then key by code point (DuckDB compares VARCHAR bytewise, and UTF-8 keeps the
order of code points). Only two kinds of tags can lead: those that lead among the closed panes, and those with a post in
an open one; so nothing else of the large tables is ranked again.
"""

from typing import Any

import duckdb
import pyarrow as pa

from spark_job.windows import LEADERS, Window

FACET_LEADERS = 20
FACET_LANGUAGES = 8

WINDOW = f"""
WITH opened AS MATERIALIZED (
  SELECT CASE WHEN GROUPING(source) = 0 THEN 'source' WHEN GROUPING(lang) = 0 THEN 'lang' ELSE 'all' END AS facet,
    coalesce(CASE WHEN GROUPING(source) = 0 THEN source ELSE lang END, '') AS value, key, sum(posts) AS posts
  FROM open_counts WHERE pane_ms BETWEEN $from AND $open GROUP BY GROUPING SETS ((key), (source, key), (lang, key))),
moved AS (
  SELECT o.facet, o.value, o.key, o.posts + coalesce(c.posts, 0) AS posts, coalesce(c.before, 0) AS before
  FROM opened o LEFT JOIN window_closed c
    ON c.facet = o.facet AND c.value = o.value AND c.key IS NOT DISTINCT FROM o.key),
tags AS MATERIALIZED (
  SELECT facet, value, key, max(posts)::BIGINT AS posts, max(before)::BIGINT AS before
  FROM (FROM moved UNION ALL FROM window_leaders) GROUP BY facet, value, key),
languages AS (
  SELECT value FROM tags WHERE facet = 'lang' AND key IS NULL AND posts > 0
  ORDER BY posts DESC, value LIMIT {FACET_LANGUAGES})
SELECT facet, value, key, t.posts, t.before, e.rank
FROM tags t LEFT JOIN window_earlier e USING (key)
WHERE (t.posts > 0 OR key IS NULL) AND (facet <> 'lang' OR value IN (SELECT value FROM languages))
QUALIFY row_number() OVER (PARTITION BY facet, value, key IS NULL ORDER BY t.posts DESC, key)
        <= CASE facet WHEN 'all' THEN {LEADERS} ELSE {FACET_LEADERS} END
ORDER BY facet, value, t.posts DESC, key
"""  # noqa: S608 - put together from constants

TOTALS = f"""
WITH opened AS MATERIALIZED (
  SELECT key, sum(posts) AS posts FROM open_counts WHERE key IS NOT NULL GROUP BY key),
leaders AS MATERIALIZED (SELECT key, posts FROM totals ORDER BY posts DESC, key LIMIT {LEADERS}),
moved AS (
  SELECT o.key, o.posts + coalesce(t.posts, 0) AS posts, coalesce(t.posts, 0) AS before
  FROM opened o LEFT JOIN totals t ON t.key = o.key),
earlier AS (SELECT key, row_number() OVER (ORDER BY posts DESC, key) AS rank FROM leaders)
SELECT c.key, max(c.posts)::BIGINT AS total, max(c.before)::BIGINT, any_value(e.rank)
FROM (FROM moved UNION ALL SELECT key, posts, posts FROM leaders) c LEFT JOIN earlier e ON e.key = c.key
GROUP BY c.key ORDER BY total DESC, c.key LIMIT {LEADERS}
"""  # noqa: S608

BATCH = f"""
SELECT key, sum(posts)::BIGINT AS total FROM batch WHERE key IS NOT NULL
GROUP BY key ORDER BY total DESC, key LIMIT {LEADERS}
"""  # noqa: S608


def leader(rank: int, previous_rank: int | None, key: str, posts: int, posts_before: int) -> dict[str, Any]:
    """One entry of a `top`, without label and first seen."""
    return {
        "rank": rank,
        "previous_rank": previous_rank,
        "key": key,
        "posts": posts,
        "posts_before": posts_before,
    }


class Rankings:
    """Reads the leading tags; takes the window as an argument and no clock."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._last_batch: dict[str, tuple[int, int]] = {}

    def window(self, window: Window) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """The contract's `window` (posts, posts_before, top) and `facets`, from a prepared `ClosedWindow`."""
        everything: dict[str, Any] = {"posts": 0, "posts_before": 0, "top": []}
        facets: dict[str, dict[str, Any]] = {"source": {}, "lang": {}}
        rows = self._db.execute(WINDOW, {"from": window.from_ms, "open": window.open_ms}).fetchall()
        for facet, value, key, posts, before, previous in rows:
            if facet == "all" and key is None:
                everything |= {"posts": posts, "posts_before": before}
            elif facet == "all":
                top = everything["top"]
                top.append(leader(len(top) + 1, previous, key, posts, before))
            elif posts:
                entry = facets[facet].setdefault(value, {"posts": 0, "top": []})
                if key is None:
                    entry["posts"] = posts
                else:
                    entry["top"].append({"key": key, "posts": posts})
        return everything, facets

    def total(self) -> list[dict[str, Any]]:
        """Leaders since the epoch began; the previous rank and posts are those of when the open pane began."""
        rows = self._db.execute(TOTALS).fetchall()
        return [leader(i, previous, key, posts, before) for i, (key, posts, before, previous) in enumerate(rows, 1)]

    def total_tags(self) -> int:
        """Distinct tags of the closed panes, or of the open ones before the first has closed."""
        counts = "SELECT greatest((SELECT count(*) FROM totals), (SELECT count(DISTINCT key) FROM open_counts))"
        return int(self._db.execute(counts).fetchall()[0][0])

    def batch(self, counts: pa.Table) -> list[dict[str, Any]]:
        """Leaders of one micro-batch, compared with the one before it in this run of the job."""
        self._db.register("batch", counts)
        try:
            rows = self._db.execute(BATCH).fetchall()
        finally:
            self._db.unregister("batch")
        before, self._last_batch = (
            self._last_batch,
            {key: (i, posts) for i, (key, posts) in enumerate(rows, 1)},
        )
        return [leader(i, *_before(before, key, posts)) for i, (key, posts) in enumerate(rows, 1)]

    def forget_batch(self) -> None:
        """Nothing to compare the next micro-batch with."""
        self._last_batch = {}


def _before(before: dict[str, tuple[int, int]], key: str, posts: int) -> tuple[int | None, str, int, int]:
    rank, posts_before = before.get(key, (None, 0))
    return rank, key, posts, posts_before
