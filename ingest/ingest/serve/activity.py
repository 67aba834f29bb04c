"""Remember when each connection of a port was last used, so that a full port can close an unused one."""

import logging
import socket
import threading
from collections.abc import Callable

#: A connection that was used within this time is never closed in favour of a new one.
SPARE_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Activity:
    """The open connections of a port and the time of their last use. Thread-safe."""

    def __init__(self, monotonic_seconds: Callable[[], float]) -> None:
        self._monotonic_seconds = monotonic_seconds
        self._used_at: dict[socket.socket, float] = {}
        self._lock = threading.Lock()

    def record(self, connection: socket.socket) -> None:
        """Record that `connection` is used now."""
        with self._lock:
            self._used_at[connection] = self._monotonic_seconds()

    def forget(self, connection: socket.socket) -> None:
        """Remove a connection that has ended."""
        with self._lock:
            self._used_at.pop(connection, None)

    def close_unused(self) -> socket.socket | None:
        """Close the connection that was unused for the longest time, and return it.

        Returns:
            None if every connection was used within the last `SPARE_SECONDS`.

        """
        with self._lock:
            connection = min(self._used_at, key=self._used_at.__getitem__, default=None)
            if connection is None or self._monotonic_seconds() - self._used_at[connection] < SPARE_SECONDS:
                return None
            del self._used_at[connection]
        try:
            # Its thread wakes up and ends.
            connection.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            logger.debug("an unused connection had ended already: %s", error)
        return connection
