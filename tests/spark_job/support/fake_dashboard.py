"""A dashboard in a few lines: takes snapshots as docs/protocol.md says, keeps them, and can be slow or unwilling."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

TOKEN = "a-token-for-tests-only"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    fake: "FakeDashboard"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed in the middle of a request is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status, answer = self.server.fake.take(self.path, self.headers.get("Authorization"), body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args: Any) -> None:
        pass


class FakeDashboard:
    """Keeps every snapshot that was pushed with the right token.

    `wrong_answers` are given, in order, before it answers as it should; while `gate` is cleared no answer is given;
    with `keeps` off it acknowledges no pane.
    """

    def __init__(self, port: int = 0) -> None:
        self.snapshots: list[dict[str, Any]] = []
        self.panes: dict[tuple[int, int], dict[str, Any]] = {}
        self.wrong_answers: list[tuple[int, bytes]] = []
        self.requests = 0
        self.refuses: Callable[[dict[str, Any]], tuple[int, bytes] | None] = lambda _: None
        self.keeps = True
        #: Which of the alerts of a snapshot it says to have stored.
        self.keeps_alerts: Callable[[list[dict[str, Any]]], list[str]] = lambda _: []
        self.gate = threading.Event()
        self.gate.set()
        self._changed = threading.Condition()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.fake = self

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def take(self, path: str, authorization: str | None, body: bytes) -> tuple[int, bytes]:
        with self._changed:
            self.requests += 1
            self._changed.notify_all()
        self.gate.wait(30)
        with self._changed:
            if path != "/api/snapshots":
                return 404, b"{}"
            if authorization != f"Bearer {TOKEN}":
                return 401, b'{"error": "wrong token"}'
            if self.wrong_answers:
                return self.wrong_answers.pop(0)
            snapshot = json.loads(body)
            refusal = self.refuses(snapshot)
            if refusal is not None:
                return refusal
            self.snapshots.append(snapshot)
            kept_until_ms = self._keep(snapshot["panes"]) if self.keeps else None
            self._changed.notify_all()
            answer: dict[str, Any] = {"accepted": True, "kept_until_ms": kept_until_ms}
            if "alerts" in snapshot:
                answer["alerts_kept"] = self.keeps_alerts(snapshot["alerts"])
            return 200, json.dumps(answer).encode()

    def _keep(self, panes: list[dict[str, Any]]) -> int | None:
        for pane in panes:
            self.panes[pane["epoch"], pane["from_ms"]] = pane
        return max((pane["to_ms"] for pane in panes), default=None)

    def wait_for_requests(self, count: int, seconds: float = 30) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.requests >= count, seconds), f"{self.requests} of {count} came"

    def wait_for(self, wanted: Callable[[dict[str, Any]], bool], seconds: float = 30) -> dict[str, Any]:
        """The newest snapshot, as soon as it is as `wanted`."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not (self.snapshots and wanted(self.snapshots[-1])):
                if not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    raise AssertionError(f"not within {seconds} s; the newest: {self.snapshots[-1:]}")
            return self.snapshots[-1]

    def __enter__(self) -> Self:
        serve = self._server.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()
