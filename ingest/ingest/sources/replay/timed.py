"""A post or a change of a replay file, and when it was written."""

from datetime import UTC, datetime

import msgspec

from ingest.posts.post import SourcePost
from ingest.sources.base import ChangedPost
from ingest.sources.x import old_post as x_old_post

#: Times from 1970 to the end of 2199 are valid; others are ignored.
END_MS = 7_258_118_400_000
#: The longest text of a time.
MAX_CHARACTERS = 64


class TimedPost(msgspec.Struct, gc=False):
    """A post, and when it was written, in milliseconds since 1970 UTC; None if that is unknown."""

    post: SourcePost
    at_ms: int | None


class TimedChange(msgspec.Struct, gc=False):
    """A change of a post, and when it was noticed, in milliseconds since 1970 UTC; None if that is unknown."""

    change: ChangedPost
    at_ms: int | None


def valid_ms(at_ms: int | None) -> int | None:
    """Return a time if it is valid, else None."""
    return at_ms if at_ms is not None and 0 <= at_ms < END_MS else None


def instant_ms(text: str | None) -> int | None:
    """Parse an ISO 8601 time, or a time of X's API v1.1; return None if it can't be parsed or is not valid."""
    if text is None or len(text) > MAX_CHARACTERS:
        return None
    try:
        instant = x_old_post.instant(text) or datetime.fromisoformat(text)
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return valid_ms(int(aware.timestamp() * 1000))
    except (ValueError, OverflowError):
        return None
