"""The posts of ingest's log, read by docs/protocol.md and by nothing of the product: for recounts."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

POSTS_PER_READ = 20_000


def posts(port: int) -> Iterator[dict[str, Any]]:
    """All posts that the log has now."""
    with socket.create_connection(("127.0.0.1", port), 10) as connection, connection.makefile("rwb") as file:
        status = _ask(file, "STATUS")
        offset = status["first"]
        while offset < status["end"]:
            header = _ask(file, f"READ {offset} {min(offset + POSTS_PER_READ, status['end'])}")
            yield from map(json.loads, file.read(header["bytes"]).splitlines())
            offset = header["first"] + header["posts"]


def _ask(file: Any, request: str) -> dict[str, Any]:
    file.write(f"{request}\n".encode())
    file.flush()
    answer: dict[str, Any] = json.loads(file.readline())
    return answer
