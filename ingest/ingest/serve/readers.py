"""Who listens, on the command line: the first reader opens the source, the last byte read ends it."""

import threading
from collections.abc import Callable

#: Readers that were gone for so long don't come back.
GONE_SECONDS = 5.0


class Audience:
    """The readers of both ports together."""

    def __init__(self, gone_seconds: float = GONE_SECONDS) -> None:
        self.present = threading.Event()
        self._gone_seconds = gone_seconds
        self._changed = threading.Condition()
        self._connections = 0
        self._delivered = 0
        self._finished = False

    def join(self) -> None:
        """Note that a reader has connected."""
        with self._changed:
            self._connections += 1
            self._changed.notify_all()
        self.present.set()

    def leave(self) -> None:
        """Note that a reader has gone."""
        with self._changed:
            self._connections -= 1
            self._changed.notify_all()

    def delivered(self, end: int) -> None:
        """Note that a reader was sent all that it asked for before `end`."""
        with self._changed:
            self._delivered = max(self._delivered, end)
            self._changed.notify_all()

    def finish(self) -> None:
        """Note that the input has finished: there will be no more posts."""
        with self._changed:
            self._finished = True
            self._changed.notify_all()

    def wait(self, end: Callable[[], int]) -> bool:
        """Wait until the input has finished and was delivered up to `end()`; False: the readers left before."""
        with self._changed:
            while not (self._finished and self._delivered >= end()):
                if self._connections or not self.present.is_set():
                    self._changed.wait()
                elif not self._changed.wait(self._gone_seconds) and not self._connections:
                    return False
        return True
