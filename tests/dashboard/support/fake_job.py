"""A job's query port with made-up answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


class FakeJob(ThreadingHTTPServer):
    """Answers by path, those to POST by `POST` and path. `requests`: the paths and parameters that came; `posted`: the
    paths and bodies. `gate`: nothing is answered until it is set.
    """

    daemon_threads = True
    block_on_close = False

    def __init__(self, token: str) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.token = token
        self.answers: dict[str, tuple[int, Any]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.posted: list[tuple[str, Any]] = []
        self.gate = threading.Event()
        self.gate.set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that no longer waits is no error."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Request(BaseHTTPRequestHandler):
    server: FakeJob

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        parameters = {name: values[-1] for name, values in parse_qs(address.query).items()}
        self.server.requests.append((address.path, parameters))
        self._answer(address.path)

    def do_POST(self) -> None:
        self.server.posted.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        self._answer(f"POST {self.path}")

    def _answer(self, wanted: str) -> None:
        self.server.gate.wait(30)
        status, body = self.server.answers.get(wanted, (404, {"error": "no post with this tag is counted"}))
        if self.headers["Authorization"] != f"Bearer {self.server.token}":
            status, body = 401, {"error": "this port needs the token of the services"}
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def fake_job(token: str) -> Iterator[FakeJob]:
    """A job that answers until the end."""
    with FakeJob(token) as job:
        threading.Thread(target=job.serve_forever, daemon=True).start()
        try:
            yield job
        finally:
            job.gate.set()
            job.shutdown()


def counted(label: str, window_posts: int, rank: int | None, total_posts: int, **changes: Any) -> dict[str, Any]:
    """A tag as the job finds it."""
    numbers = {"window_posts": window_posts, "window_rank": rank, "total_posts": total_posts, "first_seen_ms": 5}
    return {"key": label.casefold(), "label": label, **numbers, **changes}
