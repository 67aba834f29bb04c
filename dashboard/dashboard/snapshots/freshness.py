"""Is the latest snapshot fresh or stale?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.snapshots.schema import Snapshot

NONE_YET = "No snapshot has come yet: the job has not finished a micro-batch."
PACES = 5
#: The job makes a snapshot each second, even when its micro-batches are shorter.
LEAST_PACE_SECONDS = 1.0
MOST_SECONDS = 3600.0


def fresh_for_ms(snapshot: Snapshot) -> int:
    """How long a snapshot stays fresh: one pane and five intervals of the job, 15 s by default, at most an hour.

    Within that time the window moves by one pane, and a slow micro-batch may end.
    """
    pace_seconds = max(LEAST_PACE_SECONDS, snapshot.trigger_seconds)
    return round(1000 * min(MOST_SECONDS, snapshot.pane_seconds + PACES * pace_seconds))


class Freshness:
    """The age of the newest snapshot, by this process's own monotonic clock.

    `produced_at_ms` of the snapshot is a time of another machine, so it is not used.
    """

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        self._monotonic_ms = monotonic_ms
        self._arrived_at_ms = 0
        self._fresh_for_ms: int | None = None
        self._failing_since_ms: int | None = None
        #: Why counting has stopped, as the newest snapshot says. None while it continues.
        self.failure: str | None = None

    def note(self, snapshot: Snapshot) -> None:
        """Note that a newer snapshot arrived."""
        self._arrived_at_ms = self._monotonic_ms()
        self._fresh_for_ms = fresh_for_ms(snapshot)
        self.failure = snapshot.health.query_error
        if self.failure is None:
            self._failing_since_ms = None
        elif self._failing_since_ms is None:
            self._failing_since_ms = self._arrived_at_ms

    @property
    def failing_ms(self) -> int:
        """For how long snapshots have said that counting has stopped. 0 while it continues."""
        return 0 if self._failing_since_ms is None else self._monotonic_ms() - self._failing_since_ms

    @property
    def age_ms(self) -> int | None:
        """Milliseconds since the newest snapshot arrived. None before the first."""
        return None if self._fresh_for_ms is None else self._monotonic_ms() - self._arrived_at_ms

    @property
    def fresh_for_ms(self) -> int | None:
        """How old it may be. None before the first."""
        return self._fresh_for_ms

    def trouble(self) -> str | None:
        """Why there is no fresh snapshot, as one sentence. None if there is one."""
        if self._fresh_for_ms is None:
            return NONE_YET
        age_ms = self._monotonic_ms() - self._arrived_at_ms
        if age_ms <= self._fresh_for_ms:
            return None
        return (
            f"The newest snapshot came {age_ms / 1000:.0f} s ago, and is old after {self._fresh_for_ms / 1000:.0f} s."
        )
