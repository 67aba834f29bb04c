"""Decode posts of the X API v2, from its stream and its pages."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from ingest.posts.post import SourcePost
from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError
from ingest.sources.common.lines import MAX_LINE_BYTES
from ingest.sources.x import errors as x_errors
from ingest.sources.x.errors import Problems


class _Hashtag(msgspec.Struct, gc=False):
    tag: str


class _Entities(msgspec.Struct, gc=False):
    hashtags: list[_Hashtag] | None = None


class _Note(msgspec.Struct, gc=False):
    """The whole text of a long post. (The post's own `text` and `entities` are cut at 280 characters.)"""

    text: str | None = None
    entities: _Entities | None = None


class XPost(msgspec.Struct):
    """The fields of a post object that we read; all except id and text must be requested in `tweet.fields`."""

    id: str | int
    text: str | None = None
    entities: _Entities | None = None
    note_tweet: _Note | None = None
    referenced_tweets: "list[_Reference] | None" = None
    author_id: str | int | None = None
    created_at: str | None = None
    lang: str | None = None


class _Reference(XPost, kw_only=True):
    """A referenced post: only its id, or the whole post in the output of `twarc2 flatten`."""

    type: str | None = None


class Includes(msgspec.Struct):
    """The referenced posts of a response, if they were requested in `expansions`."""

    tweets: list[XPost] | None = None


class _Delivered(msgspec.Struct):
    data: XPost | None = None
    includes: Includes | None = None


class ProblemError(FormatError):
    """A line in which X reports a problem, usually before it ends the stream."""

    def __init__(self, problem: Problems) -> None:
        super().__init__("message of an error")
        self.problem = str(problem)


_delivered = msgspec.json.Decoder(_Delivered)


def read(line: bytes) -> SourcePost:
    """Return the post of a line of X's stream.

    Raises:
        ProblemError: The line is a problem.
        FormatError: The line is not a post.

    """
    if len(line) > MAX_LINE_BYTES:
        raise FormatError("longer than 1 MiB")
    delivered = json_line.decode(line, _delivered)
    if delivered.data is not None:
        return source_post(delivered.data, by_id(delivered.includes))
    problem = json_line.decode(line, x_errors.decoder)
    raise ProblemError(problem) if problem else FormatError("wrong shape")


def by_id(includes: Includes | None) -> Mapping[str, XPost]:
    """Return the referenced posts of a response by their ids."""
    return {str(post.id): post for post in (includes and includes.tweets) or ()}


def source_post(post: XPost, included: Mapping[str, XPost] = MappingProxyType({})) -> SourcePost:
    """Return the post of an X post object.

    The hashtags are those of the entities, never of the text, because the text may be cut. A long post has the hashtags
    of its whole text. A retweet has the hashtags and the text of the original post, if it is available, because its own
    text is cut.

    Args:
        post: The post object.
        included: The referenced posts, by id.

    Raises:
        FormatError: The post has neither text nor hashtags.

    """
    text, labels = _full_text(_retweeted(post, included) or post)
    if text is None and not labels:
        raise FormatError("no text")
    return SourcePost(
        id=f"x:{post.id}",
        text=text or "",
        source="x",
        labels=labels,
        lang=post.lang or "und",
        author=None if post.author_id is None else str(post.author_id),
        url=f"https://x.com/i/status/{post.id}",
        created_at=post.created_at,
    )


def _retweeted(post: XPost, included: Mapping[str, XPost]) -> XPost | None:
    """Return the original post of a retweet, if it is available with its text."""
    for reference in post.referenced_tweets or ():
        if reference.type == "retweeted":
            found = included.get(str(reference.id), reference)
            return found if found.text is not None else None
    return None


def _full_text(post: XPost) -> tuple[str | None, list[str]]:
    """Return the text and the hashtags of a post; of a long post, those of the whole text."""
    note = post.note_tweet
    if note is None:
        return post.text, _labels(post.entities)
    text = post.text if note.text is None else note.text
    return text, _labels(post.entities if note.entities is None else note.entities)


def _labels(entities: _Entities | None) -> list[str]:
    return [hashtag.tag for hashtag in (entities and entities.hashtags) or ()]
