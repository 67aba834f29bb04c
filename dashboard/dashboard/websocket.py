"""Websockets as this server wants them: whole writes, no compression, an end for the dead.

A WSGI middleware, because both cures fit in what gunicorn hands to simple-websocket:

- simple-websocket calls `send` and ignores that gevent may write only a part; to a reader that stalled and went on,
  the rest of the stream is then garbage. Its `send` here writes all.
- Deflate costs six times the CPU and 0.2 MB a page; simple-websocket takes it whenever it is offered.
- A peer that vanished keeps its TCP connection for ever; a socket timeout longer than Engine.IO's ping reaps it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gevent.lock import BoundedSemaphore  # type: ignore[import-untyped]

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

SILENCE_SECONDS = 60.0
"""Engine.IO pings after 25 s and waits 20 s for the answer: who is silent for longer is gone."""


class WholeWrites:
    """A connected socket whose `send` writes everything, one writer at a time."""

    def __init__(self, sock: socket.socket) -> None:
        sock.settimeout(SILENCE_SECONDS)
        self._socket = sock
        # The reader answers pings while the writer may stand half way through a message.
        self._writing = BoundedSemaphore()

    def send(self, data: bytes) -> int:
        """Write all of `data`; return its length. Raises OSError, after SILENCE_SECONDS too."""
        with self._writing:
            self._socket.sendall(data)
        return len(data)

    def recv(self, size: int) -> bytes:
        """Read at most `size` bytes."""
        return self._socket.recv(size)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class Websockets:
    """WSGI middleware that gives every websocket request such a socket, and none once the server is `closing`."""

    def __init__(self, app: WSGIApplication, closing: Callable[[], bool]) -> None:
        self._app = app
        self._closing = closing

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        if self._closing() and environ.get("PATH_INFO", "").startswith("/socket.io"):
            # Pages come back at once, while gunicorn takes up to a second to stop accepting. They try again later.
            start_response("503 Service Unavailable", [("Content-Length", "0"), ("Connection", "close")])
            return []
        if environ.get("HTTP_UPGRADE", "").lower() == "websocket" and "gunicorn.socket" in environ:
            environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)
            environ["gunicorn.socket"] = WholeWrites(environ["gunicorn.socket"])
        return self._app(environ, start_response)
