"""A TCP port: accepts connections, a bounded number of them, and gives each a thread."""

import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable

#: Connections at once on one port; one more is told so and closed.
MAX_CONNECTIONS = 128
#: How long a closed connection may take to read the last bytes of its answer.
LINGER_SECONDS = 1.0

logger = logging.getLogger(__name__)


class PortTakenError(Exception):
    """The port can't be listened on; one sentence that names setting and port."""


class Listener:
    """Serves each connection to a port by `serve(connection)` in a thread of its own, which closes when it returns."""

    def __init__(
        self,
        host: str,
        port: int,
        serve: Callable[[socket.socket], None],
        *,
        setting: str,
        on_connect: Callable[[], None] = lambda: None,
        on_leave: Callable[[], None] = lambda: None,
        make_room: Callable[[], socket.socket | None] = lambda: None,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        """Listen on `port`, 0 for a free one; `setting` names it where it can't be had.

        `make_room` is called when there are `max_connections`: it closes one of them and returns it, or returns None.

        Raises:
            PortTakenError: it can't be had.

        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=128)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise PortTakenError(f"{setting}: can't listen on {host}:{port}: {reason}") from error
        self._socket.setblocking(False)
        self._serve = serve
        self._on_connect = on_connect
        self._on_leave = on_leave
        self._make_room = make_room
        self._max_connections = max_connections
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._waker, self._wake = socket.socketpair()
        self.host, self.port = self._socket.getsockname()[:2]
        self._thread = threading.Thread(target=self._accept, name=f"port {self.port}", daemon=True)

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()

    def close(self, linger_seconds: float = 0.0) -> None:
        """Accept no more, let each connection read what it was sent for `linger_seconds`, and hang up."""
        self._wake.close()
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self._waker.close()
        with self._lock:
            threads = dict(self._connections)
        for connection in threads:
            _shut(connection, socket.SHUT_WR)
        deadline = time.monotonic() + linger_seconds
        for connection, thread in threads.items():
            thread.join(max(0.0, deadline - time.monotonic()))
            _shut(connection, socket.SHUT_RDWR)
        deadline = time.monotonic() + LINGER_SECONDS
        for thread in threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def _accept(self) -> None:
        selector = selectors.DefaultSelector()
        selector.register(self._socket, selectors.EVENT_READ)
        selector.register(self._waker, selectors.EVENT_READ)
        while True:
            if any(key.fileobj is self._waker for key, _ in selector.select()):
                selector.close()
                return
            try:
                connection, _ = self._socket.accept()
                connection.settimeout(LINGER_SECONDS)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError as error:
                logger.warning("port %d: a connection was lost before it began: %s", self.port, error)
                continue
            self._admit(connection)

    def _admit(self, connection: socket.socket) -> None:
        with self._lock:
            if len(self._connections) >= self._max_connections:
                unused = self._make_room()
                if unused is not None:
                    # Its thread is about to end, and does not count any more.
                    self._connections.pop(unused, None)
            if len(self._connections) < self._max_connections:
                thread = threading.Thread(target=self._attend, args=(connection,), name="connection", daemon=True)
                self._connections[connection] = thread
                self._on_connect()
                thread.start()
                return
        logger.warning("port %d: turned a connection away, there are %d", self.port, self._max_connections)
        try:
            connection.sendall(b'{"error":"too many connections"}\n')
        except OSError as error:
            logger.info("port %d: it had gone already: %s", self.port, error)
        connection.close()

    def _attend(self, connection: socket.socket) -> None:
        try:
            self._serve(connection)
            _shut(connection, socket.SHUT_WR)
            _drain(connection)
        except OSError as error:
            logger.debug("port %d: a connection ended: %s", self.port, error)
        finally:
            with self._lock:
                self._connections.pop(connection, None)
            connection.close()
            self._on_leave()


def _shut(connection: socket.socket, how: int) -> None:
    try:
        connection.shutdown(how)
    except OSError:
        logger.debug("a connection had gone already")


def _drain(connection: socket.socket) -> None:
    """Read until the other side hangs up: a close with unread input would take back what it was sent."""
    connection.settimeout(LINGER_SECONDS)
    deadline = time.monotonic() + LINGER_SECONDS
    while time.monotonic() < deadline and connection.recv(65_536):
        pass
