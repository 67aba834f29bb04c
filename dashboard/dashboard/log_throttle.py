"""Log each message at most once a minute."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

EVERY_MS = 60_000
#: Messages that begin with the same characters, this many, count as the same.
SAME_PREFIX_CHARACTERS = 20
#: How many different sentences are remembered. When there are more in a minute, they may be logged again.
MAX_SENTENCES = 100


class Throttle:
    """Allows each key once a minute. `monotonic_ms`: milliseconds of a clock that is never set back."""

    def __init__(self, monotonic_ms: Callable[[], int]) -> None:
        self._monotonic_ms = monotonic_ms
        self._allowed_ms: dict[str, int] = {}
        self._sentences: dict[str, int] = {}

    def allows(self, key: str) -> bool:
        """Whether `key` was not allowed within the last minute. It is allowed now, if so."""
        return self._allows(key, self._allowed_ms)

    def allows_sentence(self, key: str, sentence: str) -> bool:
        """The same for a sentence. Sentences that differ in their numbers only are the same."""
        if len(self._sentences) >= MAX_SENTENCES:
            self._sentences.clear()
        return self._allows(f"{key}: {re.sub('[0-9]+', '#', sentence)}", self._sentences)

    def _allows(self, key: str, allowed: dict[str, int]) -> bool:
        now_ms = self._monotonic_ms()
        allowed_ms = allowed.get(key)
        if allowed_ms is not None and now_ms - allowed_ms < EVERY_MS:
            return False
        allowed[key] = now_ms
        return True


class RepeatedWarningsFilter(logging.Filter):
    """Logs warnings and errors that begin alike once a minute, because any client can cause them."""

    def __init__(self, throttle: Throttle) -> None:
        super().__init__()
        self._throttle = throttle

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether `record` is logged."""
        if record.levelno < logging.WARNING:
            return True
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        return self._throttle.allows(f"log {str(record.msg)[:SAME_PREFIX_CHARACTERS]} {error}")
