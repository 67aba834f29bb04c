"""A receiver of webhooks that checks each request, and fails in every way when it is told to."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from dashboard.alerts.signature import signature

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

SECRET = bytes(range(32))


class WebhookReceiver(ThreadingHTTPServer):
    """Answers each request with the next behaviour of `plan`, and with 200 when there is none left.

    `requests`: all that came, in order: (path, webhook-id, event). `hosts`: their headers `Host`. `taken`: the ids of
    the events that were accepted, each as often as it was. `first_ms`: when the first request with each id came. A
    behaviour is a status, a pair of a status and headers, or one of:

    - `slow`: nothing is answered until the receiver closes;
    - `cut`: the connection is reset before the answer;
    - `cut after`: the event is accepted, and the connection is reset before the answer;
    - `endless`: an answer of 200 that never ends;
    - `slow body`: an answer of 200 whose body does not come until the receiver closes;
    - `cut body`: an answer of 200 whose body is cut;
    - `nonsense`: an answer that is not HTTP.
    """

    daemon_threads = True

    def __init__(self, plan: Iterable[Any] = (), tls: ssl.SSLContext | None = None) -> None:
        self.plan = [*plan]
        self.requests: list[tuple[str, str, dict[str, Any]]] = []
        self.hosts: list[str | None] = []
        self.taken: list[str] = []
        self.first_ms: dict[str, int] = {}
        self.problems: list[str] = []
        self.arrived = threading.Event()
        self.closing = threading.Event()
        self._tls = tls
        super().__init__(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.server_port}"

    def next_behaviour(self) -> Any:
        """How the next request is answered."""
        return self.plan.pop(0) if self.plan else 200

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._tls is None:
            return connection, address
        # The handshake belongs to the thread of the connection.
        return self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that breaks is what some tests are about."""

    def close(self) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server: WebhookReceiver

    def do_POST(self) -> None:
        receiver = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event = json.loads(body)
        id_, at = self.headers["webhook-id"], int(self.headers["webhook-timestamp"])
        signed = self.headers["webhook-signature"]
        if signed is not None and signed != signature(id_, body, at, SECRET):
            receiver.problems.append(f"the signature of {id_} is wrong")
        if self.headers["Content-Type"] != "application/cloudevents+json; charset=utf-8":
            receiver.problems.append(f"the type of {id_} is {self.headers['Content-Type']}")
        receiver.requests.append((self.path, id_, event))
        receiver.hosts.append(self.headers["Host"])
        receiver.first_ms.setdefault(event["id"], time.time_ns() // 1_000_000)
        self._behave(receiver.next_behaviour(), event)
        receiver.arrived.set()

    def _behave(self, behaviour: Any, event: dict[str, Any]) -> None:
        receiver = self.server
        self.close_connection = True
        if behaviour == "slow":
            receiver.arrived.set()
            receiver.closing.wait()
        elif behaviour in ("cut", "cut after"):
            if behaviour == "cut after":
                receiver.taken.append(event["id"])
            # A reset, and no proper end.
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        elif behaviour == "nonsense":
            self.wfile.write(b"\x00\x01 nonsense\r\n\r\n")
        elif behaviour in ("slow body", "cut body"):
            receiver.taken.append(event["id"])
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe")
            if behaviour == "slow body":
                receiver.closing.wait()
        elif behaviour == "endless":
            receiver.taken.append(event["id"])
            self._endless()
        else:
            self._answer(behaviour, event)

    def _endless(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not self.server.closing.is_set():
            self.wfile.write(b"x" * 65_536)

    def _answer(self, behaviour: Any, event: dict[str, Any]) -> None:
        status, headers = behaviour if isinstance(behaviour, tuple) else (behaviour, {})
        if 200 <= status < 300:
            self.server.taken.append(event["id"])
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Nothing."""
