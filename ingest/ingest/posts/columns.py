"""The columns of a run: of each post what is counted, as a record batch of Arrow's IPC format; see docs/protocol.md.

An answer is the schema, the batches of its runs and the end of the stream. A batch is stored and sent as it was made
(Arrow, "IPC Streaming Format": encapsulated messages follow each other). So a run is written once and never parsed.
"""

import io
from array import array
from collections.abc import Sequence
from itertools import accumulate, chain
from typing import Protocol

import msgspec
import nanoarrow as na
from nanoarrow.c_array import CArray, c_array_from_buffers
from nanoarrow.ipc import StreamWriter

from ingest.posts.author_hash import HASH_BYTES
from ingest.posts.post import Post, Tag
from ingest.posts.post_hashes import PostHashes

#: The number of the set of columns; another set gets another number. 0: no columns.
COLUMN_SET = 2
#: The end of a stream.
END_OF_STREAM = b"\xff\xff\xff\xff\0\0\0\0"

_NO_HASH = bytes(HASH_BYTES)
_TAG = na.struct({"key": na.string(), "label": na.string()})
_TYPES = {
    "offset": na.int64(),
    "at_ms": na.int64(),
    "source": na.string(),
    "lang": na.string(),
    "author": na.uint64(),
    "tags": na.list_(_TAG),
    "text": na.uint64(),
}
#: The names of the columns, in order.
COLUMNS = tuple(_TYPES)

_tag, _run = na.c_schema(_TAG), na.c_schema(na.struct(_TYPES))
_column = {name: na.c_schema(column) for name, column in _TYPES.items()}
_text = na.c_schema(na.string())


class PostWithColumns(Protocol):
    """A post, as far as its columns need it."""

    source: str
    lang: str
    author: str | None
    text: str
    tags: Sequence[Tag]


class _StoredPost(msgspec.Struct, gc=False):
    """A line of the log, as far as its columns need it."""

    offset: int
    at_ms: int
    source: str
    lang: str
    tags: Sequence[Tag]
    author: str | None = None
    text: str = ""


class NoColumnsError(ValueError):
    """The lines of a run can't be converted to columns."""


def columns_of_posts(posts: Sequence[Post], first: int, at_ms: int, lines: bytes, hashes: PostHashes) -> bytes:
    """Return the columns of a run that is about to be stored, as one encapsulated record batch.

    Args:
        posts: The posts of the run.
        first: The offset of the first one.
        at_ms: Their time.
        lines: Their lines, which have no half of a surrogate pair.
        hashes: Hashes their authors and texts.

    """
    try:
        return _message(_batch(posts, first, [at_ms] * len(posts), hashes), schema=False)
    except ValueError:
        # A text has half a surrogate pair. The lines have U+FFFD in its place.
        return columns_of_lines(lines, first, len(posts), hashes)


def columns_of_lines(lines: bytes, first: int, count: int, hashes: PostHashes) -> bytes:
    """Return the columns of a run that was stored as lines only.

    Args:
        lines: Its lines.
        first: The offset of its first post.
        count: The number of its posts.
        hashes: Hashes their authors and texts.

    Raises:
        NoColumnsError: A line is not one post of the protocol, or has another offset than it should.

    """
    try:
        posts = _decoder.decode_lines(lines)
        if [post.offset for post in posts] != list(range(first, first + count)):
            raise NoColumnsError("the offsets of the lines are wrong")
        return _message(_batch(posts, first, [post.at_ms for post in posts], hashes), schema=False)
    except (msgspec.MsgspecError, ValueError, OverflowError) as error:
        raise NoColumnsError(f"the posts from {first} on can't be converted to columns: {error}") from error


def _batch(posts: Sequence[PostWithColumns], first: int, times_ms: Sequence[int], hashes: PostHashes) -> CArray:
    authors = hashes.authors
    columns = [
        _numbers("offset", array("q", range(first, first + len(posts)))),
        _numbers("at_ms", array("q", times_ms)),
        na.c_array([post.source for post in posts], _text),
        na.c_array([post.lang for post in posts], _text),
        _hashes("author", [authors[post.source][post.author] for post in posts]),
        _tags([post.tags for post in posts]),
        # Only copies of a text with a hashtag are looked for.
        _hashes("text", hashes.texts.of([post.text if post.tags else "" for post in posts])),
    ]
    authors.bound()
    return c_array_from_buffers(_run, len(posts), [None], null_count=0, children=columns)


def _numbers(name: str, numbers: "array[int]") -> CArray:
    return c_array_from_buffers(_column[name], len(numbers), [None, numbers], null_count=0)


def _hashes(name: str, hashes: Sequence[bytes | None]) -> CArray:
    """Return a column of hashes, whose bytes are numbers with the least byte first."""
    nulls = hashes.count(None)
    validity = _validity(hashes) if nulls else None
    numbers = b"".join([each or _NO_HASH for each in hashes])
    return c_array_from_buffers(_column[name], len(hashes), [validity, numbers], null_count=nulls)


def _validity(values: Sequence[bytes | None]) -> bytes:
    """Return Arrow's bitmap of the values that are not null. The bits behind the last value are 0."""
    bits = "".join(["0" if each is None else "1" for each in reversed(values)])
    return int(bits, 2).to_bytes((len(values) + 7) // 8, "little")


def _tags(lists: Sequence[Sequence[Tag]]) -> CArray:
    tags = list(chain.from_iterable(lists))
    texts = [na.c_array([tag.key for tag in tags], _text), na.c_array([tag.label for tag in tags], _text)]
    structs = c_array_from_buffers(_tag, len(tags), [None], null_count=0, children=texts)
    ends = array("i", accumulate(map(len, lists), initial=0))
    return c_array_from_buffers(_column["tags"], len(lists), [None, ends], null_count=0, children=[structs])


def _message(run: CArray, *, schema: bool) -> bytes:
    """Return the message of a record batch; `schema`: after the message of its schema."""
    written = io.BytesIO()
    writer = StreamWriter.from_writable(written)
    writer.write_stream(run, write_schema=schema)
    writer.release()
    return written.getvalue()


_decoder = msgspec.json.Decoder(_StoredPost)
_no_posts = _batch([], 0, [], PostHashes(b""))
#: The message of the schema, with which each stream begins.
SCHEMA = _message(_no_posts, schema=True).removesuffix(_message(_no_posts, schema=False))
