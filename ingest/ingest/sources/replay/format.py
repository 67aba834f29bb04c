"""The formats of a replay file: our own posts, and objects of the platforms (`foreign_post`)."""

import msgspec
import regex

from ingest.posts.post import SourcePost
from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError
from ingest.sources.replay import foreign_post
from ingest.sources.replay.foreign_post import Found
from ingest.sources.replay.timed import TimedPost, instant_ms, usable

NO_NAME = "a source that is no name of ours: small letters, digits, - and _, or leave it out"

SEVERAL_LINES = "JSON over several lines: one object a line is wanted, such as jq -c writes"

#: What a source of ours is called. Platforms write apps there, such as `Twitter for iPhone`, or HTML.
_name = regex.compile(r"[a-z][a-z0-9_-]{0,31}")


class _Label(msgspec.Struct, gc=False):
    label: str


class _Line(msgspec.Struct, gc=False):
    """A post of docs/protocol.md, of which only the text must be there."""

    text: str | None = None
    tags: list[_Label] | None = None
    id: str | int | None = None
    at_ms: int | None = None
    created_at: str | None = None
    author: str | None = None
    lang: str | None = None
    source: str | None = None
    url: str | None = None


_line = msgspec.json.Decoder(_Line)


def posts(line: bytes, number: int) -> Found:
    """Return the post of a line, or the posts of an answer of a platform (oldest first), or why there is none.

    `number` names a post that has no id of its own.
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
        # One that is not ours after all: the author of a flattened post of X is an object.
        read = foreign_post.reader(line)
        if read is None:
            raise
        return read(line)


def _own(line: _Line, number: int) -> TimedPost:
    if line.text is None and line.tags is None:
        raise FormatError("no text")
    if line.source and not _name.fullmatch(line.source):
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
    at_ms = usable(line.at_ms)
    return TimedPost(post, at_ms if at_ms is not None else instant_ms(line.created_at))
