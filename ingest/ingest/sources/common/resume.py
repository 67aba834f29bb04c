"""What comes again after a stream was resumed: from before the place that was asked for, or once more."""

from collections.abc import Callable

#: Over so long a time live events are as far apart as they came; replayed ones come many times faster.
WINDOW_SECONDS = 10.0
#: After such a pause a replay that stalled may go on: the pace of what came before says nothing.
STALL_SECONDS = 2.0
#: Ids that a source remembers: those of the overlap that it asks for on purpose, many times over.
MAX_RECENT_IDS = 20_000


class RecentIds:
    """The ids of the posts that came last. What the spool holds is known by intake, which forgets what is trimmed."""

    def __init__(self, capacity: int = MAX_RECENT_IDS) -> None:
        self._capacity = capacity
        self._ids: dict[str, None] = {}

    def __contains__(self, post_id: str) -> bool:
        """Say whether an id is remembered."""
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
    """Tells which events of a stream are from before the time that was asked for.

    A server may begin its replay up to an hour before (bluesky-social/jetstream#343). A server whose clock is behind
    that of the one which gave the cursor sends live events from before it, too: they come at the pace of a clock, and
    are none to drop.
    """

    def __init__(self, asked_us: int | None, monotonic_seconds: Callable[[], float]) -> None:
        """`asked_us` is the time that was asked for, by the clock of the server; None: none was."""
        self._asked_us = asked_us
        self._monotonic_seconds = monotonic_seconds
        self._window: tuple[float, int, int] | None = None
        self._last_at = 0.0
        #: Whether the last event showed that this server has another clock: its time replaces the cursor.
        self.other_clock = False

    def has(self, time_us: int) -> bool:
        """Say whether an event of this time is to be dropped."""
        self.other_clock = False
        if self._asked_us is None or time_us >= self._asked_us:
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
        self._asked_us = None
        self.other_clock = True
        return False
