"""A token bucket: a burst at once, and a steady rate afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class TokenBucket:
    """A bucket that holds up to `burst` tokens and gets `per_second` new ones.

    The library `limits` is not used: in memory it depends on the wall clock, and visits all its keys a hundred times a
    second.
    """

    __slots__ = ("_burst", "_filled_at_ms", "_monotonic_ms", "_per_second", "_tokens")

    def __init__(self, burst: float, per_second: float, monotonic_ms: Callable[[], int]) -> None:
        self._burst = self._tokens = burst
        self._per_second = per_second
        self._monotonic_ms = monotonic_ms
        self._filled_at_ms = monotonic_ms()

    def spend(self, cost: float = 1) -> bool:
        """Remove `cost` tokens. False, and nothing is removed, if there are not enough."""
        self._fill()
        if self._tokens < cost:
            return False
        self._tokens -= cost
        return True

    def seconds_until(self, cost: float = 1) -> float:
        """Seconds until there are `cost` tokens."""
        self._fill()
        return max(0.0, (cost - self._tokens) / self._per_second)

    def _fill(self) -> None:
        now_ms = self._monotonic_ms()
        self._tokens = min(self._burst, self._tokens + (now_ms - self._filled_at_ms) * self._per_second / 1000)
        self._filled_at_ms = now_ms
