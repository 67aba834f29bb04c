"""How much somebody may ask for: so much at once, and a steady flow after that."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Budget:
    """A bucket of `burst` tokens that fills up again by `per_second`. `monotonic_ms` never falls.

    Not a library's: `limits` in memory goes by the wall clock, and through all its keys a hundred times a second.
    """

    __slots__ = ("_burst", "_left", "_monotonic_ms", "_per_second", "_seen_ms")

    def __init__(self, burst: float, per_second: float, monotonic_ms: Callable[[], int]) -> None:
        self._burst = self._left = burst
        self._per_second = per_second
        self._monotonic_ms = monotonic_ms
        self._seen_ms = monotonic_ms()

    def take(self, cost: float = 1) -> bool:
        """Take `cost` tokens, if they are there."""
        self._fill()
        if self._left < cost:
            return False
        self._left -= cost
        return True

    def seconds_until(self, cost: float = 1) -> float:
        """How long until `cost` tokens are there."""
        self._fill()
        return max(0.0, (cost - self._left) / self._per_second)

    def _fill(self) -> None:
        now_ms = self._monotonic_ms()
        self._left = min(self._burst, self._left + (now_ms - self._seen_ms) * self._per_second / 1000)
        self._seen_ms = now_ms
