"""The clock of ingest: it sets `at_ms` of each post, which decides its window, and measures the age of posts."""

from collections.abc import Callable

#: A wall clock that differs from the expected time by more than this was set by somebody; the clock then follows it.
JUMP_MS = 2_000


class Clock:
    """Milliseconds since 1970 UTC that never decrease, unless the wall clock itself is set.

    The clock starts with the wall clock and runs on the monotonic clock, so that small corrections of the wall clock
    have no effect. When the wall clock differs by more than `JUMP_MS`, it was set: the clock jumps to it, forward or
    back. Not thread-safe: the spool calls it under its own lock.
    """

    def __init__(self, wall_ms: Callable[[], int], monotonic_seconds: Callable[[], float]) -> None:
        self._wall_ms = wall_ms
        self._monotonic_seconds = monotonic_seconds
        self._offset_ms = self._steady_offset_ms = wall_ms() - self._elapsed_ms()

    def now_ms(self) -> int:
        """Return the time; it never decreases, except after a jump of the wall clock (see the class)."""
        now = self._offset_ms + self._elapsed_ms()
        wall = self._wall_ms()
        if abs(wall - now) > JUMP_MS:
            self._offset_ms += wall - now
            return wall
        return now

    def steady_ms(self) -> int:
        """Return a time that never decreases or jumps, even when the wall clock is set; ages are measured by it."""
        return self._steady_offset_ms + self._elapsed_ms()

    def start_from(self, at_ms: int, steady_ms: int) -> None:
        """Continue from the last times of the process before.

        Args:
            at_ms: Don't return less than this from `now_ms`, unless the wall clock is more than `JUMP_MS` behind it.
            steady_ms: Never return less than this from `steady_ms`.

        """
        behind = at_ms - self.now_ms()
        if 0 < behind <= JUMP_MS:
            self._offset_ms += behind
        self._steady_offset_ms += max(0, steady_ms - self.steady_ms())

    def _elapsed_ms(self) -> int:
        return int(self._monotonic_seconds() * 1000)
