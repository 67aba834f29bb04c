"""A post: as a source gives it, and as it goes over the wire, one JSON object a line."""

from collections.abc import Sequence

import msgspec


class Tag(msgspec.Struct, frozen=True, gc=False):
    """A hashtag of a post: `key` folded (what is counted), `label` as written, without the `#`."""

    key: str
    label: str


class SourcePost(msgspec.Struct, kw_only=True, gc=False):
    """A post as a source gives it, before it has a place and a time in the log.

    `labels` are the platform's own hashtags, without the `#`; None says that it has no such thing, so that they are
    taken from the text. An empty list says that there are none.
    """

    id: str
    text: str
    source: str
    labels: list[str] | None = None
    lang: str = "und"
    author: str | None = None
    url: str | None = None
    created_at: str | None = None


class Post(msgspec.Struct, kw_only=True, gc=False):
    """A post of the contract (docs/protocol.md, "Post"); the fields stand in its order."""

    offset: int
    id: str
    at_ms: int
    created_at: str | None
    author: str | None
    text: str
    tags: list[Tag]
    lang: str
    source: str
    url: str | None


#: No line is longer, its line feed included; readers may rely on it.
MAX_LINE_BYTES = 2**20

#: What offset and time may add to a line that is measured before it has them.
_STAMP_BYTES = 40

_encoder = msgspec.json.Encoder()


def encode_lines(posts: Sequence[Post], first: int, at_ms: int) -> bytes:
    r"""Give `posts` the offsets from `first` and the time `at_ms`, and return their lines, each ended by `\n`.

    Half a surrogate pair, which UTF-8 has no bytes for, becomes U+FFFD.
    """
    for offset, post in enumerate(posts, first):
        post.offset = offset
        post.at_ms = at_ms
    try:
        return _encoder.encode_lines(posts)
    except UnicodeEncodeError:
        return _encoder.encode_lines([_with_fixed_surrogates(post) for post in posts])


def line_bytes(post: Post) -> int:
    """Return how long the line of a post that has no offset and no time yet may get; keeps neither."""
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
