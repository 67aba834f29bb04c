"""A Mastodon server on loopback: its instance, its public timeline, its stream, and failures on request."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "made-up-token"
#: A stream without news has a comment so often.
THUMP_SECONDS = 0.05
FIRST_MS = 1_790_000_000_000
STEP_MS = 100
STREAM, TIMELINE, INSTANCE = "/api/v1/streaming/public", "/api/v1/timelines/public", "/api/v2/instance"

#: How an answer can fail: a status and headers.
Status = tuple[int, dict[str, str]]
#: How a stream can fail; each ends it.
CUTS = (
    "cut mid-line",
    "cut mid-character",
    "endless line",
    "garbage",
    "duplicates",
    "disorder",
    "silence",
    "goodbye",
)
#: How a page of the timeline can fail.
PAGE_CUTS = ("cut page", "garbage page")
GARBAGE = (b"event: update\ndata: {nonsense\n\n", b"event: update\ndata: []\n\n", b"\xff\xfe: ?\n\n", b"data\n\n")


def status_id(number: int) -> str:
    return str((FIRST_MS + number * STEP_MS) << 16 | number % 7)


def status(number: int, content: str = "", tags: tuple[str, ...] = ("strassen",), **fields: Any) -> dict[str, Any]:
    """A status of the API, made up."""
    tag = '<a href="https://one.example/tags/strassen" class="mention hashtag" rel="tag">#<span>Straßen</span></a>'
    return {
        "id": status_id(number),
        "created_at": "2026-11-20T12:00:00.000Z",
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "de",
        "uri": f"https://two.example/users/ada/statuses/{number}",
        "url": f"https://two.example/@ada/{number}",
        "content": content or f"<p>Beitrag {number} &amp; mehr {tag} 🚋</p>",
        "reblog": None,
        "account": {"id": "7", "username": "ada", "acct": "ada@two.example", "note": "<p>erfunden</p>"},
        "media_attachments": [],
        "mentions": [],
        "tags": [{"name": name, "url": f"https://one.example/tags/{name}"} for name in tags],
        "emojis": [],
        "card": None,
        "poll": None,
    } | fields


class MastodonServer:
    """Streams `statuses` in order, and then those that are added. Without a client, new ones are in the timeline only.

    Each stream takes the next of `greetings` (None: it is let in) and of `faults` (how it ends, after
    `posts_per_stream` posts); each page of the timeline the next of `page_faults` (a status, the name of a fault, or
    None). When they are used up, everything goes well.
    """

    def __init__(self, statuses: list[dict[str, Any]], *, token: str | None = TOKEN) -> None:
        self.statuses = statuses
        self.token = token
        self.greetings: Iterator[Status | None] = iter(())
        self.faults: Iterator[str | None] = iter(())
        self.page_faults: Iterator[Status | str | None] = iter(())
        self.instance_faults: Iterator[Status] = iter(())
        self.posts_per_stream = 10**9
        self.missed_per_fault = 0
        #: Statuses that exist: they were streamed, or there was no client.
        self.made = 0
        self.streaming_url: str | None = None
        #: The `configuration` of the instance, without the address of its stream.
        self.configuration: dict[str, Any] = {}
        #: Whether the timeline respects `min_id`.
        self.knows_min_id = True
        #: Numbers of posts that are in the timeline but not in the stream, and what the stream brings instead.
        self.unstreamed: range = range(0)
        self.instead = b":thump\n"
        self.requests: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        #: Which pages of the timeline are made at once, but sent when the gate is set. The first one is 1.
        self.held_pages: range = range(0)
        self.page_gate = threading.Event()
        self.thumps = 0
        self.open = threading.Event()
        self.over = threading.Event()
        handler = type("Handler", (_Handler,), {"mastodon": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._server.block_on_close = True

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stream_seconds(self) -> float:
        """A clock that stands still while nothing is streamed, so that no busy machine makes a stream silent."""
        return self.thumps * THUMP_SECONDS

    def requests_for(self, path: str) -> list[str]:
        """Return the requests for this path, in order."""
        return [request for request in self.requests if urlsplit(request).path == path]

    @contextmanager
    def running(self) -> Iterator["MastodonServer"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self.gate.set()
            self.page_gate.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    mastodon: MastodonServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        server = self.mastodon
        server.requests.append(self.path)
        server.gate.wait()
        with suppress(OSError):
            match urlsplit(self.path).path:
                case "/api/v2/instance":
                    self._instance()
                case "/api/v1/timelines/public":
                    self._timeline()
                case "/api/v1/streaming/public" | "/api/v1/streaming/public/local" | "/api/v1/streaming/public/remote":
                    self._stream()
                case _:
                    self._json(404, {"error": "Not found"})

    def log_message(self, *_: Any) -> None:
        """Log nothing."""

    def _instance(self) -> None:
        if fault := next(self.mastodon.instance_faults, None):
            self._json(fault[0], {"error": "made up"}, fault[1])
            return
        url, configuration = self.mastodon.streaming_url, self.mastodon.configuration
        if url is None and not configuration:
            self._json(404, {"error": "Not found"})
        else:
            urls = {"urls": {"streaming": url}} if url else {}
            self._json(200, {"domain": "one.example", "configuration": {**urls, **configuration}})

    def _timeline(self) -> None:
        server = self.mastodon
        number = len(server.requests_for(TIMELINE))
        query = parse_qs(urlsplit(self.path).query)
        fault = next(server.page_faults, None)
        if isinstance(fault, tuple):
            self._json(fault[0], {"error": "made up"}, fault[1])
            return
        after = query.get("min_id", [""])[0]
        newer = [each for each in server.statuses[: server.made] if _order(each["id"]) > _order(after)]
        limit = int(query["limit"][0])
        if not server.knows_min_id:
            after, newer = "", server.statuses[: server.made]
        page = newer[:limit] if after else newer[-limit:]
        body = json.dumps(page[::-1]).encode()
        if fault == "garbage page":
            body = b"<html>" + body
        if number in server.held_pages:
            server.page_gate.wait()
        self._head(200, {"Content-Type": "application/json", "Content-Length": str(len(body))})
        self.wfile.write(body[: len(body) // 2] if fault == "cut page" else body)
        self.close_connection = fault == "cut page"

    def _stream(self) -> None:
        server = self.mastodon
        if server.token is not None and self.headers.get("Authorization") != f"Bearer {server.token}":
            sent = "Authorization" in self.headers
            self._json(401, {"error": "Invalid access token" if sent else "Missing access token"})
            return
        if greeting := next(server.greetings, None):
            self._json(greeting[0], {"error": "made up"}, greeting[1])
            return
        self.close_connection = True
        fault = next(server.faults, None)
        # The client must not send its next request on this connection.
        head = {"Content-Type": "text/event-stream", "Transfer-Encoding": "chunked", "Connection": "close"}
        self._head(200, head)
        self._chunk(b":)\n")
        self._updates(server.made + server.posts_per_stream)
        if fault is not None:
            self._fail(fault)
            server.made = min(len(server.statuses), server.made + server.missed_per_fault)
            return
        server.open.set()
        try:
            while not server.over.wait(THUMP_SECONDS):
                self._chunk(b":thump\n")
                server.thumps += 1
                self._updates(len(server.statuses))
        finally:
            server.open.clear()

    def _updates(self, end: int) -> None:
        """Stream the statuses before `end` that do not exist yet."""
        server = self.mastodon
        while server.made < min(len(server.statuses), end):
            number = server.made
            server.made += 1
            if number in server.unstreamed:
                self._chunk(server.instead)
            else:
                self._chunk(_update(server.statuses[number]) + _noise(number))

    def _fail(self, fault: str) -> None:
        server = self.mastodon
        before = server.statuses[max(0, server.made - 20) : server.made]
        following = server.statuses[server.made : server.made + 20]
        update = _update((following or server.statuses[-1:])[0])
        last_words = {
            "cut mid-line": [update[: len(update) // 2]],
            "cut mid-character": [update[: update.index("🚋".encode()) + 2]],
            "endless line": [b"x" * 2**16] * 24,
            "garbage": [*GARBAGE, b""],
            "duplicates": [*map(_update, before), b""],
            "disorder": [*map(_update, reversed(following)), b""],
            "goodbye": [b""],
        }
        if fault == "disorder":
            server.made += len(following)
        for each in last_words.get(fault, ()):
            self._chunk(each)
        if fault == "silence":
            self.connection.settimeout(60)
            self.connection.recv(1)

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def _json(self, status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        encoded = json.dumps(body).encode()
        head = {"Content-Type": "application/json", "Content-Length": str(len(encoded))}
        self._head(status, head | (headers or {}))
        self.wfile.write(encoded)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _order(each: str) -> tuple[int, str]:
    return len(each), each


def _update(each: dict[str, Any], kind: str = "update") -> bytes:
    return f"event: {kind}\ndata: {json.dumps(each, ensure_ascii=False)}\n\n".encode()


def _noise(number: int) -> bytes:
    """Events other than new posts: edits, deletions, comments."""
    match number % 5:
        case 0:
            return _update(status(number, "<p>geändert #anders</p>"), "status.update")
        case 1:
            return f"event: delete\ndata: {status_id(number)}\n\n".encode()
        case 2:
            return b":thump\n"
        case 3:
            return b"event: filters_changed\ndata: undefined\n\n"
        case _:
            return b""
