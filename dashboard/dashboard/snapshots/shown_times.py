"""When the last snapshots arrived, and when they were sent to the open pages."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

#: (`epoch`, `seq`) of a snapshot.
Order = tuple[int, int]

#: The snapshots of some two minutes.
HELD = 120


class ShownTime(NamedTuple):
    """The time in which a snapshot was stored and sent, in ms since 1970."""

    began_ms: int
    ended_ms: int


class ShownTimes:
    """The times of the last snapshots, oldest first."""

    def __init__(self, wall_ms: Callable[[], int]) -> None:
        """`wall_ms`: milliseconds since 1970."""
        self.wall_ms = wall_ms
        self._times: deque[tuple[Order, ShownTime]] = deque(maxlen=HELD)

    def note(self, order: Order, began_ms: int) -> None:
        """Note that a snapshot which arrived at `began_ms` is sent."""
        self._times.append((order, ShownTime(began_ms, max(began_ms, self.wall_ms()))))

    def find(self, order: Order) -> ShownTime | None:
        """The times of this snapshot, or of the next one if it was never pushed. None: there is none yet."""
        return next((time for noted, time in self._times if noted >= order and noted[0] == order[0]), None)
