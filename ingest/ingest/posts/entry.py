"""Make log entries of the posts of a source: extract their tags and check their sizes."""

from collections.abc import Sequence

import msgspec

from ingest.posts import hashtags, language
from ingest.posts.post import MAX_LINE_BYTES, Post, SourcePost, line_bytes

#: A post with more characters (text, labels and names together) is dropped unread: its line would be too long.
MAX_POST_CHARACTERS = MAX_LINE_BYTES - 2**10
#: The line of a post within these two bounds is short enough, so it is not measured.
SHORT_CHARACTERS = 2**16
SHORT_TAGS = 20

#: Reason in `malformed` for a post that is too long.
TOO_LONG = f"longer than {MAX_LINE_BYTES // 2**20} MiB"


class Entry(msgspec.Struct, gc=False):
    """A post for the log without offset and time, the characters of all its fields, and why tags of it were dropped."""

    post: Post
    characters: int
    dropped_tags: Sequence[str] = ()


def make_entries(posts: Sequence[SourcePost]) -> list[Entry | None]:
    """Return the log entry of each post; None for a post that is too long.

    The length is checked before anything else is done with a text, so that the cost of a post is bounded.
    """
    lengths = list(map(_characters, posts))
    # A text without a hashtag costs nothing.
    texts = [
        post.text if post.labels is None and characters <= MAX_POST_CHARACTERS else ""
        for post, characters in zip(posts, lengths, strict=True)
    ]
    found = hashtags.extract_all(texts)
    return [
        _entry(post, post.labels or labels, characters) if characters <= MAX_POST_CHARACTERS else None
        for post, labels, characters in zip(posts, found, lengths, strict=True)
    ]


def _entry(post: SourcePost, labels: Sequence[str], characters: int) -> Entry | None:
    tags = hashtags.tags_of(labels) if labels else []
    made = Post(
        offset=0,
        id=post.id,
        at_ms=0,
        created_at=post.created_at,
        author=post.author,
        text=post.text,
        tags=tags,
        lang=language.canonical(post.lang),
        source=post.source,
        url=post.url,
    )
    if (characters > SHORT_CHARACTERS or len(tags) > SHORT_TAGS) and line_bytes(made) > MAX_LINE_BYTES:
        return None
    for tag in tags:
        characters += len(tag.key) + len(tag.label)
    if len(tags) == len(labels):
        return Entry(made, characters)
    return Entry(made, characters, hashtags.dropped_reasons(labels, tags))


def _characters(post: SourcePost) -> int:
    """Return the number of characters of all fields that may be long."""
    characters = len(post.text) + len(post.id) + len(post.lang)
    if post.author is not None:
        characters += len(post.author)
    if post.url is not None:
        characters += len(post.url)
    if post.created_at is not None:
        characters += len(post.created_at)
    return characters + sum(map(len, post.labels)) if post.labels else characters
