"""Log each message at most once a minute."""

import threading
from collections.abc import Callable


class LogThrottle:
    """Allows each key once in `seconds`, so that a flood of bad input does not flood the log. Thread-safe."""

    def __init__(self, seconds: float, monotonic_seconds: Callable[[], float]) -> None:
        self._seconds = seconds
        self._monotonic_seconds = monotonic_seconds
        self._allowed_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def allows(self, key: str) -> bool:
        """Return whether `key` was not allowed within the last `seconds`."""
        with self._lock:
            now = self._monotonic_seconds()
            if now - self._allowed_at.get(key, -self._seconds) < self._seconds:
                return False
            self._allowed_at[key] = now
            return True
