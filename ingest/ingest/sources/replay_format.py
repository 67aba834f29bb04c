"""The formats of a replay file: our own posts, and objects of the X API v2."""

import json
from datetime import UTC, datetime

import msgspec

from ingest.post import SourcePost, mend


class FormatError(ValueError):
    """A line that is no post; the text is the reason, the same for all of its kind."""


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


class _Hashtag(msgspec.Struct, gc=False):
    tag: str


class _Entities(msgspec.Struct, gc=False):
    hashtags: list[_Hashtag] | None = None


class _XPost(msgspec.Struct, gc=False):
    id: str | int
    text: str | None = None
    entities: _Entities | None = None
    author_id: str | int | None = None
    created_at: str | None = None
    lang: str | None = None


_decode_line = msgspec.json.Decoder(_Line).decode
_decode_page = msgspec.json.Decoder(list[msgspec.Raw]).decode
_decode_x = msgspec.json.Decoder(_XPost).decode


def posts(line: bytes, number: int) -> list[Timed | FormatError]:
    """Return the post of a line, or the posts of an X API page (oldest first), or why there is none.

    `number` names a post that has no id of its own.
    """
    try:
        own = _decoded(line)
        data = bytes(own.data)
        return _elements(data) if data else [_own(own, number)]
    except FormatError as error:
        return [error]


def _decoded(line: bytes) -> _Line:
    try:
        if not line.isascii():
            line.decode()
        return _decode_line(line)
    except UnicodeDecodeError as error:
        raise FormatError("not UTF-8") from error
    except msgspec.ValidationError as error:
        raise FormatError("wrong shape") from error
    except msgspec.DecodeError as error:
        if b"\\ud" not in line.lower():
            raise FormatError("not JSON") from error
        return _decoded_with_half_pairs(line)
    except RecursionError as error:
        raise FormatError("nested too deep") from error


def _decoded_with_half_pairs(line: bytes) -> _Line:
    r"""Decode a line in which an escape like `\ud83d` stands alone, as in a text that was cut within an emoji."""
    try:
        mended = mend(json.dumps(json.loads(line), ensure_ascii=False))
        return _decode_line(mended.encode())
    except msgspec.ValidationError as error:
        raise FormatError("wrong shape") from error
    except (ValueError, RecursionError) as error:
        raise FormatError("not JSON") from error


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
    except msgspec.DecodeError:
        return FormatError("wrong shape")
    hashtags = (post.entities and post.entities.hashtags) or []
    if post.text is None and not hashtags:
        return FormatError("no text")
    return Timed(
        SourcePost(
            f"x:{post.id}",
            post.text or "",
            "x",
            [hashtag.tag for hashtag in hashtags],
            post.lang or "und",
            None if post.author_id is None else str(post.author_id),
            f"https://x.com/i/web/status/{post.id}",
            post.created_at,
        ),
        _instant_ms(post.created_at),
    )


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
