"""Deleted posts of a slice of a topic: what the tombstones say; see docs/protocol.md, "The log on Kafka".

It runs on executors, so it imports the standard library only.
"""

import sys
from typing import Any, NamedTuple

from spark_job.executor.kafka_headers import TAG_SEPARATOR, Headers, header_of

#: The name of the header of a tombstone.
HEADER = "deleted"
#: The deleted posts of a slice that are named. Of more, only what was counted of them is said.
MOST_IDS = 10_000
_LAST_MS = 1 << 53


class TakenBackPost(NamedTuple):
    """What was counted of a post that is deleted now, or of several of one pane that have the rest in common.

    Args:
        at_ms: Its time, or the begin of its pane, in ms since 1970.
        source: Its source.
        lang: Its language.
        keys: The keys of its hashtags.
        posts: How many such posts.

    """

    at_ms: int
    source: str
    lang: str
    keys: tuple[str, ...]
    posts: int = 1


class Deletions:
    """Counts tombstones, holds the ids of the first ones, and adds up what all of them say."""

    def __init__(self, pane_ms: int = 1) -> None:
        """`pane_ms`: posts of a pane of this length are added up."""
        self.count = 0
        self.ids: list[str] = []
        self._pane_ms = pane_ms
        self._posts: dict[TakenBackPost, int] = {}

    def note(self, message: Any) -> None:
        """Note a tombstone."""
        self.count += 1
        if self.count <= MOST_IDS:
            self.ids.append((message.key() or b"").decode(errors="replace"))
        post = taken_back_post(message.headers())
        if post is not None:
            of_pane = post._replace(at_ms=post.at_ms - post.at_ms % self._pane_ms)
            self._posts[of_pane] = self._posts.get(of_pane, 0) + 1

    def taken_back(self) -> tuple[TakenBackPost, ...]:
        """What was counted of all deleted posts whose tombstones say it."""
        return tuple(post if posts == 1 else post._replace(posts=posts) for post, posts in self._posts.items())


def taken_back_post(headers: Headers) -> TakenBackPost | None:
    """Read the header of a tombstone. None: there is none, or it is not of the contract."""
    row = header_of(headers, HEADER)
    try:
        at_ms, source, lang, keys = (row or b"").decode().split("\t")
        # A backlog may have very many, with few different words.
        words = tuple(map(sys.intern, keys.split(TAG_SEPARATOR))) if keys else ()
        post = TakenBackPost(int(at_ms), sys.intern(source), sys.intern(lang), words)
    except ValueError:
        return None
    return post if 0 <= post.at_ms <= _LAST_MS else None
