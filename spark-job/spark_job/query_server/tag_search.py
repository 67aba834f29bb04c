"""Find tags of the window and of the totals by a part of their key, and say how many posts each has.

It reads the state file on a connection of its own. So it neither waits for counting nor is waited for. While somebody
searches there is an index of the tags. Until it is made, and when it can't be brought up to date, queries search.
"""

import time
from collections.abc import Callable
from typing import Annotated

import duckdb
from msgspec import Meta, Struct

from spark_job.mute.mute_list import fold
from spark_job.query_server import tag_queries
from spark_job.query_server.index_keeper import IndexKeeper
from spark_job.query_server.index_versions import IndexVersions
from spark_job.query_server.now import Now
from spark_job.query_server.sorted_tags import TagPosts
from spark_job.query_server.tag_index import TagIndex
from spark_job.snapshot_fields import Count, Rank, Text, TimeMs
from spark_job.state.reader import Reader

#: The most tags of one answer, and the longest text to look for.
MOST_TAGS, MOST_CHARACTERS = 50, 200


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


def _monotonic_ms() -> int:
    return time.monotonic_ns() // 1_000_000


class TagSearch:
    """Searches the state. `now` says what is shown."""

    def __init__(
        self, reader: Reader, now: Callable[[], Now | None], monotonic_ms: Callable[[], int] = _monotonic_ms
    ) -> None:
        self._reader = reader
        self._now = now
        self._versions = IndexVersions()
        self._keeper = IndexKeeper(self._versions, reader, now, monotonic_ms)

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
        self._keeper.note_search()
        with self._reader.cursor() as db:
            return search(db, now, text, limit, self._versions.newest(db, now))

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
            tags = tag_queries.find_one(db, now, key)
            return _described(db, tags, now, self._versions.newest(db, now) if tags else None)


def search(db: duckdb.DuckDBPyConnection, now: Now, text: str, limit: int, index: TagIndex | None) -> Found:
    """Find tags with a folded text: in the index, or in the tables if there is none. Both give the same answer."""
    if not text:
        return Found(at_ms=now.to_ms, tags=[])
    tags = index.find(text, limit) if index is not None else tag_queries.find(db, now, text, limit)
    return _described(db, tags, now, index)


def _described(db: duckdb.DuckDBPyConnection, tags: list[TagPosts], now: Now, index: TagIndex | None) -> Found:
    """The tags with their spelling, and with their rank among the tags that are not muted."""
    if not tags:
        return Found(at_ms=now.to_ms, tags=[])
    ranks = index.ranks(tags) if index is not None else tag_queries.ranks(db, now, tags)
    labels, first_seen_ms = tag_queries.spellings(db, now, (tag.key for tag in tags))
    found = [
        FoundTag(
            key=tag.key,
            label=labels.get(tag.key, tag.key),
            window_posts=tag.window_posts,
            window_rank=ranks.get(tag.key),
            total_posts=tag.total_posts,
            first_seen_ms=first_seen_ms.get(tag.key),
        )
        for tag in tags
    ]
    return Found(at_ms=now.to_ms, tags=found)
