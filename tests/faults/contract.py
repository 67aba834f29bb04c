"""docs/protocol.md as a stranger would speak it: sockets and HTTP, nothing of the product."""

import json
import socket
import urllib.error
import urllib.request
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

POSTS_PER_READ = 10_000


def status(port: int) -> dict[str, Any] | None:
    """The answer to STATUS, or `None` while ingest is away."""
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as connection, connection.makefile("rwb") as stream:
            stream.write(b"STATUS\n")
            stream.flush()
            line = stream.readline()
    except OSError:
        return None
    return dict(json.loads(line)) if line.endswith(b"\n") else None


def get(url: str) -> dict[str, Any] | None:
    """A JSON object of the dashboard, or `None` while there is none."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return dict(json.load(answer))
    except OSError:
        return None


@dataclass
class Recount:
    """What the spool holds, counted post by post."""

    offsets: list[int] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    tags: Counter[str] = field(default_factory=Counter)
    last_at_ms: int = 0


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
                post = json.loads(line)
                counted.offsets.append(post["offset"])
                counted.ids[post["id"]] += 1
                counted.tags.update({tag["key"] for tag in post["tags"]})
                counted.last_at_ms = max(counted.last_at_ms, post["at_ms"])
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
