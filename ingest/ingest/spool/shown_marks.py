"""The marks of the log as all threads see them, with the watermark, and how a thread waits for new ones."""

import threading
from collections.abc import Callable
from dataclasses import replace

from ingest.spool.clock import Clock
from ingest.spool.marks import Marks


class ShownMarks:
    """The marks after the last commit. Thread-safe; one thread at a time commits."""

    def __init__(self, marks: Marks, clock: Clock) -> None:
        """Show the marks of the file; `clock` makes the watermark."""
        self._marks = marks
        self._clock = clock
        self._changed = threading.Condition()
        self._pending_at_ms: int | None = None

    @property
    def last(self) -> Marks:
        """The marks after the last commit, without the watermark; never waits."""
        return self._marks

    def now(self) -> Marks:
        """Return the marks after the last commit, and the watermark; never waits for a transaction.

        No post at `end` or later gets an `at_ms` below the watermark, which is the present time, or the time of a run
        that is being committed.
        """
        with self._changed:
            watermark_ms = self._clock.now_ms() if self._pending_at_ms is None else self._pending_at_ms
            return replace(self._marks, watermark_ms=watermark_ms)

    def begin(self) -> tuple[int, int]:
        """Return the `at_ms` and the `steady_ms` of a run that is about to be committed: the watermark stays there."""
        with self._changed:
            self._pending_at_ms = self._clock.now_ms()
            return self._pending_at_ms, self._clock.steady_ms()

    def cancel(self) -> None:
        """End a commit that failed: the watermark goes on."""
        with self._changed:
            self._pending_at_ms = None

    def steady_ms(self) -> int:
        """Return the time by which ages are measured."""
        with self._changed:
            return self._clock.steady_ms()

    def show(self, marks: Marks, on_commit: Callable[[], None] = lambda: None) -> None:
        """Let other threads see the marks after a commit; `on_commit` is called before."""
        with self._changed:
            on_commit()
            self._marks = marks
            self._pending_at_ms = None
            self._changed.notify_all()

    def wait_beyond(self, offset: int, timeout_seconds: float) -> int:
        """Wait until there are posts at `offset`, or for `timeout_seconds`; return `end`."""
        with self._changed:
            if self._marks.end <= offset:
                self._changed.wait(timeout_seconds)
            return self._marks.end

    def wait_for_news(self, offset: int, change: int, timeout_seconds: float) -> None:
        """Wait until there is a post at `offset`, or the change of this number, or for `timeout_seconds`."""
        with self._changed:
            if self._marks.end <= offset and self._marks.end_change <= change:
                self._changed.wait(timeout_seconds)

    def wake(self) -> None:
        """Wake all threads that wait."""
        with self._changed:
            self._changed.notify_all()
