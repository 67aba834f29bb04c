"""A server of the protocol, and requests to it."""

import hashlib
import hmac
import json
import select
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]
#: The longest wait of a test.
DEADLINE_SECONDS = 30


class Connection:
    """One connection: sends request lines and reads responses."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=DEADLINE_SECONDS)
        self.responses = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.responses.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def response(self) -> Json:
        line = self.responses.readline()
        assert line.endswith(b"\n"), f"not a line: {line!r}"
        response = json.loads(line)
        assert isinstance(response, dict)
        return response

    def request(self, request: str) -> Json:
        self.send(request.encode() + b"\n")
        return self.response()

    def status(self) -> Json:
        return self.request("STATUS")

    def read(self, start: int, end: int) -> tuple[Json, bytes]:
        header = self.request(f"READ {start} {end}")
        return header, self.responses.read(header["bytes"])

    def read_columns(self, start: int, end: int) -> tuple[Json, bytes]:
        header = self.request(f"READ {start} {end} columns")
        return header, self.responses.read(header["bytes"])

    def posts(self, start: int, end: int) -> list[Json]:
        return [json.loads(line) for line in self.read(start, end)[1].splitlines()]

    def changes(self, start: int, end: int) -> tuple[Json, list[Json]]:
        header = self.request(f"CHANGES {start} {end}")
        return header, [json.loads(line) for line in self.responses.read(header["bytes"]).splitlines()]

    def skip_to(self, offset: int) -> Json:
        """Read the posts of a tail up to that of this offset, and return it."""
        while (post := self.response())["offset"] < offset:
            pass
        return post

    def is_closed(self) -> bool:
        return self.responses.read(1) == b""

    def wait_for_end(self, end: int) -> Json:
        """Request STATUS until the log has `end` posts."""
        while (status := self.status())["end"] < end:
            pass
        return status

    def wait_for_changes(self, end: int) -> Json:
        """Request STATUS until the log of changes has `end` entries."""
        while (status := self.status())["changes"]["end"] < end:
            pass
        return status


@dataclass(frozen=True)
class Peer:
    """The ports of a server, a function that gives it posts as lines of JSON, and its token."""

    host: str
    ingest_port: int
    tail_port: int
    send_lines: Callable[[bytes], None]
    token: str = ""

    def connect(self) -> Connection:
        return Connection(self.host, self.ingest_port)

    def tail(self) -> Connection:
        return Connection(self.host, self.tail_port)

    def ack(self, log: str, end: int) -> str:
        """Return the request ACK with its proof."""
        return self._with_proof(f"ACK {log} {end}")

    def fault(self, name: str, number: int) -> str:
        """Return the request FAULT with its proof."""
        return self._with_proof(f"FAULT {name} {number}")

    def _with_proof(self, request: str) -> str:
        return f"{request} {hmac.new(self.token.encode(), request.encode(), hashlib.sha256).hexdigest()}"

    def send_posts(self, *posts: Json) -> None:
        self.send_lines(b"".join(json.dumps(post).encode() + b"\n" for post in posts))

    def send_until_tailed(self, tail: Connection, posts: Iterable[Json]) -> int:
        """Send these posts one after the other, until `tail` gets one; return how many were sent.

        Before the server serves that connection, the posts that come are not sent to it.
        """
        for sent, post in enumerate(posts, 1):
            self.send_posts(post)
            if select.select([tail.socket], [], [], 1.0)[0]:
                return sent
        raise AssertionError("the tail gets none of these posts")

    def delete(self, *ids: str) -> None:
        """Let the source report that the authors of these posts deleted them."""
        self.send_lines(b"".join(json.dumps({"deleted": each}).encode() + b"\n" for each in ids))

    def edit(self, post_id: str, text: str) -> None:
        """Let the source report that the author of a post edited it."""
        self.send_lines(json.dumps({"edited": post_id, "text": text}).encode() + b"\n")
