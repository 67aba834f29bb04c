"""Pushes that were refused: counted by reason, logged at most once a minute per reason."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)

LOG_EVERY_MS = 60_000


class Rejections:
    """Counts by reason. `clock` tells milliseconds since 1970."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._logged_at_ms: dict[str, int] = {}
        self.counts: Counter[str] = Counter()

    def add(self, reason: str, sentence: str) -> None:
        """Count one push refused for `reason` (one of a few words); `sentence` says what was wrong with it."""
        self.counts[reason] += 1
        now_ms = self._clock()
        logged_at_ms = self._logged_at_ms.get(reason)
        # A clock that was set back must not silence the log.
        if logged_at_ms is None or not 0 <= now_ms - logged_at_ms < LOG_EVERY_MS:
            self._logged_at_ms[reason] = now_ms
            log.warning("push refused (%s, %d so far): %s", reason, self.counts[reason], sentence)
