"""Top lists of the window and its facets, of the totals, and of a micro-batch.

The order is the same everywhere: posts descending, then key by code point. (DuckDB compares VARCHAR by bytes, and UTF-8
keeps the order of code points.) Only candidates are ranked.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

import duckdb
import pyarrow as pa

from spark_job.snapshot_schema import FACET_LEADERS, LEADERS

FACET_LANGUAGES = 8

POSTS = """
SELECT facet, value, sum(posts)::BIGINT AS total, sum(before)::BIGINT
FROM (SELECT facet, value, posts, before FROM closed_posts
      UNION ALL SELECT facet, value, posts, 0 FROM opened WHERE hash IS NULL)
GROUP BY facet, value ORDER BY facet, total DESC, value
"""

TAGS = f"""
WITH tags AS (
  SELECT facet, value, c.key, c.posts + coalesce(o.posts, 0) AS posts, c.before
  FROM closed_tags c LEFT JOIN opened o USING (facet, value, hash)),
leaders AS (
  SELECT t.* FROM tags t LEFT JOIN places p USING (facet, value)
  WHERE t.posts > 0 AND (p.posts IS NULL OR t.posts > p.posts OR (t.posts = p.posts AND t.key <= p.key))
  QUALIFY row_number() OVER (PARTITION BY facet, value ORDER BY t.posts DESC, t.key) <= {LEADERS})
SELECT facet, value, key, l.posts, l.before, e.rank
FROM leaders l LEFT JOIN earlier_ranks e USING (facet, value, key) ORDER BY facet, value, l.posts DESC, key
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


class Ranked(NamedTuple):
    """A tag and its place. Its spelling and first time are looked up elsewhere."""

    rank: int
    previous_rank: int | None
    key: str
    posts: int
    posts_before: int | None


@dataclass(slots=True)
class Ranking:
    """All posts of the window, or of one source or language in it, and its leading tags."""

    posts: int = 0
    posts_before: int = 0
    top: list[Ranked] = field(default_factory=list)


class TopLists:
    """Reads the leading tags from the tables of `Candidates`."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._last_batch: dict[str, tuple[int, int]] | None = None

    def window(self) -> tuple[Ranking, dict[str, dict[str, Ranking]]]:
        """The ranking of all posts, and those of each source and language: facet -> name -> ranking."""
        everything = Ranking()
        facets: dict[str, dict[str, Ranking]] = {"source": {}, "lang": {}}
        for facet, value, posts, before in self._db.execute(POSTS).fetchall():
            if facet == "all":
                everything.posts, everything.posts_before = posts, before
            elif posts and (facet != "lang" or len(facets["lang"]) < FACET_LANGUAGES):
                facets[facet][value] = Ranking(posts, before)
        for facet, value, key, posts, before, previous in self._db.execute(TAGS).fetchall():
            ranking = everything if facet == "all" else facets[facet].get(value)
            if ranking is not None and (facet == "all" or len(ranking.top) < FACET_LEADERS):
                ranking.top.append(Ranked(len(ranking.top) + 1, previous, key, posts, before))
        return everything, facets

    def total(self) -> list[Ranked]:
        """The leaders since the epoch began. Previous rank and posts are those at the start of the open pane."""
        rows = self._db.execute(TOTALS).fetchall()
        return [Ranked(i, previous, key, posts, before) for i, (key, posts, before, previous) in enumerate(rows, 1)]

    def total_tags(self) -> int:
        """Distinct tags of the closed panes, or of the open ones before the first has closed."""
        counts = "SELECT greatest((SELECT count(*) FROM totals), (SELECT count(DISTINCT hash) FROM open_counts))"
        return int(self._db.execute(counts).fetchall()[0][0])

    def batch(self, counts: pa.Table) -> list[Ranked]:
        """The leaders of one micro-batch, compared with the micro-batch before it in this run of the job."""
        self._db.register("batch", counts)
        try:
            rows = self._db.execute(BATCH).fetchall()
        finally:
            self._db.unregister("batch")
        before, self._last_batch = (
            self._last_batch,
            {key: (i, posts) for i, (key, posts) in enumerate(rows, 1)},
        )
        return [Ranked(i, *_before(before, key, posts)) for i, (key, posts) in enumerate(rows, 1)]

    def forget_batch(self) -> None:
        """Forget the last micro-batch, so that the next one is compared with none."""
        self._last_batch = None


def _before(before: dict[str, tuple[int, int]] | None, key: str, posts: int) -> tuple[int | None, str, int, int | None]:
    if before is None:
        return None, key, posts, None
    # If the list was full, the posts of a tag that is not in it are unknown.
    rank, posts_before = before.get(key, (None, None if len(before) == LEADERS else 0))
    return rank, key, posts, posts_before
