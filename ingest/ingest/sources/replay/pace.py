"""The pace of a replay: wait between posts as long as their times differ, divided by the speed."""

import logging
from collections.abc import Callable

#: The longest wait for the next post.
MAX_WAIT_SECONDS = 60.0

#: Posts of a live stream are a little out of order; up to this much is not logged.
DISORDER_MS = 1000

BACKWARDS = "the times of its posts run backwards: a post that is older than the one before it comes at once"
FAR = f"some posts are further apart than {MAX_WAIT_SECONDS:.0f} s: the next one comes after {MAX_WAIT_SECONDS:.0f} s"
NO_TIMES = "some of its posts have no time that can be read (at_ms or created_at, 1970 to 2199): these come at once"

logger = logging.getLogger(__name__)


class Pace:
    """Says how long to wait between posts: as long as their times differ, divided by the speed.

    A post that is a little older than the last one comes at once, and the pace continues from the newest post. After a
    post that is older by more than MAX_WAIT_SECONDS, the pace continues from that post. Anything unusual is logged once
    and added to `notes`.
    """

    def __init__(self, speed: float, monotonic_seconds: Callable[[], float], name: str) -> None:
        """Create the pace: `speed` times the original one, 0: no waits; `name` is the file, for the log."""
        self._speed = speed
        self._monotonic_seconds = monotonic_seconds
        self._name = name
        self._newest_ms: int | None = None
        # When the newest post was due, by the monotonic clock.
        self._due_at_seconds = 0.0
        self.notes: list[str] = []

    def delay_seconds(self, at_ms: int | None) -> float:
        """Return how long to wait for the next post, which has this time; 0 or less: it is due."""
        if not self._speed:
            return 0.0
        if at_ms is None:
            self._note(NO_TIMES)
            return 0.0
        if self._newest_ms is None:
            self._newest_ms, self._due_at_seconds = at_ms, self._monotonic_seconds()
            return 0.0
        seconds = (at_ms - self._newest_ms) / 1000 / self._speed
        if seconds < 0:
            if at_ms < self._newest_ms - DISORDER_MS:
                self._note(BACKWARDS)
            if seconds < -MAX_WAIT_SECONDS:
                self._newest_ms, self._due_at_seconds = at_ms, self._monotonic_seconds()
            return 0.0
        if seconds > MAX_WAIT_SECONDS:
            self._note(FAR)
            # A delay before this gap is not caught up in it.
            self._due_at_seconds = max(self._due_at_seconds, self._monotonic_seconds())
            seconds = MAX_WAIT_SECONDS
        self._newest_ms, self._due_at_seconds = at_ms, self._due_at_seconds + seconds
        return self._due_at_seconds - self._monotonic_seconds()

    def _note(self, note: str) -> None:
        if note not in self.notes:
            self.notes.append(note)
            logger.warning("replay: %s: %s", self._name, note)
