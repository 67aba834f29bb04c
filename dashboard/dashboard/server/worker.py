"""gunicorn's gevent worker, with bounds for what a connection may cost, and an end of open pages when it must stop.

A request's headers are bounded by gunicorn's keepalive: they must be there within 2 s, however slowly they come.
"""

from __future__ import annotations

from typing import Any

import gevent  # type: ignore[import-untyped]
from gunicorn.workers.ggevent import GeventWorker  # type: ignore[import-untyped]

from dashboard.traffic.limits import network_of

ANSWER_SECONDS = 120.0
"""For what is written at once: the largest file and the longest answer take 15 kB/s."""
TOO_MANY = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 5\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """Without this, open websockets use up the whole graceful timeout."""

    # gunicorn sets it when the application is loaded, and handles signals before.
    wsgi: Any = None

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """Serve one connection, unless its address has too many."""
        gate, address = self.wsgi.extensions["dashboard.gate"], network_of(str(addr[0]))
        if listener.getsockname()[1] == gate.proxy_port:
            # All TCP connections there are the proxy's.
            super().handle(listener, client, addr)
            return
        if not gate.connections.enter(address):
            gate.note_refused_connection()
            with client:
                client.send(TOO_MANY)
            return
        try:
            super().handle(listener, client, addr)
        finally:
            gate.connections.leave(address)

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """Serve one request; one whose answer is not read ends the connection without a word in the log."""
        sock.settimeout(ANSWER_SECONDS)
        try:
            super().handle_request(listener_name, req, sock, addr)
        except TimeoutError as error:
            raise StopIteration from error

    def handle_exit(self, sig: int, frame: Any) -> None:
        """On SIGTERM: stop accepting, hang up, end."""
        super().handle_exit(sig, frame)
        # While the worker starts there is no application yet, and nobody is connected.
        if self.wsgi is not None:
            # A signal handler must not block, and closing a socket may.
            self.wsgi.extensions["dashboard.gate"].closing = True
            gevent.spawn(self.wsgi.extensions["dashboard.live"].close)

    def handle_quit(self, sig: int, frame: Any) -> None:
        """On SIGINT (Ctrl-C) and SIGQUIT: the same; gunicorn's own way ends in a traceback under gevent."""
        self.handle_exit(sig, frame)
