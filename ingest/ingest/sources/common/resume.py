"""Recognise posts that a server sends again after a stream was resumed."""

from collections.abc import Callable

#: The pace of events is measured over this long: live events are as far apart as their times, replayed ones much less.
WINDOW_SECONDS = 10.0
#: After a pause this long the measurement starts again, because a stalled replay may continue.
STALL_SECONDS = 2.0
#: How many ids a source remembers: many times more than the overlap that it requests on purpose.
MAX_RECENT_IDS = 20_000


class RecentIds:
    """The ids of the last posts of a source. (Intake knows the ids of stored posts, but not those of trimmed posts.)"""

    def __init__(self, capacity: int = MAX_RECENT_IDS) -> None:
        self._capacity = capacity
        self._ids: dict[str, None] = {}

    def __contains__(self, post_id: str) -> bool:
        """Return whether an id is remembered."""
        return post_id in self._ids

    def add(self, post_id: str) -> bool:
        """Remember an id; return whether it is new."""
        if post_id in self._ids:
            return False
        self._ids[post_id] = None
        if len(self._ids) > self._capacity:
            del self._ids[next(iter(self._ids))]
        return True


class ReplayDetector:
    """Recognises events from before the requested time.

    A server may begin its replay up to an hour too early (bluesky-social/jetstream#343): such events are dropped. Live
    events may also have earlier times, if the clock of this server is behind the clock of the server that gave the
    cursor. Live events come at the pace of their times and are not dropped.
    """

    def __init__(self, requested_us: int | None, monotonic_seconds: Callable[[], float]) -> None:
        """Create the detector; `requested_us` is the requested time in µs by the server's clock; None: no time."""
        self._requested_us = requested_us
        self._monotonic_seconds = monotonic_seconds
        self._window: tuple[float, int, int] | None = None
        self._last_at = 0.0
        #: Whether the last event showed that the clock of this server differs; then its time replaces the cursor.
        self.other_clock = False

    def is_replayed(self, time_us: int) -> bool:
        """Return whether an event of this time must be dropped."""
        self.other_clock = False
        if self._requested_us is None or time_us >= self._requested_us:
            return False
        now = self._monotonic_seconds()
        if now - self._last_at > STALL_SECONDS:
            self._window = None
        self._last_at = now
        began, first_us, last_us = self._window or (now, time_us, time_us)
        first_us, last_us = min(first_us, time_us), max(last_us, time_us)
        self._window = began, first_us, last_us
        if now - began < WINDOW_SECONDS:
            return True
        self._window = None
        if not 0.5 <= (last_us - first_us) / 1_000_000 / (now - began) <= 2:
            return True
        self._requested_us = None
        self.other_clock = True
        return False
