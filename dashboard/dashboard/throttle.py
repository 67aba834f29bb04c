"""What may be said once a minute."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_MS = 60_000
ALIKE = 20
"""Characters at the beginning of a message that make it one of a kind."""


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


class Sparing(logging.Filter):
    """Lets warnings that begin alike pass once a minute: anybody can cause them."""

    def __init__(self, throttle: Throttle) -> None:
        super().__init__()
        self._throttle = throttle

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether `record` is logged."""
        return record.levelno != logging.WARNING or self._throttle.admits(f"log {str(record.msg)[:ALIKE]}")
