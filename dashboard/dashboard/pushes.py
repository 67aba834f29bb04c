"""The pushes that came: taken, ignored, or refused; refusals are counted by reason and logged once a minute each."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dashboard.throttle import Throttle

log = logging.getLogger(__name__)

REASONS = ("token", "size", "shape")
"""Why a push is refused: without the right token, too large, or not a snapshot."""


class Pushes:
    """Counts since the process started."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self._accepted = self._ignored = 0
        self._rejected: Counter[str] = Counter()

    def note(self, *, accepted: bool) -> None:
        """Count one push that was taken, or ignored because it was older than the newest one."""
        if accepted:
            self._accepted += 1
        else:
            self._ignored += 1

    def reject(self, reason: str, sentence: str) -> None:
        """Count one push refused for `reason` (one of REASONS); `sentence` says what was wrong with it."""
        self._rejected[reason] += 1
        if self._throttle.admits(f"push {reason}"):
            log.warning("push refused (%s, %d so far): %s", reason, self._rejected[reason], sentence)

    def counts(self) -> dict[str, Any]:
        """`accepted`, `ignored`, and `rejected` by reason."""
        return {"accepted": self._accepted, "ignored": self._ignored, "rejected": dict(self._rejected)}
