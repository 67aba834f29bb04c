"""What may be said once a minute."""

import threading
from collections.abc import Callable


class Throttle:
    """Lets each key pass once in `seconds`, so that a flood of bad input is no flood of log lines."""

    def __init__(self, seconds: float, monotonic: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic = monotonic
        self._passed: dict[str, float] = {}
        self._lock = threading.Lock()

    def admits(self, key: str) -> bool:
        """Say whether `key` has not passed for `seconds`."""
        with self._lock:
            now = self._monotonic()
            if now - self._passed.get(key, -self._seconds) < self._seconds:
                return False
            self._passed[key] = now
            return True
