"""Hosts on loopback that accept a connection and then misbehave."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HTTP_200 = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nhi"
HTTP_404 = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
HTTP_503 = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
GARBAGE = bytes(range(256)) * 8
#: A status line that doesn't end.
DRIP = b"HTTP/1.1 101 Switching Protocols and so on" + b"." * 100_000


class MuteHost:
    """Sends `answer` on each connection, one byte every `pause_seconds` if that is set; b"": sends nothing."""

    def __init__(self, answer: bytes = b"", pause_seconds: float = 0.0) -> None:
        self._answer = answer
        self._pause_seconds = pause_seconds
        self._over = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.connections = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._socket.getsockname()[1]}"

    def run(self) -> None:
        while not self._over.is_set():
            with suppress(OSError):
                connection, _ = self._socket.accept()
                self.connections += 1
                threading.Thread(target=self._speak, args=(connection,), daemon=True).start()

    def _speak(self, connection: socket.socket) -> None:
        step = 1 if self._pause_seconds else len(self._answer) or 1
        with connection, suppress(OSError):
            for start in range(0, len(self._answer), step):
                connection.sendall(self._answer[start : start + step])
                if self._pause_seconds and self._over.wait(self._pause_seconds):
                    return
            if not self._answer or self._pause_seconds:
                self._over.wait()

    def stop(self) -> None:
        self._over.set()
        # Its accept waits for a connection.
        with suppress(OSError):
            socket.create_connection(self._socket.getsockname(), 1).close()
        self._socket.close()


@contextmanager
def mute_host(answer: bytes = b"", pause_seconds: float = 0.0) -> Iterator[MuteHost]:
    host = MuteHost(answer, pause_seconds)
    thread = threading.Thread(target=host.run, daemon=True)
    thread.start()
    try:
        yield host
    finally:
        host.stop()
        thread.join(10)
