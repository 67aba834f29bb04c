"""The header `columns` of a message: of its post what is counted, so that the job need not parse the value.

It is one row of tab-separated text; docs/protocol.md, "The log on Kafka", has its fields. JSON takes four times as long
to parse, and has no fingerprint of the text.
"""

from collections.abc import Sequence

from ingest.posts.post import Post, Tag
from ingest.posts.text_fingerprint import TextFingerprints

NAME = "columns"
#: Between the fields of a row, and between the hashtags of a field.
FIELD, TAG = "\t", "\x1f"
_FIELDS = 7
#: A longer row is left out: the header counts against the brokers' limit for a message.
MOST_BYTES = 16_384

#: The headers of a message, as the client wants them. None: it has none.
Headers = list[tuple[str, str | bytes | None]] | None


def columns_headers(posts: Sequence[Post], at_ms: int, fingerprints: TextFingerprints) -> list[Headers]:
    """Return the headers of each post; None for a post that does not fit into a row.

    Args:
        posts: Posts of one run.
        at_ms: Their time.
        fingerprints: Makes the fingerprints of their texts.

    """
    # Only copies of a text with a hashtag are looked for.
    texts = fingerprints.of([post.text if post.tags else "" for post in posts])
    rows = [_row(post, at_ms, text) for post, text in zip(posts, texts, strict=True)]
    joined = "\n".join(rows)
    if _are_rows(joined, posts):
        found = joined.encode().split(b"\n")
        return [[(NAME, row)] if len(row) <= MOST_BYTES else None for row in found]
    return [_checked(row, post) for row, post in zip(rows, posts, strict=True)]


def _row(post: Post, at_ms: int, text: bytes | None) -> str:
    fingerprint = int.from_bytes(text, "little") if text else ""
    keys, labels = TAG.join([tag.key for tag in post.tags]), TAG.join([tag.label for tag in post.tags])
    return f"{at_ms}\t{post.source}\t{post.lang}\t{post.author or ''}\t{fingerprint}\t{keys}\t{labels}"


def _are_rows(text: str, posts: Sequence[Post]) -> bool:
    """Whether no name has a separator, and UTF-8 can encode all."""
    tags = sum([_separators(post.tags) for post in posts])
    counts = text.count(FIELD), text.count("\n"), text.count(TAG), text.count("\r")
    if counts != ((_FIELDS - 1) * len(posts), len(posts) - 1, tags, 0):
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _separators(tags: Sequence[Tag]) -> int:
    """The separators in the keys and labels of a post."""
    return 2 * len(tags) - 2 if tags else 0


def _checked(row: str, post: Post) -> Headers:
    if not _are_rows(row, [post]) or len(row.encode()) > MOST_BYTES:
        return None
    return [(NAME, row.encode())]
