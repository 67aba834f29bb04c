"""X's filtered stream on loopback: its two endpoints, its keep-alives, its error bodies and its failures."""

import json
import select
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from tests.ingest.servers.x_responses import NEVER, NO_RULES, PROBLEMS, UNAUTHORIZED, Answer

TOKEN = "AAAAAAAAAAAAAAAAAAAAAtest%3Dtoken"
RULES, STREAM = "/2/tweets/search/stream/rules", "/2/tweets/search/stream"
USAGE = "/2/usage/tweets"
KEEP_ALIVE = b"\r\n"

_HOST = "https://api.twitter.com"


class Wire:
    """A stream to a client. Sending to a client that has disconnected does nothing."""

    def __init__(self, connection: socket.socket, closing: threading.Event) -> None:
        self._connection = connection
        self.closing = closing
        self.gone = threading.Event()

    def send(self, data: bytes) -> None:
        """One HTTP chunk."""
        self._write(b"%x\r\n%b\r\n" % (len(data), data))

    def end(self) -> None:
        """End the response correctly."""
        self._write(b"0\r\n\r\n")

    def cut(self, data: bytes) -> None:
        """Send a part of a chunk and cut the connection."""
        self._write(b"%x\r\n%b" % (len(data) + 1000, data))

    def silence(self) -> None:
        """Send nothing until the client disconnects or the server closes."""
        while not self.closing.is_set() and not self.gone.is_set():
            # The client sends nothing more, so a readable socket means its end.
            if select.select([self._connection], [], [], 0.05)[0]:
                self.gone.set()

    def _write(self, data: bytes) -> None:
        if not self.gone.is_set():
            try:
                self._connection.sendall(data)
            except OSError:
                self.gone.set()


Turn = Callable[[Wire], None]


class XServer:
    """Responds as X does; `turns` and `rules_answers` are other responses, used one after the other.

    `next_turn` goes on where `turns` ends; behind it the stream is silent. `requests` has the method and path of each
    request; `streaming` is set while a client is in the stream, `gone` when one has left it.
    """

    def __init__(self) -> None:
        self.rules: list[dict[str, str]] = []
        self.turns: deque[Turn | Answer] = deque()
        self.next_turn: Iterator[Turn | Answer] = iter(())
        self.rules_answers: deque[Answer] = deque()
        self.requests: list[str] = []
        #: The response about the usage, and how often it was requested; these requests do not count as connections.
        self.usage: Answer = Answer(404, b"")
        self.usage_requests: list[str] = []
        self.queries: list[str] = []
        self.posted: list[dict[str, Any]] = []
        self.gone = threading.Event()
        self.streaming = threading.Event()
        self.closing = threading.Event()
        self._next_id = 1
        handler = type("Handler", (_Handler,), {"server_of_x": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def adapter(self) -> HTTPAdapter:
        """The adapter that redirects a session of requests to this server."""
        return _Adapter(f"http://127.0.0.1:{self.port}")

    def close(self) -> None:
        self.closing.set()
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    def has(self, value: str, tag: str) -> dict[str, str]:
        """Store a rule as X does."""
        rule = {"id": str(self._next_id), "value": value, "tag": tag}
        self._next_id += 1
        self.rules.append(rule)
        return rule

    def values(self, tag: str = "hashtags-live") -> list[str]:
        return [rule["value"] for rule in self.rules if rule["tag"] == tag]

    def rules_asked(self) -> Answer:
        meta = {"sent": "2026-11-20T12:00:00.000Z", "result_count": len(self.rules)}
        return Answer(200, {"data": self.rules, "meta": meta} if self.rules else {"meta": meta})

    def rules_posted(self, body: dict[str, Any]) -> Answer:
        self.posted.append(body)
        if "delete" in body:
            ids = body["delete"]["ids"]
            before = len(self.rules)
            self.rules = [rule for rule in self.rules if rule["id"] not in ids]
            return Answer(200, {"meta": {"summary": {"deleted": before - len(self.rules), "not_deleted": 0}}})
        wrong = [rule["value"] for rule in body["add"] if rule["value"].count("(") != rule["value"].count(")")]
        if wrong:
            problem = {"title": "UnprocessableEntity", "type": f"{PROBLEMS}invalid-rules"}
            errors = [{"value": value, "details": ["a parenthesis is not closed"], **problem} for value in wrong]
            return Answer(400, {"errors": errors, "title": "Invalid Request", "detail": "See errors."})
        known = {rule["value"]: rule["id"] for rule in self.rules}
        twice = [rule["value"] for rule in body["add"] if rule["value"] in known]
        if twice:
            problem = {"title": "DuplicateRule", "type": f"{PROBLEMS}duplicate-rules"}
            errors = [{"value": value, "id": known[value], **problem} for value in twice]
            return Answer(200, {"errors": errors, "meta": {"summary": {"created": 0, "not_created": len(twice)}}})
        added = [self.has(rule["value"], rule.get("tag", "")) for rule in body["add"]]
        return Answer(201, {"data": added, "meta": {"summary": {"created": len(added), "not_created": 0}}})


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_of_x: XServer

    def do_GET(self) -> None:
        if self.path.startswith(USAGE):
            self.server_of_x.usage_requests.append(self.path)
            self._answer(self.server_of_x.usage)
        elif self._let_in():
            if self.path.startswith(RULES):
                self._answer(self._fault() or self.server_of_x.rules_asked())
            else:
                self._stream()

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self._let_in():
            self._answer(self._fault() or self.server_of_x.rules_posted(body))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the standard library
        """Log nothing."""

    def _let_in(self) -> bool:
        x = self.server_of_x
        path, _, query = self.path.partition("?")
        x.requests.append(f"{self.command} {path}")
        x.queries.append(query)
        if self.headers["Authorization"] == f"Bearer {TOKEN}":
            return True
        self._answer(UNAUTHORIZED)
        return False

    def _fault(self) -> Answer | None:
        return self.server_of_x.rules_answers.popleft() if self.server_of_x.rules_answers else None

    def _answer(self, answer: Answer) -> None:
        if answer is NEVER:
            Wire(self.connection, self.server_of_x.closing).silence()
            self.close_connection = True
            return
        body = answer.raw()
        self.send_response(answer.status)
        for name, value in {"Content-Type": "application/json", **answer.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self) -> None:
        x = self.server_of_x
        turn = x.turns.popleft() if x.turns else next(x.next_turn, Wire.silence)
        if not isinstance(turn, Answer) and not x.rules:
            turn = NO_RULES
        if isinstance(turn, Answer):
            self._answer(turn)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        x.gone.clear()
        x.streaming.set()
        wire = Wire(self.connection, x.closing)
        turn(wire)
        if wire.gone.is_set():
            x.gone.set()
        x.streaming.clear()
        self.close_connection = True


class _Adapter(HTTPAdapter):
    """Redirects requests to X to this server, without a proxy."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._address = address

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        assert request.url is not None
        assert request.url.startswith(_HOST)
        request.url = request.url.replace(_HOST, self._address, 1)
        return super().send(request, *args, **{**options, "proxies": {}})


@contextmanager
def serving() -> Iterator[XServer]:
    server = XServer()
    try:
        yield server
    finally:
        server.close()
