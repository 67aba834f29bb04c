"""Whether the newest snapshot is one of now."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.snapshots.schema import Snapshot

NONE_YET = "No snapshot has come yet: the job has not finished a micro-batch."
PACES = 5
LEAST_PACE_SECONDS = 1.0
"""The job makes a snapshot each second, whatever the pace of its micro-batches."""
MOST_SECONDS = 3600.0


def fresh_for_ms(snapshot: Snapshot) -> int:
    """How long a snapshot is one of now: a pane and five paces of the job, 15 s by default; an hour at most.

    Until then the window that it tells of has moved by one pane, and a micro-batch may have taken long.
    """
    pace_seconds = max(LEAST_PACE_SECONDS, snapshot.trigger_seconds)
    return round(1000 * min(MOST_SECONDS, snapshot.pane_seconds + PACES * pace_seconds))


class Freshness:
    """When the newest snapshot came, by a clock that nobody sets: `produced_at_ms` is another machine's time."""

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        self._monotonic_ms = monotonic_ms
        self._came_ms = 0
        self._fresh_for_ms: int | None = None

    def note(self, snapshot: Snapshot) -> None:
        """A newer snapshot came."""
        self._came_ms = self._monotonic_ms()
        self._fresh_for_ms = fresh_for_ms(snapshot)

    @property
    def age_ms(self) -> int | None:
        """Time since the newest snapshot came; None before the first."""
        return None if self._fresh_for_ms is None else self._monotonic_ms() - self._came_ms

    @property
    def fresh_for_ms(self) -> int | None:
        """How old it may be; None before the first."""
        return self._fresh_for_ms

    def trouble(self) -> str | None:
        """Why the newest snapshot is not one of now, as one sentence; None if it is."""
        if self._fresh_for_ms is None:
            return NONE_YET
        age_ms = self._monotonic_ms() - self._came_ms
        if age_ms <= self._fresh_for_ms:
            return None
        return (
            f"The newest snapshot came {age_ms / 1000:.0f} s ago, and is old after {self._fresh_for_ms / 1000:.0f} s."
        )
