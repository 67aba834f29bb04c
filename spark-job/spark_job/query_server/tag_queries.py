"""Queries that search the state for tags. They scan all rows, so they take tenths of a second with a million tags."""

from collections.abc import Iterable, Sequence

import duckdb

from spark_job.query_server.now import Now
from spark_job.query_server.sorted_tags import TagPosts
from spark_job.state.sql import rows_of
from spark_job.tag_hash import hash_of

#: Rows of the window and of the open panes. Those of open panes are in no total yet.
ROWS = """
  SELECT hash, key, posts, false AS is_open FROM pane_counts WHERE pane_ms >= $from AND hash IS NOT NULL
  UNION ALL SELECT hash, key, posts, true FROM open_counts WHERE hash IS NOT NULL
"""
#: One row for each tag. First those whose key begins with the text.
FIND = f"""
WITH counted AS (
  SELECT hash, any_value(key) AS key, sum(posts)::BIGINT AS posts,
    coalesce(sum(posts) FILTER (is_open), 0)::BIGINT AS opened
  FROM ({ROWS}) WHERE {{0}} GROUP BY hash),
stored AS (SELECT hash, key, posts FROM totals WHERE {{0}})
SELECT coalesce(s.key, c.key) AS key, coalesce(c.posts, 0) AS window_posts,
  coalesce(s.posts, 0) + coalesce(c.opened, 0) AS total_posts
FROM stored s FULL JOIN counted c USING (hash)
ORDER BY starts_with(coalesce(s.key, c.key), $text) DESC, window_posts DESC, total_posts DESC, key LIMIT $most
"""  # noqa: S608 - put together from constants
CONTAINS = FIND.format("contains(key, $text)")
ONE = FIND.format("hash = $hash AND key = $text")

#: The same, if enough tags of the window begin with the text: no other tag comes before these. The totals are only
#: looked up, which takes a third of the time.
LEADING = f"""
WITH counted AS MATERIALIZED (
  SELECT hash, any_value(key) AS key, sum(posts)::BIGINT AS posts,
    coalesce(sum(posts) FILTER (is_open), 0)::BIGINT AS opened
  FROM ({ROWS}) WHERE starts_with(key, $text) GROUP BY hash),
best AS MATERIALIZED (FROM counted WHERE posts >= (SELECT max(posts, $most)[-1] FROM counted)),
stored AS (SELECT hash, posts FROM totals WHERE hash IN (SELECT hash FROM best))
SELECT c.key, c.posts AS window_posts, coalesce(s.posts, 0) + c.opened AS total_posts
FROM best c LEFT JOIN stored s USING (hash) ORDER BY window_posts DESC, total_posts DESC, key LIMIT $most
"""  # noqa: S608

#: The spellings of each tag, the most frequent one of the window last, and when the tag was first seen.
SPELLINGS = """
SELECT key, label, min(first_at_ms) FROM (
  SELECT key, label, posts, NULL AS first_at_ms FROM pane_counts WHERE pane_ms >= $from AND {0}
  UNION ALL SELECT key, label, posts, first_at_ms FROM open_counts WHERE hash IN ({1})
  UNION ALL SELECT key, label, 0, first_seen_ms FROM totals WHERE {2})
GROUP BY key, label ORDER BY sum(posts), label DESC
"""
#: For each tag how many others rank before it.
RANKS = f"""
WITH sums AS (SELECT any_value(key) AS key, sum(posts)::BIGINT AS posts FROM ({ROWS}) GROUP BY hash),
counted AS MATERIALIZED (SELECT key, posts FROM sums WHERE NOT {{}})
SELECT w.key, count(*) FROM (SELECT unnest($keys) AS key, unnest($posts) AS posts) w
JOIN counted c ON c.posts > w.posts OR (c.posts = w.posts AND c.key < w.key) GROUP BY w.key
"""  # noqa: S608


def find(db: duckdb.DuckDBPyConnection, now: Now, text: str, most: int) -> list[TagPosts]:
    """Find the tags whose key begins with the text, then those that contain it. Of each kind those with most posts."""
    limit = most
    while True:
        asked = {"from": now.window.from_ms, "text": text, "most": limit}
        rows = db.execute(LEADING, asked).fetchall()
        if len(rows) < limit:
            rows = db.execute(CONTAINS, asked).fetchall()
        tags = [TagPosts(*row) for row in rows if not now.muted.hides(row[0])][:most]
        if len(tags) == most or len(rows) < limit:
            return tags
        limit *= 8


def find_one(db: duckdb.DuckDBPyConnection, now: Now, key: str) -> list[TagPosts]:
    """Find this tag: one, or none if it was never counted."""
    parameters = {"from": now.window.from_ms, "text": key, "hash": hash_of(key), "most": 1}
    return [TagPosts(*row) for row in db.execute(ONE, parameters).fetchall()]


def ranks(db: duckdb.DuckDBPyConnection, now: Now, tags: Sequence[TagPosts]) -> dict[str, int]:
    """The ranks in the window of those tags that have posts there."""
    ranked = {tag.key: tag.window_posts for tag in tags if tag.window_posts}
    if not ranked:
        return {}
    asked = {"keys": [*ranked], "posts": [*ranked.values()], "from": now.window.from_ms}
    before = dict(db.execute(RANKS.format(now.muted.condition()), asked).fetchall())
    return {key: before.get(key, 0) + 1 for key in ranked}


def spellings(
    db: duckdb.DuckDBPyConnection, now: Now, keys: Iterable[str]
) -> tuple[dict[str, str], dict[str, int | None]]:
    """The most frequent spelling of each tag, and when it was first seen. The hashes alone are scanned."""
    hashes = ", ".join(str(hash_of(key)) for key in keys)
    sql = SPELLINGS.format(rows_of("pane_counts", hashes), hashes, rows_of("totals", hashes))
    labels: dict[str, str] = {}
    first_seen_ms: dict[str, int | None] = {}
    for key, label, at_ms in db.execute(sql, {"from": now.window.from_ms}).fetchall():
        labels[key] = label
        first_seen_ms[key] = min((ms for ms in (first_seen_ms.get(key), at_ms) if ms is not None), default=None)
    return labels, first_seen_ms
