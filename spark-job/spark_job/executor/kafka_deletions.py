"""Deleted posts of a slice of a topic: what the tombstones say; see docs/protocol.md, "The log on Kafka".

It runs on executors, so it imports the standard library only.
"""

from typing import Any, NamedTuple

from spark_job.executor.kafka_headers import TAG_SEPARATOR, Headers, header_of

#: The name of the header of a tombstone.
HEADER = "deleted"
#: The deleted posts that a task names. Of more, it says only how many there were.
MOST = 10_000
_LAST_MS = 1 << 53


class TakenBackPost(NamedTuple):
    """What was counted of a post that is deleted now.

    Args:
        at_ms: Its time, in ms since 1970.
        source: Its source.
        lang: Its language.
        keys: The keys of its hashtags.

    """

    at_ms: int
    source: str
    lang: str
    keys: tuple[str, ...]


class Deletions:
    """Counts tombstones, and holds what they say of the first ones."""

    def __init__(self) -> None:
        self.count = 0
        self.ids: list[str] = []
        self.posts: list[TakenBackPost] = []

    def note(self, message: Any) -> None:
        """Note a tombstone."""
        self.count += 1
        if self.count > MOST:
            return
        self.ids.append((message.key() or b"").decode(errors="replace"))
        post = taken_back_post(message.headers())
        if post is not None:
            self.posts.append(post)


def taken_back_post(headers: Headers) -> TakenBackPost | None:
    """Read the header of a tombstone. None: there is none, or it is not of the contract."""
    row = header_of(headers, HEADER)
    try:
        at_ms, source, lang, keys = (row or b"").decode().split("\t")
        post = TakenBackPost(int(at_ms), source, lang, tuple(keys.split(TAG_SEPARATOR) if keys else ()))
    except ValueError:
        return None
    return post if 0 <= post.at_ms <= _LAST_MS else None
