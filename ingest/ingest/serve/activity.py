"""When each connection of a port was last used, so that a full port can close one that nobody uses."""

import logging
import socket
import threading
from collections.abc import Callable

#: A connection that was used within this time is never closed for another one.
SPARE_SECONDS = 2.0

logger = logging.getLogger(__name__)


class Activity:
    """Remembers open connections by their last use; safe to use from many threads."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """`monotonic` tells seconds that never fall."""
        self._monotonic = monotonic
        self._used: dict[socket.socket, float] = {}
        self._lock = threading.Lock()

    def note(self, connection: socket.socket) -> None:
        """Note that `connection` is used now."""
        with self._lock:
            self._used[connection] = self._monotonic()

    def forget(self, connection: socket.socket) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._used.pop(connection, None)

    def close_unused(self) -> socket.socket | None:
        """Close the connection that was not used for the longest time; None if all were used a moment ago."""
        with self._lock:
            connection = min(self._used, key=self._used.__getitem__, default=None)
            if connection is None or self._monotonic() - self._used[connection] < SPARE_SECONDS:
                return None
            del self._used[connection]
        try:
            # Its thread wakes and ends.
            connection.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            logger.debug("an unused connection had gone already: %s", error)
        return connection
