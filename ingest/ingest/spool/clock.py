"""The ingest clock: it stamps `at_ms`, by which the windows are cut, and tells how old posts are."""

from collections.abc import Callable

#: A wall clock that is further than this from where it should be was set by somebody; we follow it.
JUMP_MS = 2_000


class Clock:
    """Milliseconds since 1970 UTC that never fall, unless the wall clock itself is set.

    Runs on the monotonic clock from the wall time it was started at, so that small corrections of the wall clock don't
    show. A wall clock that went off by more than `JUMP_MS` was set: the clock is put back to it, forward or back.
    Not thread-safe: the spool asks for the time under its own lock.
    """

    def __init__(self, wall_ms: Callable[[], int], monotonic: Callable[[], float]) -> None:
        self._wall_ms = wall_ms
        self._monotonic = monotonic
        self._offset_ms = self._steady_offset_ms = wall_ms() - self._elapsed_ms()

    def now_ms(self) -> int:
        """Return the time, not smaller than any returned before (wall clock set: see the class)."""
        now = self._offset_ms + self._elapsed_ms()
        wall = self._wall_ms()
        if abs(wall - now) > JUMP_MS:
            self._offset_ms += wall - now
            return wall
        return now

    def steady_ms(self) -> int:
        """Return a time that never falls and never jumps while we run, however the wall clock is set: for ages."""
        return self._steady_offset_ms + self._elapsed_ms()

    def start_from(self, at_ms: int, steady_ms: int) -> None:
        """Go on from the last times of the run before.

        `at_ms`: don't fall below it, if the wall clock is only a little behind it. `steady_ms`: never fall below it.
        """
        behind = at_ms - self.now_ms()
        if 0 < behind <= JUMP_MS:
            self._offset_ms += behind
        self._steady_offset_ms += max(0, steady_ms - self.steady_ms())

    def _elapsed_ms(self) -> int:
        return int(self._monotonic() * 1000)
