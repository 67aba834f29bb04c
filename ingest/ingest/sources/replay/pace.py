"""The pace of a replay: the time between its posts, divided by the speed."""

import logging
from collections.abc import Callable
from threading import Event

#: Nobody waits longer for the next post, whatever its time says.
MAX_WAIT_SECONDS = 60.0

#: Posts of a live stream come a little out of order; that is nothing to speak of.
DISORDER_MS = 1000

BACKWARDS = "the times of its posts run backwards: a post that is older than the one before it comes at once"
FAR = f"some posts are further apart than {MAX_WAIT_SECONDS:.0f} s: the next one comes after {MAX_WAIT_SECONDS:.0f} s"
NO_TIMES = "some of its posts have no time that can be read (at_ms or created_at, 1970 to 2199): these come at once"

logger = logging.getLogger(__name__)


class Pace:
    """Keeps the time between posts, divided by the speed.

    A post that is a little older than the last one comes at once, and the pace goes on from the newest. After one that
    is older by more than any wait, it goes on from that one. What is unusual is logged once, and stands in `notes`.
    """

    def __init__(self, speed: float, monotonic_seconds: Callable[[], float], stop: Event, name: str) -> None:
        """`speed` times the original pace, 0: no pace; `name` is what is replayed."""
        self._speed = speed
        self._monotonic_seconds = monotonic_seconds
        self._stop = stop
        self._name = name
        self._newest_ms: int | None = None
        # When the post of that time was due.
        self._due = 0.0
        self.notes: list[str] = []

    def keep(self, at_ms: int | None) -> bool:
        """Wait until it is the turn of a post of this time; false if we must stop."""
        if not self._speed:
            return True
        if at_ms is None:
            self._note(NO_TIMES)
            return True
        if self._newest_ms is None:
            self._newest_ms, self._due = at_ms, self._monotonic_seconds()
            return True
        seconds = (at_ms - self._newest_ms) / 1000 / self._speed
        if seconds < 0:
            if at_ms < self._newest_ms - DISORDER_MS:
                self._note(BACKWARDS)
            if seconds < -MAX_WAIT_SECONDS:
                self._newest_ms, self._due = at_ms, self._monotonic_seconds()
            return True
        if seconds > MAX_WAIT_SECONDS:
            self._note(FAR)
            # What was late before this gap is not made up for in it.
            self._due = max(self._due, self._monotonic_seconds())
            seconds = MAX_WAIT_SECONDS
        self._newest_ms, self._due = at_ms, self._due + seconds
        delay = self._due - self._monotonic_seconds()
        return delay <= 0 or not self._stop.wait(delay)

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)
            logger.warning("replay: %s: %s", self._name, note)
