"""Find tags of the window and of the totals by a part of their key, and say how many posts each has.

It reads the state file on a connection of its own. So it neither waits for counting nor is waited for.
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, NamedTuple

import duckdb
from msgspec import Meta, Struct

from spark_job.mute.mute_list import MuteList, fold
from spark_job.snapshot_fields import Count, Rank, Text, TimeMs
from spark_job.state.reader import Reader
from spark_job.state.sql import rows_of
from spark_job.state.window import Window
from spark_job.tag_hash import hash_of

#: The most tags of one answer, and the longest text to look for.
MOST_TAGS, MOST_CHARACTERS = 50, 200

#: Rows of the window and of the open panes. Those of open panes are in no total yet.
ROWS = """
  SELECT hash, key, label, posts, false AS is_open, NULL AS first_at_ms FROM pane_counts
  WHERE pane_ms >= $from AND hash IS NOT NULL
  UNION ALL SELECT hash, key, label, posts, true, first_at_ms FROM open_counts WHERE hash IS NOT NULL
"""
#: One row for each tag. First those whose key begins with the text.
FIND = f"""
WITH counted AS (
  SELECT hash, any_value(key) AS key, sum(posts)::BIGINT AS posts,
    coalesce(sum(posts) FILTER (is_open), 0)::BIGINT AS opened, min(first_at_ms) AS first_at_ms
  FROM ({ROWS}) WHERE {{0}} GROUP BY hash),
stored AS (SELECT hash, key, posts, first_seen_ms FROM totals WHERE {{0}})
SELECT coalesce(s.key, c.key) AS key, coalesce(c.posts, 0) AS window_posts,
  coalesce(s.posts, 0) + coalesce(c.opened, 0) AS total_posts,
  least(s.first_seen_ms, c.first_at_ms) AS first_seen_ms
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
    coalesce(sum(posts) FILTER (is_open), 0)::BIGINT AS opened, min(first_at_ms) AS first_at_ms
  FROM ({ROWS}) WHERE starts_with(key, $text) GROUP BY hash),
best AS MATERIALIZED (FROM counted WHERE posts >= (SELECT max(posts, $most)[-1] FROM counted)),
stored AS (SELECT hash, posts, first_seen_ms FROM totals WHERE hash IN (SELECT hash FROM best))
SELECT c.key, c.posts AS window_posts, coalesce(s.posts, 0) + c.opened AS total_posts,
  least(s.first_seen_ms, c.first_at_ms) AS first_seen_ms
FROM best c LEFT JOIN stored s USING (hash) ORDER BY window_posts DESC, total_posts DESC, key LIMIT $most
"""  # noqa: S608

LABELS = f"""
SELECT key, label FROM (
  SELECT key, label, sum(posts) AS posts FROM ({ROWS}) WHERE hash IN ({{0}}) GROUP BY key, label
  UNION ALL SELECT key, label, 0 FROM totals WHERE {{1}})
ORDER BY posts, label DESC
"""  # noqa: S608
#: For each tag how many others rank before it.
RANKS = f"""
WITH sums AS (SELECT any_value(key) AS key, sum(posts)::BIGINT AS posts FROM ({ROWS}) GROUP BY hash),
counted AS MATERIALIZED (SELECT key, posts FROM sums WHERE NOT {{}})
SELECT w.key, count(*) FROM (SELECT unnest($keys) AS key, unnest($posts) AS posts) w
JOIN counted c ON c.posts > w.posts OR (c.posts = w.posts AND c.key < w.key) GROUP BY w.key
"""  # noqa: S608


class FoundTag(Struct, frozen=True, kw_only=True):
    """A tag, its posts and its place in the window (None without posts there), and its posts since the epoch began."""

    key: Text
    label: Text
    window_posts: Count
    window_rank: Rank | None
    total_posts: Count
    first_seen_ms: TimeMs | None


class Found(Struct, frozen=True, kw_only=True):
    """Tags that were found. `at_ms`: the end of the window."""

    at_ms: TimeMs
    tags: Annotated[list[FoundTag], Meta(max_length=MOST_TAGS)]


class Now(NamedTuple):
    """What is shown now: the window, its end, and the muted tags."""

    window: Window
    to_ms: int
    muted: MuteList


class TagSearch:
    """Searches the state. `now` says what is shown."""

    def __init__(self, reader: Reader, now: Callable[[], Now | None]) -> None:
        self._reader = reader
        self._now = now

    def search(self, text: str, limit: int) -> Found | None:
        """Find the tags whose key has this text, at most `limit`: those that begin with it, then those with it inside.

        Of each kind, the tags with the most posts in the window come first, then those with the most posts at all.
        Muted tags are left out. None before the first snapshot.

        Raises:
            ClosedError: The state file is closed.

        """
        now, text = self._now(), fold(text)
        if now is None:
            return None
        with self._reader.cursor() as db:
            tags: list[tuple[Any, ...]] = []
            most = limit
            while text:
                asked = {"from": now.window.from_ms, "text": text, "most": most}
                rows = db.execute(LEADING, asked).fetchall()
                if len(rows) < most:
                    rows = db.execute(CONTAINS, asked).fetchall()
                tags = [row for row in rows if not now.muted.hides(row[0])][:limit]
                if len(tags) == limit or len(rows) < most:
                    break
                most *= 8
            return Found(at_ms=now.to_ms, tags=_described(db, tags, now))

    def tag(self, key: str) -> Found | None:
        """Find this tag: one, or none if it is muted or was never counted. None before the first snapshot.

        Raises:
            ClosedError: The state file is closed.

        """
        now = self._now()
        if now is None:
            return None
        if now.muted.hides(key):
            return Found(at_ms=now.to_ms, tags=[])
        with self._reader.cursor() as db:
            parameters = {"from": now.window.from_ms, "text": key, "hash": hash_of(key), "most": 1}
            return Found(at_ms=now.to_ms, tags=_described(db, db.execute(ONE, parameters).fetchall(), now))


def _described(db: duckdb.DuckDBPyConnection, rows: Iterable[tuple[Any, ...]], now: Now) -> list[FoundTag]:
    """The tags with their spelling, and with their rank among the tags that are not muted."""
    rows = [*rows]
    if not rows:
        return []
    since = {"from": now.window.from_ms}
    hashes = ", ".join(str(hash_of(key)) for key, *_ in rows)
    labels = dict(db.execute(LABELS.format(hashes, rows_of("totals", hashes)), since).fetchall())
    ranked = {key: posts for key, posts, *_ in rows if posts}
    before: dict[str, int] = {}
    if ranked:
        asked = {"keys": [*ranked], "posts": [*ranked.values()], **since}
        before = dict(db.execute(RANKS.format(now.muted.condition()), asked).fetchall())
    return [
        FoundTag(
            key=key,
            label=labels.get(key, key),
            window_posts=posts,
            window_rank=before.get(key, 0) + 1 if posts else None,
            total_posts=total,
            first_seen_ms=first_seen_ms,
        )
        for key, posts, total, first_seen_ms in rows
    ]
