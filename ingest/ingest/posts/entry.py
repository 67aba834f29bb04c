"""Make log entries of the posts of a source: extract their tags and check their sizes."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import add
from typing import NamedTuple

from ingest.posts import hashtags, language
from ingest.posts.hashtags import TextTags
from ingest.posts.post import MAX_LINE_BYTES, Post, SourcePost, line_bytes

#: A post with more characters (text, labels and names together) is dropped unread: its line would be too long.
MAX_POST_CHARACTERS = MAX_LINE_BYTES - 2**10
#: The line of a post within these two bounds is short enough, so it is not measured.
SHORT_CHARACTERS = 2**16
SHORT_TAGS = 20

#: Reason in `malformed` for a post that is too long.
TOO_LONG = f"longer than {MAX_LINE_BYTES // 2**20} MiB"


class Entry(NamedTuple):
    """A post for the log without offset and time, the characters of all its fields, and why tags of it were dropped."""

    post: Post
    characters: int
    dropped_tags: Sequence[str]


@dataclass(slots=True)
class Entries:
    """Log entries as columns, because an object for each entry costs time. A post that is too long is None.

    `characters` are those of all fields. `dropped_tags` has the places of the posts that lost tags, and why.
    """

    posts: Sequence[Post | None]
    characters: Sequence[int]
    dropped_tags: dict[int, Sequence[str]]

    @property
    def too_long(self) -> list[int]:
        """The places of the posts that are too long."""
        return [place for place, post in enumerate(self.posts) if post is None]

    def __getitem__(self, place: int) -> Entry | None:
        """Return one entry."""
        post = self.posts[place]
        return None if post is None else Entry(post, self.characters[place], self.dropped_tags.get(place, ()))


def make_entries(posts: Sequence[SourcePost]) -> Entries:
    """Return the log entries of posts.

    The length is checked before anything else is done with a text, so that the cost of a post is bounded.
    """
    characters = list(map(_characters, posts))
    found = _tags([post.text for post in posts], [post.labels for post in posts], characters)
    tags = [each.tags for each in found]
    codes = language.canonical_all([post.lang for post in posts])
    made = [
        Post(0, post.id, 0, post.created_at, post.author, post.text, some, code, post.source, post.url, post.alias)
        for post, some, code in zip(posts, tags, codes, strict=True)
    ]
    checked: Sequence[Post | None] = made
    if max(characters) > SHORT_CHARACTERS or max(map(len, tags)) > SHORT_TAGS:
        checked = list(map(_checked, made, characters))
    dropped_tags = {place: each.dropped for place, each in enumerate(found) if each.dropped}
    return Entries(checked, list(map(add, characters, [each.characters for each in found])), dropped_tags)


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


def _tags(
    texts: Sequence[str], labels: Sequence[Sequence[str] | None], characters: Sequence[int]
) -> Sequence[TextTags]:
    """Return the tags of each post: of the labels that the platform reports, else of the text."""
    has_labels = any(each is not None for each in labels)
    if has_labels or max(characters) > MAX_POST_CHARACTERS:
        # A text without a hashtag costs nothing.
        texts = [
            text if given is None and length <= MAX_POST_CHARACTERS else ""
            for text, given, length in zip(texts, labels, characters, strict=True)
        ]
    found = hashtags.tags_of_texts(texts)
    if has_labels:
        for place, (given, length) in enumerate(zip(labels, characters, strict=True)):
            if given and length <= MAX_POST_CHARACTERS:
                found[place] = hashtags.tags_of_labels(given)
    return found


def _checked(post: Post, characters: int) -> Post | None:
    """Return the post if it is not too long."""
    if characters > MAX_POST_CHARACTERS:
        return None
    if (characters > SHORT_CHARACTERS or len(post.tags) > SHORT_TAGS) and line_bytes(post) > MAX_LINE_BYTES:
        return None
    return post
