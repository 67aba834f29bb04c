"""Rankings of the window with its facets, of the totals and of a micro-batch, as the contract's `top` lists.

One order everywhere: posts descending, then key by code point (DuckDB compares VARCHAR bytewise, and UTF-8 keeps the
order of code points). What is ranked are the contenders alone.
"""

from typing import Any

import duckdb
import pyarrow as pa

from spark_job.contenders import LEADERS

FACET_LEADERS = 20
FACET_LANGUAGES = 8

WINDOW = f"""
WITH tags AS MATERIALIZED (
  SELECT facet, value, c.key, c.posts + coalesce(o.posts, 0) AS posts, c.before
  FROM closed_tags c LEFT JOIN opened o USING (facet, value, hash)
  UNION ALL
  SELECT facet, value, NULL, sum(posts)::BIGINT, sum(before)::BIGINT
  FROM (SELECT facet, value, posts, before FROM closed_posts
        UNION ALL SELECT facet, value, posts, 0 FROM opened WHERE hash IS NULL)
  GROUP BY facet, value),
languages AS (
  SELECT value FROM tags WHERE facet = 'lang' AND key IS NULL AND posts > 0
  ORDER BY posts DESC, value LIMIT {FACET_LANGUAGES})
SELECT facet, value, key, t.posts, t.before, e.rank
FROM tags t LEFT JOIN earlier_ranks e USING (key)
WHERE (t.posts > 0 OR key IS NULL) AND (facet <> 'lang' OR value IN (SELECT value FROM languages))
QUALIFY row_number() OVER (PARTITION BY facet, value, key IS NULL ORDER BY t.posts DESC, key)
        <= CASE facet WHEN 'all' THEN {LEADERS} ELSE {FACET_LEADERS} END
ORDER BY facet, value, t.posts DESC, key
"""  # noqa: S608 - put together from constants

TOTALS = f"""
WITH ranks AS (
  SELECT key, row_number() OVER (ORDER BY posts DESC, key) AS rank
  FROM (SELECT key, posts FROM total_tags WHERE posts > 0 ORDER BY posts DESC, key LIMIT {LEADERS}))
SELECT t.key, t.posts + coalesce(o.posts, 0) AS total, t.posts, rank
FROM total_tags t LEFT JOIN opened_tags o USING (hash) LEFT JOIN ranks r ON r.key = t.key
ORDER BY total DESC, t.key LIMIT {LEADERS}
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
    """Reads the leading tags from the tables of `Contenders`."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._last_batch: dict[str, tuple[int, int]] = {}

    def window(self) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
        """The contract's `window` (posts, posts_before, top) and `facets`."""
        everything: dict[str, Any] = {"posts": 0, "posts_before": 0, "top": []}
        facets: dict[str, dict[str, Any]] = {"source": {}, "lang": {}}
        rows = self._db.execute(WINDOW).fetchall()
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
        counts = "SELECT greatest((SELECT count(*) FROM totals), (SELECT count(DISTINCT hash) FROM open_counts))"
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
