"""What becomes of a source's post on its way to the log: its tags, and the bounds that all entries keep."""

from ingest.posts import hashtags, language
from ingest.posts.post import MAX_LINE_BYTES, Post, SourcePost, line_bytes

#: A post of more characters is dropped unread; its text, labels and names together. Its line would be too long.
MAX_POST_CHARACTERS = MAX_LINE_BYTES - 2**10
#: The line of a post of fewer characters, and of no more tags, is short enough: nobody need measure it.
SHORT_CHARACTERS = 2**16
SHORT_TAGS = 20

#: Why a post is malformed.
TOO_LONG = f"longer than {MAX_LINE_BYTES // 2**20} MiB"


def make_entry(post: SourcePost) -> tuple[Post, list[str]] | None:
    """Return the entry that a post makes, and why tags of it were left out; None if it is too long.

    Whatever is done with a text comes behind its bound, so that no post costs more than its length.
    """
    characters = _characters(post)
    if characters > MAX_POST_CHARACTERS:
        return None
    labels = hashtags.extract(post.text) if post.labels is None else post.labels
    tags = hashtags.tags_of(labels)
    lang = language.canonical(post.lang)
    made = Post(
        offset=0,
        id=post.id,
        at_ms=0,
        created_at=post.created_at,
        author=post.author,
        text=post.text,
        tags=tags,
        lang=lang,
        source=post.source,
        url=post.url,
    )
    if (characters > SHORT_CHARACTERS or len(tags) > SHORT_TAGS) and line_bytes(made) > MAX_LINE_BYTES:
        return None
    return made, (hashtags.left_out(labels, tags) if len(tags) != len(labels) else [])


def _characters(post: SourcePost) -> int:
    """Return the length of all that a source may make long."""
    length = len(post.text) + len(post.id) + len(post.lang)
    length += len(post.author or "") + len(post.url or "") + len(post.created_at or "")
    return length + sum(map(len, post.labels)) if post.labels else length
