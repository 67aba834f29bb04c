"""A TCP server that sends the released lines of a file to each client."""

import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

# Bytes that are passed to the kernel at once.
_CHUNK_BYTES = 1 << 20


class LineServer:
    """Each connection gets the file from its beginning. The kernel copies it, so this takes nearly no time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._released = 0
        self._closed = False
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connections: list[socket.socket] = []
        self.port: int = self._listener.getsockname()[1]
        #: When the first client connected, by the monotonic clock: that is the request for the first byte.
        self.asked_at: float | None = None

    def release(self, until_bytes: int) -> float:
        """Release the bytes before `until_bytes`. Return the time of that, by the monotonic clock."""
        with self._changed:
            self._released = until_bytes
            self._changed.notify_all()
            return time.monotonic()

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, name="line server", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._listener.close()
        for connection in self._connections:
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:  # the socket was closed
                return
            self.asked_at = self.asked_at or time.monotonic()
            self._connections.append(connection)
            threading.Thread(target=self._send, args=(connection,), name="lines", daemon=True).start()

    def _send(self, connection: socket.socket) -> None:
        with self._path.open("rb") as file, suppress(OSError):  # the client may have disconnected
            sent = 0
            while (until := self._wait_beyond(sent)) is not None:
                sent += connection.sendfile(file, sent, min(_CHUNK_BYTES, until - sent))

    def _wait_beyond(self, sent: int) -> int | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._released > sent)
            return None if self._closed else self._released
