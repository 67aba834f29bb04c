"""When the next attempt of a delivery is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: The pause after the first failure. It doubles with each further one.
FIRST_PAUSE_MS = 2_000
MAX_PAUSE_MS = 30 * 60 * 1000
#: The pause is between this part of it and the whole, so that dashboards that failed together don't return together.
LEAST_PART = 0.5
#: How long after it was stored an alert is still delivered.
GIVE_UP_AFTER_MS = 24 * 60 * 60 * 1000


def next_attempt_ms(
    attempts: int, stored_ms: int, now_ms: int, retry_after_ms: int | None, random: Callable[[], float]
) -> int | None:
    """When to try again after a failure, or None: the time is over.

    Args:
        attempts: How many attempts were made, all in vain; at least 1.
        stored_ms: When the alert was stored.
        now_ms: The time now, by the same clock.
        retry_after_ms: How long the receiver wants no request, if it said so. A shorter pause is not made on that day.
        random: Returns a number from 0 to 1.

    """
    # Beyond 2^20 the pause is the greatest one anyway.
    pause_ms = min(MAX_PAUSE_MS, FIRST_PAUSE_MS << min(attempts - 1, 20))
    jittered_ms = round(pause_ms * (LEAST_PART + (1 - LEAST_PART) * random()))
    at_ms = now_ms + max(jittered_ms, retry_after_ms or 0)
    last_ms = stored_ms + GIVE_UP_AFTER_MS
    if now_ms >= last_ms:
        return None
    # The last attempt is made at the end of the day, also if a pause would lead beyond: its clock may be wrong.
    return min(at_ms, last_ms)
