"""A post of a file, and when it was posted."""

from datetime import UTC, datetime

import msgspec

from ingest.posts.post import SourcePost
from ingest.sources.x import old_post as x_old_post

#: Times from 1970 to the end of 2199; what claims another one says nothing of when it was posted.
END_MS = 7_258_118_400_000
#: No time is written in more characters.
MAX_CHARACTERS = 64


class TimedPost(msgspec.Struct, gc=False):
    """A post, and when it was posted, in milliseconds since 1970 UTC; None if it does not say."""

    post: SourcePost
    at_ms: int | None


def usable(at_ms: int | None) -> int | None:
    """Return a time if it may be one at which a post was written, else None."""
    return at_ms if at_ms is not None and 0 <= at_ms < END_MS else None


def instant_ms(text: str | None) -> int | None:
    """Return what an ISO 8601 time, or one of X's API v1.1, says; None if it says nothing that we can read."""
    if text is None or len(text) > MAX_CHARACTERS:
        return None
    try:
        instant = x_old_post.instant(text) or datetime.fromisoformat(text)
        aware = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
        return usable(int(aware.timestamp() * 1000))
    except (ValueError, OverflowError):
        return None
