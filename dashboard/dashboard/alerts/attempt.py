"""What becomes of one attempt to deliver an alert."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

#: A longer pause than this is not honoured: the alert would be too old then anyway.
MAX_RETRY_AFTER_SECONDS = 10**9
#: Why nothing was sent to a private address that the operator has not named.
PRIVATE = "its name leads to a private address, and its line has no word private"


@dataclass(frozen=True)
class Failure:
    """Why the target did not take the alert. `reason` has nothing of its address, because it is logged.

    `retry_after_ms`: how long the target wants no request, if it said so.
    """

    reason: str
    retry_after_ms: int | None = None


def retry_after_ms(header: str | None, now_ms: int) -> int | None:
    """The pause that a header `Retry-After` demands (RFC 9110, 10.2.3). None without one, and if it is malformed.

    Args:
        header: Seconds, or a date.
        now_ms: Milliseconds since 1970.

    """
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return 1000 * min(int(text[:12]), MAX_RETRY_AFTER_SECONDS)
    try:
        at = parsedate_to_datetime(text)
        return max(0, round(at.timestamp() * 1000) - now_ms)
    except (TypeError, ValueError, OverflowError):
        return None
