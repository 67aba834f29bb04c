"""Posts of the X API v2, as its stream and its pages have them."""

import msgspec

from ingest.lines import MAX_LINE_BYTES
from ingest.post import SourcePost
from ingest.sources import json_line, x_problem
from ingest.sources.json_line import FormatError
from ingest.sources.x_problem import Problems


class _Hashtag(msgspec.Struct, gc=False):
    tag: str


class _Entities(msgspec.Struct, gc=False):
    hashtags: list[_Hashtag] | None = None


class XPost(msgspec.Struct, gc=False):
    """What we read of a post object; `tweet.fields` must have asked for all but id and text."""

    id: str | int
    text: str | None = None
    entities: _Entities | None = None
    author_id: str | int | None = None
    created_at: str | None = None
    lang: str | None = None


class _Delivered(msgspec.Struct, gc=False):
    data: XPost | None = None


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
    post = json_line.decode(line, _delivered).data
    if post is not None:
        return source_post(post)
    problem = json_line.decode(line, x_problem.decoder)
    raise ProblemError(problem) if problem else FormatError("wrong shape")


def source_post(post: XPost) -> SourcePost:
    """Return an X post as all sources give them.

    Its hashtags are those of its entities alone: without any it has none, for its text may be cut.

    Raises:
        FormatError: it has neither text nor hashtags.

    """
    hashtags = (post.entities and post.entities.hashtags) or []
    if post.text is None and not hashtags:
        raise FormatError("no text")
    return SourcePost(
        f"x:{post.id}",
        post.text or "",
        "x",
        [hashtag.tag for hashtag in hashtags],
        post.lang or "und",
        None if post.author_id is None else str(post.author_id),
        f"https://x.com/i/status/{post.id}",
        post.created_at,
    )
