"""What may be said once a minute."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_MS = 60_000
ALIKE = 20
"""Characters at the beginning of a message that make it one of a kind."""
MAX_SENTENCES = 100
"""Sentences that are remembered; more different ones in a minute are logged again."""


class Throttle:
    """Lets each key pass once a minute. `monotonic_ms` never falls."""

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        self._monotonic_ms = monotonic_ms
        self._passed_ms: dict[str, int] = {}
        self._sentences: dict[str, int] = {}

    def admits(self, key: str) -> bool:
        """Whether `key` has not passed for a minute."""
        return self._admits(key, self._passed_ms)

    def admits_sentence(self, key: str, sentence: str) -> bool:
        """Whether this sentence has not passed for a minute; those that differ in numbers only are one."""
        if len(self._sentences) >= MAX_SENTENCES:
            self._sentences.clear()
        return self._admits(f"{key}: {re.sub('[0-9]+', '#', sentence)}", self._sentences)

    def _admits(self, key: str, passed: dict[str, int]) -> bool:
        now_ms = self._monotonic_ms()
        passed_ms = passed.get(key)
        if passed_ms is not None and now_ms - passed_ms < EVERY_MS:
            return False
        passed[key] = now_ms
        return True


class Sparing(logging.Filter):
    """Lets warnings and errors that begin alike pass once a minute: any client can cause them."""

    def __init__(self, throttle: Throttle) -> None:
        super().__init__()
        self._throttle = throttle

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether `record` is logged."""
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        return self._throttle.admits(f"log {str(record.msg)[:ALIKE]} {error}")
