"""The index of tags at a position of the state: read once, and then moved on by what has changed since.

The position is read in the transaction of the search. So an answer is exact: it is that of the same search by SQL.
"""

from collections.abc import Mapping
from typing import NamedTuple

import duckdb
import pyarrow as pa

from spark_job.mute.mute_list import MuteList
from spark_job.query_server.now import Now
from spark_job.query_server.sorted_tags import SCHEMA, SortedTags
from spark_job.query_server.tag_index import TagIndex

#: With more tags than these in the totals there is no index. It would have a few hundred MB.
MOST_TAGS = 5_000_000

POSITION = "SELECT epoch, closed_until_ms, dropped_tags, next_offset FROM progress"
ALL_POSTS = "SELECT coalesce(sum(posts), 0)::BIGINT, count(*) FROM totals"
PANES = """
SELECT pane_ms, count(*), sum(posts)::BIGINT FROM pane_counts WHERE hash IS NOT NULL GROUP BY pane_ms
"""
#: What is closed. The condition leaves out muted tags.
CLOSED = """
WITH counted AS (
  SELECT hash, any_value(key) AS key, sum(posts)::BIGINT AS posts FROM pane_counts
  WHERE pane_ms >= $from AND hash IS NOT NULL GROUP BY hash),
tags AS (
  SELECT coalesce(s.key, c.key) AS key, coalesce(s.hash, c.hash) AS hash,
    coalesce(c.posts, 0) AS posts, coalesce(s.posts, 0) AS total
  FROM totals s FULL JOIN counted c USING (hash))
FROM tags WHERE NOT {} ORDER BY key
"""
#: The panes that closed at `$since` or later, and those that left the window, which begins at `$from` and began at
#: `$began`.
MOVED = """
SELECT any_value(key) AS key, hash,
  coalesce(sum(posts) FILTER (pane_ms >= $since AND pane_ms >= $from), 0)::BIGINT
    - coalesce(sum(posts) FILTER (pane_ms < $since), 0)::BIGINT AS posts,
  coalesce(sum(posts) FILTER (pane_ms >= $since), 0)::BIGINT AS total
FROM pane_counts
WHERE hash IS NOT NULL AND (pane_ms >= $since OR (pane_ms >= $began AND pane_ms < $from)) AND NOT {}
GROUP BY hash
"""
OPEN = """
SELECT key, hash, posts, posts AS total FROM (
  SELECT any_value(key) AS key, hash, sum(posts)::BIGINT AS posts FROM open_counts
  WHERE hash IS NOT NULL AND NOT {} GROUP BY hash)
"""


class _Position(NamedTuple):
    epoch: int
    closed_until_ms: int
    dropped_tags: int
    next_offset: int


class _Closed(NamedTuple):
    """The index of the closed panes and of the totals, and to what it belongs.

    `panes`: the rows of the panes of the window; `all_posts`: those of the totals. Late posts change them.
    """

    position: _Position
    from_ms: int
    muted: MuteList
    panes: Mapping[int, int]
    all_posts: int
    tags: TagIndex


class IndexVersions:
    """The newest index. Any thread may use it: objects are replaced, and never changed."""

    def __init__(self) -> None:
        self._closed: _Closed | None = None
        self._shown: tuple[_Closed, int, TagIndex] | None = None

    def forget(self) -> None:
        """Free the memory."""
        self._closed = self._shown = None

    @property
    def is_scattered(self) -> bool:
        """Whether it is time to read the index again, though it can be used."""
        closed = self._closed
        return closed is not None and closed.tags.is_scattered

    def read(self, db: duckdb.DuckDBPyConnection, now: Now) -> None:
        """Read the index. This takes about a second for a million tags."""
        position = _position(db)
        ((all_posts, tags),) = db.execute(ALL_POSTS).fetchall()
        if position is None or tags > MOST_TAGS:
            self.forget()
            return
        panes = {at_ms: rows for at_ms, rows, _ in db.execute(PANES).fetchall() if at_ms >= now.window.from_ms}
        index = TagIndex([SortedTags(_rows(db, CLOSED, now, {"from": now.window.from_ms}))])
        self._closed = _Closed(position, now.window.from_ms, now.muted, panes, all_posts, index)

    def move(self, db: duckdb.DuckDBPyConnection, now: Now) -> bool:
        """Bring the index up to the panes that have closed, and return whether it can be used."""
        return self._moved(db, now) is not None

    def newest(self, db: duckdb.DuckDBPyConnection, now: Now) -> TagIndex | None:
        """The index of everything that is counted. None if it must be read."""
        closed = self._moved(db, now)
        position = _position(db)
        if closed is None or position is None:
            return None
        shown = self._shown
        if shown is None or shown[0] is not closed or shown[1] != position.next_offset:
            self._shown = shown = (closed, position.next_offset, closed.tags.plus(_rows(db, OPEN, now, {})))
        return shown[2]

    def _moved(self, db: duckdb.DuckDBPyConnection, now: Now) -> _Closed | None:
        closed, position = self._closed, _position(db)
        if closed is None or position is None or not _goes_on(closed, position, now):
            return None
        if (position.closed_until_ms, now.window.from_ms) != (closed.position.closed_until_ms, closed.from_ms):
            moved = _moved(db, closed, position, now)
            if moved is None:
                return None
            self._closed = closed = moved
        return closed


def _goes_on(closed: _Closed, position: _Position, now: Now) -> bool:
    """Whether panes have only closed since, or left the window."""
    old = closed.position
    return (
        old.epoch == position.epoch
        and old.dropped_tags == position.dropped_tags
        and old.closed_until_ms <= position.closed_until_ms
        and closed.from_ms <= now.window.from_ms
        and closed.muted == now.muted
    )


def _moved(db: duckdb.DuckDBPyConnection, closed: _Closed, position: _Position, now: Now) -> _Closed | None:
    """The index with what has changed. None if late posts were counted in old panes, or too much time has passed."""
    since_ms, from_ms = closed.position.closed_until_ms, now.window.from_ms
    panes = {at_ms: (rows, posts) for at_ms, rows, posts in db.execute(PANES).fetchall()}
    all_posts = closed.all_posts + sum(posts for at_ms, (_, posts) in panes.items() if at_ms >= since_ms)
    ((found, _),) = db.execute(ALL_POSTS).fetchall()
    if found != all_posts or any(panes.get(at_ms, (0, 0))[0] != rows for at_ms, rows in closed.panes.items()):
        return None
    sums = _rows(db, MOVED, now, {"since": since_ms, "from": from_ms, "began": closed.from_ms})
    return closed._replace(
        position=position,
        from_ms=from_ms,
        panes={at_ms: rows for at_ms, (rows, _) in panes.items() if at_ms >= from_ms},
        all_posts=all_posts,
        tags=closed.tags.plus(sums).merged(),
    )


def _position(db: duckdb.DuckDBPyConnection) -> _Position | None:
    row = db.execute(POSITION).fetchone()
    return None if row is None else _Position(*row)


def _rows(db: duckdb.DuckDBPyConnection, sql: str, now: Now, parameters: Mapping[str, int]) -> pa.Table:
    return db.execute(sql.format(now.muted.condition()), parameters).to_arrow_table().cast(SCHEMA).combine_chunks()
