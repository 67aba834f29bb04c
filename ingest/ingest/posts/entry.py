"""Make a log entry of a source's post: extract its tags and check its size."""

from ingest.posts import hashtags, language
from ingest.posts.post import MAX_LINE_BYTES, Post, SourcePost, line_bytes

#: A post with more characters (text, labels and names together) is dropped unread: its line would be too long.
MAX_POST_CHARACTERS = MAX_LINE_BYTES - 2**10
#: The line of a post within these two bounds is short enough, so it is not measured.
SHORT_CHARACTERS = 2**16
SHORT_TAGS = 20

#: Reason in `malformed` for a post that is too long.
TOO_LONG = f"longer than {MAX_LINE_BYTES // 2**20} MiB"


def make_entry(post: SourcePost) -> tuple[Post, list[str]] | None:
    """Return the log entry of a post, without offset and time.

    The length is checked before anything else is done with the text, so that the cost of a post is bounded.

    Returns:
        The entry, and the reasons why tags of it were dropped; None if the post is too long.

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
    return made, (hashtags.dropped_reasons(labels, tags) if len(tags) != len(labels) else [])


def _characters(post: SourcePost) -> int:
    """Return the number of characters of all fields that may be long."""
    length = len(post.text) + len(post.id) + len(post.lang)
    length += len(post.author or "") + len(post.url or "") + len(post.created_at or "")
    return length + sum(map(len, post.labels)) if post.labels else length
