"""What may be said once a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_MS = 60_000


class Throttle:
    """Lets each key pass once a minute. `monotonic_ms` never falls."""

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        self._monotonic_ms = monotonic_ms
        self._passed_ms: dict[str, int] = {}

    def admits(self, key: str) -> bool:
        """Whether `key` has not passed for a minute."""
        now_ms = self._monotonic_ms()
        passed_ms = self._passed_ms.get(key)
        if passed_ms is not None and now_ms - passed_ms < EVERY_MS:
            return False
        self._passed_ms[key] = now_ms
        return True
