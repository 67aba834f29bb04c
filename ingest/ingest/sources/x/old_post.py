"""Decode posts of X's API v1.1, which many collections still contain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import regex

from ingest.posts.post import SourcePost
from ingest.sources.common.json_line import FormatError

CUT = "X cut the text of this post: collect it again with tweet_mode=extended, or by the API v2"


class _Hashtag(msgspec.Struct, gc=False):
    text: str


class _Entities(msgspec.Struct, gc=False):
    hashtags: list[_Hashtag] | None = None


class _User(msgspec.Struct, gc=False):
    id_str: str | None = None
    id: str | int | None = None


class _Extended(msgspec.Struct, gc=False):
    full_text: str | None = None
    entities: _Entities | None = None


class OldPost(msgspec.Struct):
    """The fields of a Tweet object that we read."""

    id_str: str | None = None
    id: str | int | None = None
    text: str | None = None
    full_text: str | None = None
    truncated: bool | str | None = None
    entities: _Entities | None = None
    extended_tweet: _Extended | None = None
    retweeted_status: OldPost | None = None
    created_at: str | None = None
    lang: str | None = None
    user: _User | None = None


def source_post(post: OldPost) -> SourcePost:
    """Return the post of a Tweet object. A retweet gets text and hashtags of the original post.

    The hashtags are those of the entities. If the object was stored without entities, ingest extracts them from the
    text.

    Raises:
        FormatError: The object has no id or no text, or only the first 140 characters of the text.

    """
    post_id = post.id_str or post.id
    if post_id is None:
        raise FormatError("wrong shape")
    text, entities, cut = _full_text(post.retweeted_status or post)
    if text is None:
        raise FormatError("no text")
    if cut:
        raise FormatError(CUT)
    user = post.user or _User()
    author = user.id_str or user.id
    return SourcePost(
        id=f"x:{post_id}",
        text=text,
        source="x",
        labels=None if entities is None else [hashtag.text for hashtag in entities.hashtags or ()],
        lang=post.lang or "und",
        author=None if author is None else str(author),
        url=f"https://x.com/i/status/{post_id}",
        created_at=post.created_at,
    )


def _full_text(post: OldPost) -> tuple[str | None, _Entities | None, bool]:
    """Return the longest text, its entities, and whether even this text is cut."""
    extended = post.extended_tweet
    if extended is not None and extended.full_text is not None:
        return extended.full_text, extended.entities or post.entities, False
    if post.full_text is not None:
        return post.full_text, post.entities, False
    return post.text, post.entities, post.truncated in {True, "true"}


_MONTH_NAMES = "JanFebMarAprMayJunJulAugSepOctNovDec"
_MONTHS = {_MONTH_NAMES[3 * number : 3 * number + 3]: number + 1 for number in range(12)}
_time = regex.compile(
    r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) ([0-9]{1,2}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) ([+-])([0-9]{2})([0-9]{2}) ([0-9]{4})"
)


def instant(text: str) -> datetime | None:
    """Parse a time like `Wed Oct 10 20:19:24 +0000 2018`; return None for another form."""
    match = _time.fullmatch(text)
    if match is None or match[1] not in _MONTHS:
        return None
    offset = timedelta(hours=int(match[7]), minutes=int(match[8])) * (-1 if match[6] == "-" else 1)
    try:
        zone = timezone(offset) if offset else UTC
        day, hour, minute, second = (int(match[number]) for number in (2, 3, 4, 5))
        return datetime(int(match[9]), _MONTHS[match[1]], day, hour, minute, second, tzinfo=zone)
    except ValueError:
        return None
