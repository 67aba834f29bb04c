"""The formats of a replay file: our own posts, and objects of the X API v2."""

from datetime import UTC, datetime

import msgspec

from ingest.post import SourcePost
from ingest.sources import json_line
from ingest.sources.json_line import FormatError
from ingest.sources.x_post import XPost, source_post


class Timed(msgspec.Struct, gc=False):
    """A post, and when it was posted, in milliseconds since 1970 UTC; None if it does not say."""

    post: SourcePost
    at_ms: int | None


class _Label(msgspec.Struct, gc=False):
    label: str


class _Line(msgspec.Struct, gc=False):
    """A post of docs/protocol.md, of which only the text must be there; or an X object, which has `data`."""

    data: msgspec.Raw = msgspec.Raw()
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
_decode_page = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_x = msgspec.json.Decoder(XPost).decode


def posts(line: bytes, number: int) -> list[Timed | FormatError]:
    """Return the post of a line, or the posts of an X API page (oldest first), or why there is none.

    `number` names a post that has no id of its own.
    """
    try:
        own = json_line.decode(line, _line)
        data = bytes(own.data)
        return _elements(data) if data else [_own(own, number)]
    except FormatError as error:
        return [error]


def _own(line: _Line, number: int) -> Timed:
    if line.text is None and line.tags is None:
        raise FormatError("no text")
    labels = None if line.tags is None else [tag.label for tag in line.tags]
    post = SourcePost(
        f"replay:{number}" if line.id is None else str(line.id),
        line.text or "",
        line.source or "replay",
        labels,
        line.lang or "und",
        line.author,
        line.url,
        line.created_at,
    )
    return Timed(post, line.at_ms if line.at_ms is not None else _instant_ms(line.created_at))


def _elements(data: bytes) -> list[Timed | FormatError]:
    """Return the posts of `data`, one or a page; a page comes newest first and is put in order."""
    try:
        raw = _decode_page(data) if data.lstrip().startswith(b"[") else [msgspec.Raw(data)]
    except msgspec.DecodeError as error:
        raise FormatError("wrong shape") from error
    elements = [_x(bytes(each)) for each in raw]
    return sorted(elements, key=lambda each: (each.at_ms or 0) if isinstance(each, Timed) else 0)


def _x(data: bytes) -> Timed | FormatError:
    try:
        post = _decode_x(data)
        return Timed(source_post(post), _instant_ms(post.created_at))
    except msgspec.DecodeError:
        return FormatError("wrong shape")
    except FormatError as error:
        return error


def _instant_ms(text: str | None) -> int | None:
    """Return what an ISO 8601 time says; None if it says nothing that we can read."""
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return int(aware.timestamp() * 1000)
    except (ValueError, OverflowError):
        return None
