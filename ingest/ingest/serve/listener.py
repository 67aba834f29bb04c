"""A TCP port: accept a bounded number of connections and give each one a thread."""

import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable

#: Most connections at once on one port; one more gets an error line and is closed.
MAX_CONNECTIONS = 128
#: How long a client may take to read the last bytes after the server has closed its side.
LINGER_SECONDS = 1.0

logger = logging.getLogger(__name__)


class PortTakenError(Exception):
    """The port can't be opened. The text is one sentence that names the setting and the port."""


class Listener:
    """Listens on a port and calls `serve(connection)` for each connection in a thread; then closes the connection."""

    def __init__(
        self,
        host: str,
        port: int,
        serve: Callable[[socket.socket], None],
        *,
        setting: str,
        on_connect: Callable[[], None] = lambda: None,
        on_disconnect: Callable[[], None] = lambda: None,
        free_connection: Callable[[], socket.socket | None] = lambda: None,
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        """Open the port; `start` begins to accept connections.

        Args:
            host: Address to listen on.
            port: Port to listen on; 0: a free one.
            serve: Serves one connection; the connection is closed when it returns.
            setting: Name of the setting of the port, for the error.
            on_connect: Called when a connection is accepted.
            on_disconnect: Called when a connection has ended.
            free_connection: Called when there are `max_connections`; closes one of them and returns it, or None.
            max_connections: Most connections at once.

        Raises:
            PortTakenError: The port can't be opened.

        """
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=128)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
            raise PortTakenError(f"{setting} must be a free port of {host}, not {port} ({reason})") from error
        self._socket.setblocking(False)
        self._serve = serve
        self._on_connect = on_connect
        self._on_disconnect = on_disconnect
        self._free_connection = free_connection
        self._max_connections = max_connections
        self._connections: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self._waker, self._wake = socket.socketpair()
        self.host, self.port = self._socket.getsockname()[:2]
        self._thread = threading.Thread(target=self._accept, name=f"port {self.port}", daemon=True)

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def close(self, linger_seconds: float = 0.0) -> None:
        """Stop accepting, give each client `linger_seconds` to read what was sent, and close the connections."""
        self._wake.close()
        if self._thread.is_alive():
            self._thread.join()
        self._socket.close()
        self._waker.close()
        with self._lock:
            threads = dict(self._connections)
        for connection in threads:
            _shutdown(connection, socket.SHUT_WR)
        deadline = time.monotonic() + linger_seconds
        for connection, thread in threads.items():
            thread.join(max(0.0, deadline - time.monotonic()))
            _shutdown(connection, socket.SHUT_RDWR)
        deadline = time.monotonic() + LINGER_SECONDS
        for thread in threads.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def cut(self, spared: socket.socket | None = None) -> int:
        """Close all connections but the `spared` one, in the middle of whatever is sent; return how many."""
        with self._lock:
            connections = [each for each in self._connections if each is not spared]
        for connection in connections:
            # Its thread wakes up and ends.
            _shutdown(connection, socket.SHUT_RDWR)
        return len(connections)

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
                logger.warning("port %d: a connection failed before it was accepted: %s", self.port, error)
                continue
            self._admit(connection)

    def _admit(self, connection: socket.socket) -> None:
        with self._lock:
            if len(self._connections) >= self._max_connections:
                unused = self._free_connection()
                if unused is not None:
                    # Its thread is about to end and does not count any more.
                    self._connections.pop(unused, None)
            if len(self._connections) < self._max_connections:
                thread = threading.Thread(target=self._run, args=(connection,), name="connection", daemon=True)
                self._connections[connection] = thread
                self._on_connect()
                thread.start()
                return
        logger.warning("port %d: rejected a connection: there are %d already", self.port, self._max_connections)
        try:
            connection.sendall(b'{"error":"too many connections"}\n')
        except OSError as error:
            logger.info("port %d: the rejected connection had ended already: %s", self.port, error)
        connection.close()

    def _run(self, connection: socket.socket) -> None:
        try:
            self._serve(connection)
            _shutdown(connection, socket.SHUT_WR)
            _drain(connection)
        except OSError as error:
            logger.debug("port %d: a connection ended: %s", self.port, error)
        finally:
            with self._lock:
                self._connections.pop(connection, None)
            connection.close()
            self._on_disconnect()


def _shutdown(connection: socket.socket, how: int) -> None:
    try:
        connection.shutdown(how)
    except OSError:
        logger.debug("a connection had ended already")


def _drain(connection: socket.socket) -> None:
    """Read until the client closes: closing with unread input would reset the connection and lose what was sent."""
    connection.settimeout(LINGER_SECONDS)
    deadline = time.monotonic() + LINGER_SECONDS
    while time.monotonic() < deadline and connection.recv(65_536):
        pass
