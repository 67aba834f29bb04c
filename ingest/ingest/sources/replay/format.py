"""Decode a line of a replay file: one of our own posts, or an object of a platform (`foreign_post`)."""

from functools import lru_cache

import msgspec
import regex

from ingest.posts.post import SourcePost
from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError
from ingest.sources.replay import foreign_post
from ingest.sources.replay.foreign_post import Found
from ingest.sources.replay.timed import TimedPost, instant_ms, valid_ms

NO_NAME = "invalid name of a source: use small letters, digits, - and _, or leave it out"

SEVERAL_LINES = "JSON over several lines: write one object per line, for example with jq -c"

#: The longest name of a source, and the size of the cache of names.
_MAX_NAME, _CACHED_NAMES = 32, 1024
#: The name of a source in our posts. Objects of platforms have the name of an app here, such as `Twitter for iPhone`.
_name = regex.compile(r"[a-z][a-z0-9_-]{0,31}")


class _Label(msgspec.Struct, gc=False):
    label: str


class _Line(msgspec.Struct, gc=False):
    """A post of docs/protocol.md; only its text is required."""

    text: str | None = None
    tags: list[_Label] | None = None
    id: str | int | None = None
    at_ms: int | None = None
    created_at: str | None = None
    author: str | None = None
    lang: str | None = None
    source: str | None = None
    url: str | None = None


class _OwnTag(_Label, forbid_unknown_fields=True, gc=False):
    key: str | None = None


class _OwnLine(_Line, forbid_unknown_fields=True, gc=False):
    """A post of docs/protocol.md without other fields: it can't be mistaken for an object of a platform."""

    tags: list[_OwnTag] | None = None  # type: ignore[assignment]
    offset: int | None = None


_line = msgspec.json.Decoder(_Line)
_own_line = msgspec.json.Decoder(_OwnLine)


def own_post(line: bytes, number: int) -> TimedPost | None:
    """Return the post of a line if it is plainly one of ours, else None. Many times faster than `posts`.

    Args:
        line: One line of the file.
        number: Number of the line; it makes the id of a post without an id.

    """
    try:
        return _own(_own_line.decode(line), number)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, `posts` says so
        return None


def posts(line: bytes, number: int) -> Found:
    """Return the posts of a line: one post, or the posts of a platform's response, oldest first.

    An element that is not a post is returned as its error.

    Args:
        line: One line of the file.
        number: Number of the line; it makes the id of a post without an id.

    """
    if line.strip() in {b"{", b"["}:
        return [FormatError(SEVERAL_LINES)]
    if line.lstrip().startswith(b"["):
        return foreign_post.attempt(lambda array: _array(array, number), line)
    return foreign_post.attempt(lambda each: _object(each, number), line)


def _array(array: bytes, number: int) -> Found:
    found = foreign_post.in_order(foreign_post.elements(array, lambda each: _object(each, number)))
    if not found:
        raise FormatError("wrong shape")
    return found


def _object(line: bytes, number: int) -> Found:
    if foreign_post.has_marks(line):
        read = foreign_post.reader(line)
        if read is not None:
            return read(line)
    try:
        return [_own(json_line.decode(line, _line), number)]
    except FormatError:
        # It is not one of our posts: for example, the author of a flattened post of X is an object.
        read = foreign_post.reader(line)
        if read is None:
            raise
        return read(line)


@lru_cache(_CACHED_NAMES)
def _is_short_name(source: str) -> bool:
    return _name.fullmatch(source) is not None


def _own(line: _Line, number: int) -> TimedPost:
    if line.text is None and line.tags is None:
        raise FormatError("no text")
    if line.source and not (len(line.source) <= _MAX_NAME and _is_short_name(line.source)):
        raise FormatError(NO_NAME)
    labels = None if line.tags is None else [tag.label for tag in line.tags]
    post = SourcePost(
        id=f"replay:{number}" if line.id is None else str(line.id),
        text=line.text or "",
        source=line.source or "replay",
        labels=labels,
        lang=line.lang or "und",
        author=line.author,
        url=line.url,
        created_at=line.created_at,
    )
    at_ms = None if line.at_ms is None else valid_ms(line.at_ms)
    if at_ms is None and line.created_at is not None:
        at_ms = instant_ms(line.created_at)
    return TimedPost(post, at_ms)
