"""docs/protocol.md as a stranger would speak it: sockets and HTTP, nothing of the product."""

import http.client
import json
import socket
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

POSTS_PER_READ = 10_000
CHANGES_PER_READ = 10_000
# A service that is away refuses at once. One that is there may stand still for seconds.
ANSWER_SECONDS = 20.0


def status(port: int) -> dict[str, Any] | None:
    """The answer to STATUS, or `None` while ingest is away."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as connection,
            connection.makefile("rwb") as stream,
        ):
            stream.write(b"STATUS\n")
            stream.flush()
            line = stream.readline()
    except OSError:
        return None
    return dict(json.loads(line)) if line.endswith(b"\n") else None


def changes(port: int, start: int) -> list[dict[str, Any]]:
    """The changes from number `start` on, as far as one response has them; none while ingest is away."""
    try:
        with (
            socket.create_connection(("127.0.0.1", port), ANSWER_SECONDS) as connection,
            connection.makefile("rwb") as stream,
        ):
            stream.write(f"CHANGES {start} {start + CHANGES_PER_READ}\n".encode())
            stream.flush()
            body = stream.read(json.loads(stream.readline() or b'{"bytes": 0}')["bytes"])
    except OSError:
        return []
    # Without its end when ingest was killed in the middle.
    return [json.loads(line) for line in body.splitlines(keepends=True) if line.endswith(b"\n")]


def get(url: str) -> dict[str, Any] | None:
    """A JSON object of the dashboard, or `None` while there is none."""
    try:
        with urllib.request.urlopen(url, timeout=ANSWER_SECONDS) as answer:
            return dict(json.load(answer))
    except (OSError, http.client.HTTPException):
        # The latter: it was killed in the middle of its response.
        return None


@dataclass
class Recount:
    """What the log holds, counted post by post."""

    offsets: list[int] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    last_at_ms: int = 0

    def add(self, post: dict[str, Any]) -> None:
        """Count one post."""
        self.offsets.append(post["offset"])
        self.ids[post["id"]] += 1
        self.tags.update({tag["key"] for tag in post["tags"]})
        self.last_at_ms = max(self.last_at_ms, post["at_ms"])


def recount(port: int, end: int) -> Recount:
    """Read the posts before `end`, and count them."""
    counted = Recount()
    with socket.create_connection(("127.0.0.1", port), 30) as connection, connection.makefile("rwb") as stream:
        while len(counted.offsets) < end:
            at = len(counted.offsets)
            stream.write(f"READ {at} {min(end, at + POSTS_PER_READ)}\n".encode())
            stream.flush()
            header = json.loads(stream.readline())
            for line in stream.read(header["bytes"]).splitlines():
                counted.add(json.loads(line))
            assert len(counted.offsets) > at, f"nothing at offset {at}: {header}"
    return counted


class HangingReaders:
    """Readers that ask for everything on both ports and never read a byte."""

    def __init__(self, ingest_port: int, tail_port: int) -> None:
        self._ports = (ingest_port, tail_port)
        self._sockets: list[socket.socket] = []

    def add(self) -> bool:
        """One more on each port; false if ingest is away just now."""
        try:
            reader, tail = (socket.create_connection(("127.0.0.1", port), 2) for port in self._ports)
            self._sockets += [reader, tail]
            reader.sendall(b"READ 0 1000000000\n" * 3)
        except OSError:
            return False
        return True

    def close(self) -> None:
        """Hang up at last."""
        for one in self._sockets:
            one.close()
