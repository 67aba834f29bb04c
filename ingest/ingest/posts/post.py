"""A post: as a source yields it, and as it is stored and sent, one JSON object per line."""

from collections import deque
from collections.abc import Sequence
from itertools import repeat

import msgspec


class Tag(msgspec.Struct, frozen=True, gc=False):
    """A hashtag of a post: `key` folded (what is counted), `label` as written, without the `#`."""

    key: str
    label: str


class SourcePost(msgspec.Struct, kw_only=True, gc=False):
    """A post as a source yields it, before it has an offset and a time in the log.

    `labels` are the hashtags that the platform reports, without the `#`. None means that the platform reports no
    hashtags, so ingest extracts them from the text. An empty list means that the post has none. `alias` is the id by
    which the platform names the post when it is deleted, if that is another one.
    """

    id: str
    text: str
    source: str
    labels: list[str] | None = None
    lang: str = "und"
    author: str | None = None
    url: str | None = None
    created_at: str | None = None
    alias: str | msgspec.UnsetType = msgspec.UNSET


class Post(msgspec.Struct, gc=False):
    """A post of the log (docs/protocol.md, "Post"); the fields are in the order of the JSON object."""

    offset: int
    id: str
    at_ms: int
    created_at: str | None
    author: str | None
    text: str
    # Posts may share it, so it is never changed.
    tags: Sequence[Tag]
    lang: str
    source: str
    url: str | None
    alias: str | msgspec.UnsetType = msgspec.UNSET


#: The longest line, its line feed included; readers may rely on it.
MAX_LINE_BYTES = 2**20

#: Bytes that offset and time may add to a line that is measured without them.
_STAMP_BYTES = 40

_encoder = msgspec.json.Encoder()


def encode_lines(posts: Sequence[Post], first: int, at_ms: int) -> bytes:
    r"""Set the offsets of `posts` from `first` on and their time to `at_ms`; return their lines, each ended by `\n`.

    Half a surrogate pair, which UTF-8 can't encode, becomes U+FFFD.
    """
    # The fastest way to set an attribute of many objects: a deque without room runs the map.
    deque(map(setattr, posts, repeat("offset"), range(first, first + len(posts))), 0)
    return encode_at(posts, at_ms)


def encode_at(posts: Sequence[Post], at_ms: int) -> bytes:
    """Set the time of `posts` to `at_ms`; return their lines, as `encode_lines`, with the offsets that they have."""
    deque(map(setattr, posts, repeat("at_ms"), repeat(at_ms)), 0)
    try:
        return _encoder.encode_lines(posts)
    except UnicodeEncodeError:
        return _encoder.encode_lines([_with_fixed_surrogates(post) for post in posts])


def line_bytes(post: Post) -> int:
    """Return the greatest length of the line of a post that has no offset and no time yet."""
    return len(encode_lines([post], 0, 0)) + _STAMP_BYTES


def fix_surrogates(text: str) -> str:
    """Return `text` with surrogate pairs joined and lone halves replaced by U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _with_fixed_surrogates(post: Post) -> Post:
    fields = {
        name: fix_surrogates(value) for name, value in msgspec.structs.asdict(post).items() if isinstance(value, str)
    }
    tags = [Tag(fix_surrogates(tag.key), fix_surrogates(tag.label)) for tag in post.tags]
    return msgspec.structs.replace(post, tags=tags, **fields)
