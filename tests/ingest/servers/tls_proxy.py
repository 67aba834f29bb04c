"""An HTTP proxy on loopback that redirects the connections to one host to a plain server of a test.

It ends the TLS of the client itself, with a certificate for that host, so that a program which knows no other address
than that of the real host can be run as it is.
"""

import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_CHUNK_BYTES = 2**16


class TlsProxy:
    """Redirects connections for a host of the certificate to `port`; `targets` has all requested targets."""

    def __init__(self, tls: ssl.SSLContext, port: int) -> None:
        self._tls = tls
        self._port = port
        self._closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.targets: list[str] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._closing.set()
        # This wakes the accepting thread, which a close alone would not.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._closing.is_set():
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(10)
            self.targets.append(_target(client))
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            with (
                self._tls.wrap_socket(client, server_side=True) as inside,
                socket.create_connection(("127.0.0.1", self._port), timeout=10) as server,
            ):
                self._pass_on(inside, server)

    def _pass_on(self, client: ssl.SSLSocket, server: socket.socket) -> None:
        """Forward bytes in both directions in one thread until one side ends; then close the other side."""
        while not self._closing.is_set():
            ready = [client] if client.pending() else select.select([client, server], [], [], 0.2)[0]
            for side in ready:
                data = side.recv(_CHUNK_BYTES)
                if not data:
                    return
                (server if side is client else client).sendall(data)


def _target(client: socket.socket) -> str:
    """Read the request for a connection, and return its target."""
    request = b""
    while not request.endswith(b"\r\n\r\n"):
        byte = client.recv(1)
        if not byte:
            raise ConnectionAbortedError
        request += byte
    method, target, _ = request.split(b"\r\n", 1)[0].decode().split(" ")
    assert method == "CONNECT"
    return target


@contextmanager
def proxying(tls: ssl.SSLContext, port: int) -> Iterator[TlsProxy]:
    proxy = TlsProxy(tls, port)
    try:
        yield proxy
    finally:
        proxy.close()
