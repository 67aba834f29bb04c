"""A minimal reverse proxy: forwards each connection to the first of several servers that accepts it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class ReverseProxy:
    """Listens on `port` and forwards to the ports that `ports` returns, in that order."""

    def __init__(self, ports: Callable[[], list[int]]) -> None:
        self._ports = ports
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        # close() alone does not end an accept() in another thread.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for one in self._open:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                self._forward(client)

    def _forward(self, client: socket.socket) -> None:
        for port in self._ports():
            with suppress(ConnectionRefusedError):
                server = socket.create_connection(("127.0.0.1", port))
                self._open.append(server)
                threading.Thread(target=copy, args=(client, server), daemon=True).start()
                threading.Thread(target=copy, args=(server, client), daemon=True).start()
                return
        client.close()


def copy(source: socket.socket, sink: socket.socket) -> None:
    """Copy until one of the connections ends; then close both."""
    with suppress(OSError):
        while data := source.recv(65_536):
            sink.sendall(data)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
