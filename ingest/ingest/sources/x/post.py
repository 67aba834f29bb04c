"""Posts of the X API v2, as its stream and its pages have them."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from ingest.posts.post import SourcePost
from ingest.sources.common import json_line
from ingest.sources.common.json_line import FormatError
from ingest.sources.common.lines import MAX_LINE_BYTES
from ingest.sources.x import errors as x_problem
from ingest.sources.x.errors import Problems


class _Hashtag(msgspec.Struct, gc=False):
    tag: str


class _Entities(msgspec.Struct, gc=False):
    hashtags: list[_Hashtag] | None = None


class _Note(msgspec.Struct, gc=False):
    """The whole of a long post; its `text` is cut at 280 characters, its `entities` are those of the cut text."""

    text: str | None = None
    entities: _Entities | None = None


class XPost(msgspec.Struct):
    """What we read of a post object; `tweet.fields` must have asked for all but id and text."""

    id: str | int
    text: str | None = None
    entities: _Entities | None = None
    note_tweet: _Note | None = None
    referenced_tweets: "list[_Reference] | None" = None
    author_id: str | int | None = None
    created_at: str | None = None
    lang: str | None = None


class _Reference(XPost, kw_only=True):
    """A post that another one refers to: its id, or all of it in what `twarc2 flatten` writes."""

    type: str | None = None


class Includes(msgspec.Struct):
    """The posts that those of an answer refer to, if `expansions` has asked for them."""

    tweets: list[XPost] | None = None


class _Delivered(msgspec.Struct):
    data: XPost | None = None
    includes: Includes | None = None


class ProblemError(FormatError):
    """A line in which X tells of a problem, mostly before it ends the stream."""

    def __init__(self, problem: Problems) -> None:
        super().__init__("message of an error")
        self.problem = str(problem)


_delivered = msgspec.json.Decoder(_Delivered)


def read(line: bytes) -> SourcePost:
    """Return the post of a line that X's stream delivered.

    Raises:
        ProblemError: it is a problem.
        FormatError: it is no post.

    """
    if len(line) > MAX_LINE_BYTES:
        raise FormatError("longer than 1 MiB")
    delivered = json_line.decode(line, _delivered)
    if delivered.data is not None:
        return source_post(delivered.data, by_id(delivered.includes))
    problem = json_line.decode(line, x_problem.decoder)
    raise ProblemError(problem) if problem else FormatError("wrong shape")


def by_id(includes: Includes | None) -> Mapping[str, XPost]:
    """Return the posts beside those of an answer by their ids."""
    return {str(post.id): post for post in (includes and includes.tweets) or ()}


def source_post(post: XPost, included: Mapping[str, XPost] = MappingProxyType({})) -> SourcePost:
    """Return an X post as all sources give them; `included` are the posts beside it, by id.

    Its hashtags are those of its entities alone: without any it has none, for its text may be cut. Of a long post they
    are those of the whole, and of a retweet those of the post that it passes on, if that is there: its own text is cut.

    Raises:
        FormatError: it has neither text nor hashtags.

    """
    text, labels = _whole(_passed_on(post, included) or post)
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


def _passed_on(post: XPost, included: Mapping[str, XPost]) -> XPost | None:
    """Return the post of a retweet, if it is there with its text."""
    for reference in post.referenced_tweets or ():
        if reference.type == "retweeted":
            found = included.get(str(reference.id), reference)
            return found if found.text is not None else None
    return None


def _whole(post: XPost) -> tuple[str | None, list[str]]:
    """Return the text and the hashtags of a post, those of the whole where it is cut."""
    note = post.note_tweet
    if note is None:
        return post.text, _labels(post.entities)
    text = post.text if note.text is None else note.text
    return text, _labels(post.entities if note.entities is None else note.entities)


def _labels(entities: _Entities | None) -> list[str]:
    return [hashtag.tag for hashtag in (entities and entities.hashtags) or ()]
