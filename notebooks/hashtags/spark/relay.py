"""A connection that can be cut like a cable, for lessons about what is lost then."""

import socket
import threading
from contextlib import suppress
from types import TracebackType

PIECE_BYTES = 1 << 16
POLL_SECONDS = 0.2


class Relay:
    """A TCP port of this machine that passes on what another port sends, until `cut`."""

    def __init__(self, host: str, port: int) -> None:
        """Open the port. `host`, `port`: the server whose bytes are passed on."""
        self._server = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(POLL_SECONDS)
        self._ended = threading.Event()
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, name="relay", daemon=True)]
        #: The port to connect to, on 127.0.0.1.
        self.port: int = self._listener.getsockname()[1]
        self._threads[0].start()

    def cut(self) -> None:
        """Close all connections. Nothing can connect any more."""
        self._ended.set()
        self._threads[0].join()
        self._listener.close()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def __enter__(self) -> "Relay":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()

    def _accept(self) -> None:
        while not self._ended.is_set():
            with suppress(TimeoutError):
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._ends += [client, server]
                self._threads.append(
                    threading.Thread(target=_pass_on, args=(server, client), name="relay", daemon=True)
                )
                self._threads[-1].start()


def _pass_on(server: socket.socket, client: socket.socket) -> None:
    with server, client, suppress(OSError):
        server.settimeout(None)
        while piece := server.recv(PIECE_BYTES):
            client.sendall(piece)
