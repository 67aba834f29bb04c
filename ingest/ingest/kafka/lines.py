"""Posts as messages of Kafka: the line of docs/protocol.md without offset and line feed."""

from collections.abc import Sequence
from typing import NamedTuple

from ingest.kafka.columns_header import Headers, columns_headers
from ingest.posts.post import Post, encode_at, fix_surrogates
from ingest.posts.text_fingerprint import TextFingerprints

#: The brokers refuse a message of more than 1 MiB with all that is around it. A longer post has an empty text.
MOST_BYTES = 1_000_000
#: How each line begins: a new post has the offset 0. A line feed is nowhere else.
_OFFSET, _BEGIN = b'{"offset":0,', b"{"


class Messages(NamedTuple):
    """The key, the value and the headers of each message, their time, and all values as lines."""

    at_ms: int
    keys: Sequence[str]
    values: Sequence[bytes]
    headers: Sequence[Headers]
    lines: bytes


def encode(posts: Sequence[Post], at_ms: int, fingerprints: TextFingerprints) -> Messages:
    """Set the time of posts, and return their messages."""
    if not posts:
        return Messages(at_ms, [], [], [], b"")
    lines = _lines(posts, at_ms)
    values = lines[:-1].split(b"\n")
    if max(map(len, values)) > MOST_BYTES:
        for post, value in zip(posts, values, strict=True):
            if len(value) > MOST_BYTES:
                post.text = ""
        lines = _lines(posts, at_ms)
        values = lines[:-1].split(b"\n")
    headers = columns_headers(posts, at_ms, fingerprints)
    return Messages(at_ms, [key(post.id) for post in posts], values, headers, lines)


def key(post_id: str) -> str:
    """Return the id of a post as it is in its line."""
    return post_id if post_id.isascii() else fix_surrogates(post_id)


def _lines(posts: Sequence[Post], at_ms: int) -> bytes:
    # One search removes the offset from all of them.
    lines = encode_at(posts, at_ms)
    return _BEGIN + lines[len(_OFFSET) :].replace(b"\n" + _OFFSET, b"\n" + _BEGIN)
