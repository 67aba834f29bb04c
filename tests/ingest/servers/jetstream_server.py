"""A Jetstream server on loopback: both versions of its stream, replay from a cursor, and failures on request."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

V1, V2 = "/subscribe", "/xrpc/network.bsky.jetstream.subscribeEvents"
FIRST_US = 1_790_000_000_000_000
STEP_US = 100_000
POSTS = "app.bsky.feed.post"

Encode = Callable[[dict[str, Any]], bytes]

#: How a handshake can fail: a status and headers.
Status = tuple[int, dict[str, str]]
#: How a stream can fail; each ends it.
CUTS = ("cut mid-message", "cut mid-character", "over-long", "garbage", "duplicates", "disorder", "silence", "goodbye")
GARBAGE = (b"\x00\xff\xfe", b"{nonsense", b"[1, 2]", b'{"$type":"message","payload":7,"time_us":"x"}', b"")


def event(number: int, text: str = "", **record: Any) -> dict[str, Any]:
    """The v1 event of a new post, made up."""
    return {
        "did": f"did:plc:author{number % 97}",
        "time_us": FIRST_US + number * STEP_US,
        "kind": "commit",
        "commit": {
            "rev": f"rev{number}",
            "operation": "create",
            "collection": POSTS,
            "rkey": f"post{number}",
            "record": {
                "$type": POSTS,
                "text": text or f"Beitrag {number} über #Straßen 🚋",
                "createdAt": "2026-11-20T12:00:00.000Z",
                "langs": ["de"],
            }
            | record,
            "cid": f"cid{number}",
        },
    }


def as_v2(v1: dict[str, Any]) -> dict[str, Any]:
    """The same event as v2 sends it."""
    time = datetime.fromtimestamp(v1["time_us"] / 1_000_000, UTC).isoformat(timespec="microseconds")
    head = {
        "$type": f"network.bsky.jetstream.subscribeEvents#{v1['kind']}",
        "seq": v1["time_us"] // STEP_US,
        "did": v1["did"],
        "time": time.replace("+00:00", "Z"),
        "witnessedAt": time.replace("+00:00", "Z"),
    }
    body = v1["commit"] if v1["kind"] == "commit" else {v1["kind"]: v1[v1["kind"]]}
    return {"$type": "message", "payload": head | body}


def noise(number: int) -> dict[str, Any]:
    """An event that is not about a new post."""
    v1 = event(number)
    kind = number % 4
    if kind == 0:
        return {key: v1[key] for key in ("did", "time_us")} | {"kind": "identity", "identity": {"did": v1["did"]}}
    if kind == 1:
        v1["commit"] = {key: v1["commit"][key] for key in ("rev", "collection", "rkey")} | {"operation": "delete"}
    elif kind == 2:
        v1["commit"]["operation"] = "update"
    else:
        v1["commit"]["collection"] = "app.bsky.feed.like"
    return v1


def account(number: int, did: str, status: str | None) -> dict[str, Any]:
    """The event that an account is active (None), or why it is not."""
    told = {"active": status is None, "did": did, "seq": number, "time": "2026-11-20T12:00:00.000Z"}
    if status is not None:
        told["status"] = status
    return {"did": did, "time_us": FIRST_US + number * STEP_US, "kind": "account", "account": told}


class JetstreamServer:
    """Sends `events` in order, from a cursor or from the first unsent one, and then those that are added.

    Each connection takes the next of `handshakes` (None: it is let in) and of `faults` (how its stream ends, after
    `posts_per_stream` events); when they are used up, everything goes well.
    """

    def __init__(self, events: list[dict[str, Any]], *, forms: tuple[str, ...] = (V2, V1)) -> None:
        self.events = events
        self.forms = forms
        self.handshakes: Iterator[Status | None] = iter(())
        self.faults: Iterator[str | None] = iter(())
        self.posts_per_stream = 10**9
        #: How far before the cursor a replay begins (bluesky-social/jetstream#343).
        self.early_us = 0
        self.paths: list[str] = []
        self.cursors: list[int | None] = []
        self.handshake_gate = threading.Event()
        self.handshake_gate.set()
        self.open = threading.Event()
        #: Events that were sent to a client.
        self.sent = 0
        self._over = threading.Event()
        self._server: Server

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self._server.socket.getsockname()[1]}"

    @property
    def connections(self) -> int:
        return len(self.paths)

    @contextmanager
    def running(self) -> Iterator["JetstreamServer"]:
        with serve(self._stream, "127.0.0.1", 0, process_request=self._greet, close_timeout=0.2) as self._server:
            thread = threading.Thread(target=self._server.serve_forever)
            thread.start()
            try:
                yield self
            finally:
                self._over.set()
                self.handshake_gate.set()
                self._server.shutdown()
                thread.join()

    def _greet(self, connection: ServerConnection, request: Request) -> Response | None:
        path = urlsplit(request.path).path
        self.paths.append(path)
        self.handshake_gate.wait()
        if path not in self.forms:
            return _answer(404, {})
        status = next(self.handshakes, None)
        return None if status is None else _answer(*status)

    def _stream(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        url = urlsplit(connection.request.path)
        query = parse_qs(url.query)
        # v1 sends the events about accounts in any case.
        assert query["kinds"] == ["commit", "account"] if url.path == V2 else query["wantedCollections"] == [POSTS]
        cursor = int(query["cursor"][0]) if "cursor" in query else None
        self.cursors.append(cursor)
        fault = next(self.faults, None)
        encode = _encoder(url.path)
        with suppress(ConnectionClosed, OSError):
            first = self._first(cursor)
            at = self._send(connection, encode, first, first + self.posts_per_stream)
            if fault is None:
                self._go_on(connection, encode, at)
            else:
                self._fail(connection, encode, at, fault)

    def _first(self, cursor: int | None) -> int:
        if cursor is None:
            return self.sent
        return next(
            (i for i, each in enumerate(self.events) if each["time_us"] >= cursor - self.early_us), len(self.events)
        )

    def _send(self, connection: ServerConnection, encode: Encode, first: int, end: int) -> int:
        end = min(len(self.events), end)
        for number in range(first, end):
            connection.send(encode(self.events[number]), text=True)
            self.sent = max(self.sent, number + 1)
        return end

    def _go_on(self, connection: ServerConnection, encode: Encode, at: int) -> None:
        """Send added events until the client disconnects."""
        self.open.set()
        try:
            while True:
                with suppress(TimeoutError):
                    connection.recv(0.02)
                at = self._send(connection, encode, at, len(self.events))
        finally:
            self.open.clear()

    def _fail(self, connection: ServerConnection, encode: Encode, at: int, fault: str) -> None:
        following = self.events[at : at + 20]
        message = encode((following or self.events[-1:])[0])
        frame = Frame(Opcode.TEXT, message).serialize(mask=False)
        last_words = {
            "cut mid-character": [message[: message.index("🚋".encode()) + 2]],
            "over-long": [b"x" * (2**20 + 1)],
            "garbage": GARBAGE,
            "duplicates": map(encode, self.events[max(0, at - 20) : at]),
            "disorder": map(encode, reversed(following)),
            "farewell": [b'{"$type":"error","error":"ConsumerTooSlow","message":"made up"}'],
        }
        if fault == "disorder":
            self.sent = max(self.sent, at + len(following))
        for each in last_words.get(fault, ()):
            connection.send(each, text=True)
        if fault == "cut mid-message":
            connection.socket.sendall(frame[: len(frame) // 2])
        elif fault in {"silence", "over-long"}:
            connection.recv()
        elif fault in {"garbage", "duplicates", "disorder"}:
            connection.close()
        elif fault == "goodbye":
            connection.close(1012, "restart")
        connection.socket.shutdown(socket.SHUT_RDWR)


def _encoder(path: str) -> Encode:
    def encode(v1: dict[str, Any]) -> bytes:
        return json.dumps(as_v2(v1) if path == V2 else v1, ensure_ascii=False).encode()

    return encode


def _answer(status: int, headers: dict[str, str]) -> Response:
    return Response(status, "made up", Headers({"Content-Length": "0"} | headers), b"")
