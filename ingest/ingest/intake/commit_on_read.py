"""Commit what was accepted when a reader asks for the end of the log, so that no post waits for the end of its run."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

from ingest.intake.intake import Intake

#: The shortest time between two of these commits: many readers must not make many small runs.
PAUSE_SECONDS = 0.01
#: A reader waits this long at most. It gets the older end then, as while the disk is full.
WAIT_SECONDS = 0.05


class CommitOnRead:
    """Commits in a thread of its own, because a commit takes until there is room on the disk. Thread-safe."""

    def __init__(self, intake: Intake, monotonic_seconds: Callable[[], float]) -> None:
        """Create it; no thread is started before the first commit."""
        self._intake = intake
        self._monotonic_seconds = monotonic_seconds
        self._thread = ThreadPoolExecutor(1, "commit")
        self._commit: Future[None] | None = None
        self._next_at_seconds = 0.0

    def commit(self) -> None:
        """Commit the posts that wait for it, if the spool can be written."""
        intake, now_seconds = self._intake, self._monotonic_seconds()
        if not intake.posts_wait or intake.error or now_seconds < self._next_at_seconds:
            return
        self._next_at_seconds = now_seconds + PAUSE_SECONDS
        if self._commit is None or self._commit.done():
            self._commit = self._thread.submit(intake.flush)
        wait([self._commit], WAIT_SECONDS)

    def close(self) -> None:
        """End the thread. Call it when the intake has stopped."""
        self._thread.shutdown(cancel_futures=True)
