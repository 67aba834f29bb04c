"""What becomes of the items of a block before duplicates are found: posts of the log, unwanted posts, bad input."""

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.posts import entry
from ingest.posts.filter import Filter
from ingest.posts.post import Post, SourcePost
from ingest.sources.base import Block, ChangedPost, Malformed, NewPost, NumberedPosts, Repeated
from ingest.sources.common import unexpected

#: None is a post that is not wanted.
Outcome = Post | ChangedPost | Malformed | Repeated | None


@dataclass(slots=True)
class Outcomes:
    """The outcome of each item of a block, in order, and of each post the characters of all fields.

    `dropped_tags` has the places of the posts that lost tags, and why.
    """

    made: Sequence[Outcome]
    characters: Sequence[int]
    dropped_tags: dict[int, Sequence[str]]


def outcomes(block: Block, post_filter: Filter | None) -> Outcomes:
    """Return what becomes of the items of a block; without a filter every post is wanted."""
    if isinstance(block, NumberedPosts):
        return _of_posts(block.posts, block, post_filter)
    items = [item for item in block if isinstance(item, NewPost)]
    of_posts = _of_posts([item.post for item in items], items, post_filter)
    if len(items) == len(block):
        return of_posts
    places = [place for place, item in enumerate(block) if isinstance(item, NewPost)]
    made: list[Outcome] = [None if isinstance(item, NewPost) else item for item in block]
    characters = [0] * len(block)
    for place, outcome, length in zip(places, of_posts.made, of_posts.characters, strict=True):
        made[place], characters[place] = outcome, length
    return Outcomes(made, characters, {places[place]: reasons for place, reasons in of_posts.dropped_tags.items()})


def _of_posts(posts: Sequence[SourcePost], items: Sequence[NewPost], post_filter: Filter | None) -> Outcomes:
    """Return the outcomes of posts. An unexpected error makes only its own post malformed."""
    try:
        return _made(posts, items, post_filter)
    except Exception as error:  # noqa: BLE001 - one post must not end ingest
        if len(posts) == 1:
            return Outcomes([unexpected.malformed(error, items[0].cursor)], [0], {})
    each = [_of_posts([post], [item], post_filter) for post, item in zip(posts, items, strict=True)]
    return Outcomes(
        [one.made[0] for one in each],
        [one.characters[0] for one in each],
        {place: one.dropped_tags[0] for place, one in enumerate(each) if one.dropped_tags},
    )


def _made(posts: Sequence[SourcePost], items: Sequence[NewPost], post_filter: Filter | None) -> Outcomes:
    if not posts:
        return Outcomes([], [], {})
    entries = entry.make_entries(posts)
    made: list[Outcome] = list(entries.posts)
    if post_filter is not None and not post_filter.wants_everything:
        short = [post for post in entries.posts if post is not None]
        wanted = post_filter.wants_all(
            [post.text for post in short], [post.tags for post in short], [post.lang for post in short]
        )
        if not all(wanted):
            each = iter(wanted)
            made = [post if post is not None and next(each) else None for post in entries.posts]
    for place in entries.too_long:
        made[place] = Malformed(entry.TOO_LONG, items[place].cursor)
    return Outcomes(made, entries.characters, entries.dropped_tags)
