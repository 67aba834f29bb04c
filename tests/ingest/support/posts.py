"""Posts of which a test sets no more than it needs."""

from ingest.posts.post import Post


def plain_post(text: str = "", post_id: str = "t:1") -> Post:
    """A post without tags, as a spool takes it: the spool sets offset and time."""
    return Post(
        offset=0,
        id=post_id,
        at_ms=0,
        created_at=None,
        author=None,
        text=text,
        tags=[],
        lang="und",
        source="t",
        url=None,
    )
