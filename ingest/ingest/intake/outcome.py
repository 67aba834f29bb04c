"""What becomes of the items of a block before duplicates are found: entries of the log, unwanted posts, bad input."""

from collections.abc import Sequence

from ingest.posts import entry
from ingest.posts.entry import Entry
from ingest.posts.filter import Filter
from ingest.sources.base import Block, Malformed, NewPost, Repeated
from ingest.sources.common import unexpected

#: None is a post that is not wanted.
Outcome = Entry | Malformed | Repeated | None


def outcomes(block: Block, post_filter: Filter | None) -> Sequence[Outcome]:
    """Return the outcome of each item of a block, in order; without a filter every post is wanted."""
    posts = [item for item in block if isinstance(item, NewPost)]
    made = _of_posts(posts, post_filter)
    if len(posts) == len(block):
        return made
    rest = iter(made)
    return [next(rest) if isinstance(item, NewPost) else item for item in block]


def _of_posts(items: Sequence[NewPost], post_filter: Filter | None) -> Sequence[Outcome]:
    """Return the outcomes of posts. An unexpected error makes only its own post malformed."""
    try:
        return _made(items, post_filter)
    except Exception as error:  # noqa: BLE001 - one post must not end ingest
        if len(items) == 1:
            return [unexpected.malformed(error, items[0].cursor)]
        return [outcome for item in items for outcome in _of_posts([item], post_filter)]


def _made(items: Sequence[NewPost], post_filter: Filter | None) -> Sequence[Outcome]:
    entries = entry.make_entries([item.post for item in items])
    made: list[Outcome] = [
        Malformed(entry.TOO_LONG, item.cursor) if each is None else each
        for item, each in zip(items, entries, strict=True)
    ]
    if post_filter is None or post_filter.wants_everything:
        return made
    posts = [each.post for each in entries if each is not None]
    wanted = iter(
        post_filter.wants_all(
            [post.text for post in posts], [post.tags for post in posts], [post.lang for post in posts]
        )
    )
    return [each if isinstance(each, Malformed) or next(wanted) else None for each in made]
