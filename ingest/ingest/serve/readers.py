"""The readers of `python -m ingest TERM`: the first one starts the source, and the last byte read ends the program."""

import threading
from collections.abc import Callable

#: When no reader is connected for this long, readers are assumed not to come back.
GONE_SECONDS = 5.0


class OneShotReaders:
    """Counts the readers of both ports, and how far they have read. Thread-safe."""

    def __init__(self, gone_seconds: float = GONE_SECONDS) -> None:
        #: Set when the first reader has connected.
        self.connected = threading.Event()
        self._gone_seconds = gone_seconds
        self._changed = threading.Condition()
        self._connections = 0
        self._delivered = 0
        self._finished = False

    def on_connect(self) -> None:
        """Note that a reader has connected."""
        with self._changed:
            self._connections += 1
            self._changed.notify_all()
        self.connected.set()

    def on_disconnect(self) -> None:
        """Note that a reader has disconnected."""
        with self._changed:
            self._connections -= 1
            self._changed.notify_all()

    def on_delivered(self, end: int) -> None:
        """Note that a reader was sent all requested posts before offset `end`."""
        with self._changed:
            self._delivered = max(self._delivered, end)
            self._changed.notify_all()

    def on_finished(self) -> None:
        """Note that all sources have finished: no more posts will come."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def wait(self, end: Callable[[], int]) -> bool:
        """Wait until all sources have finished and all posts up to `end()` were delivered.

        Returns:
            False if all readers disconnected before that.

        """
        with self._changed:
            while not (self._finished and self._delivered >= end()):
                if self._connections or not self.connected.is_set():
                    self._changed.wait()
                elif not self._changed.wait(self._gone_seconds) and not self._connections:
                    return False
        return True
