"""Decode a line of a replay file: one of our own posts or changes, or an object of a platform (`foreign_post`)."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated

import msgspec
import regex

from ingest.posts.post import SourcePost
from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError
from ingest.sources.replay import foreign_post, recorded_change
from ingest.sources.replay.foreign_post import Found
from ingest.sources.replay.timed import TimedPost, instant_ms, valid_ms

NO_NAME = "invalid name of a source: use small letters, digits, - and _, or leave it out"

SEVERAL_LINES = "JSON over several lines: write one object per line, for example with jq -c"

#: The longest name of a source, and the size of the cache of names.
_MAX_NAME, _CACHED_NAMES = 32, 1024
#: The name of a source in our posts. Objects of platforms have the name of an app here, such as `Twitter for iPhone`.
_name = regex.compile(r"[a-z][a-z0-9_-]{0,31}")
#: The source of a post that names none.
_REPLAY = "replay"


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


class OwnPost(SourcePost, kw_only=True, forbid_unknown_fields=True, gc=False):
    """A post of docs/protocol.md without other fields: it can't be mistaken for an object of a platform.

    It is decoded as the post that the source yields; `own_posts` completes it.
    """

    id: str | int | None = None  # type: ignore[assignment]
    source: str = _REPLAY
    lang: Annotated[str, msgspec.Meta(min_length=1)] = "und"
    labels: list[_OwnTag] | None = msgspec.field(default=None, name="tags")  # type: ignore[assignment]
    at_ms: int | None = None
    offset: int | None = None

    @property
    def written_ms(self) -> int | None:
        """When it was written, in milliseconds since 1970 UTC; None if that is unknown."""
        return _written_ms(self.at_ms, self.created_at)


_line = msgspec.json.Decoder(_Line)
_own_line = msgspec.json.Decoder(OwnPost)


def own_posts(lines: Sequence[bytes | None], first_number: int) -> list[OwnPost | None]:
    """Return the post of each line that is plainly one of ours, else None. Many times faster than `posts`.

    Args:
        lines: Lines of the file.
        first_number: Number of the first line; numbers make the ids of posts without an id.

    """
    found: list[OwnPost | None] = []
    # One call decodes all lines up to the next error, after which the map goes on with the line behind it.
    decoded = map(_own_line.decode, lines)  # type: ignore[arg-type]
    while len(found) < len(lines):
        try:
            found.extend(decoded)
        except Exception:  # noqa: BLE001, PERF203 - whatever is wrong with the line, `posts` says so
            found.append(None)
    for index, post in enumerate(found):
        if post is not None and (type(post.id) is not str or post.labels is not None or post.source != _REPLAY):
            found[index] = _completed(post, first_number + index)
    return found


def _completed(post: OwnPost, number: int) -> OwnPost | None:
    if not _is_name(post.source):
        return None
    post.id = _id(post.id, number)
    if post.labels is not None:
        post.labels = [tag.label for tag in post.labels]  # type: ignore[misc]
    return post


def posts(line: bytes, number: int) -> Found:
    """Return the posts of a line: one post, or the posts of a platform's response, oldest first; or one change.

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
    change = recorded_change.read(line)
    if change is not None:
        return [change]
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


def _is_name(source: str) -> bool:
    return len(source) <= _MAX_NAME and _is_short_name(source)


def _id(given: str | int | None, number: int) -> str:
    return f"{_REPLAY}:{number}" if given is None else str(given)


def _written_ms(at_ms: int | None, created_at: str | None) -> int | None:
    found = valid_ms(at_ms)
    return instant_ms(created_at) if found is None else found


def _own(line: _Line, number: int) -> TimedPost:
    if line.text is None and line.tags is None:
        raise FormatError("no text")
    if line.source and not _is_name(line.source):
        raise FormatError(NO_NAME)
    labels = None if line.tags is None else [tag.label for tag in line.tags]
    post = SourcePost(
        id=_id(line.id, number),
        text=line.text or "",
        source=line.source or _REPLAY,
        labels=labels,
        lang=line.lang or "und",
        author=line.author,
        url=line.url,
        created_at=line.created_at,
    )
    return TimedPost(post, _written_ms(line.at_ms, line.created_at))
