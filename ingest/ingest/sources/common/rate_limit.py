"""Read from the headers of a response how long the server wants us to wait."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

#: A longer wait than this is cut to it.
MAX_WAIT_SECONDS = 900.0

#: `Retry-After` is from RFC 9110; the others give the time when the count restarts, as Unix or ISO 8601 time.
_HEADERS = ("Retry-After", "X-RateLimit-Reset", "RateLimit-Reset")
#: A greater number is a Unix time, a smaller one is a number of seconds from now.
_LONGEST_SPAN_SECONDS = 10**9


def wait_seconds(headers: Mapping[str, str], now_ms: int) -> float:
    """Return how many seconds to wait from now; 0 if the headers have no readable value."""
    for name in _HEADERS:
        if value := headers.get(name):
            return min(MAX_WAIT_SECONDS, max(0.0, _seconds(value.strip(), now_ms)))
    return 0.0


def _seconds(value: str, now_ms: int) -> float:
    try:
        number = float(value)
    except ValueError:
        return _instant_seconds(value, now_ms)
    return number if number < _LONGEST_SPAN_SECONDS else number - now_ms / 1000


def _instant_seconds(value: str, now_ms: int) -> float:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        instant_seconds = _timestamp(read, value)
        if instant_seconds is not None:
            return instant_seconds - now_ms / 1000
    return 0.0


def _timestamp(read: Callable[[str], datetime], value: str) -> float | None:
    try:
        instant = read(value)
        return (instant if instant.tzinfo else instant.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, TypeError):  # OverflowError: the date is outside the calendar
        return None
