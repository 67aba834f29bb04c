"""A server of ingest's log with made-up posts: it answers STATUS and READ, and notes all requests."""

from __future__ import annotations

import json
import socketserver
import threading
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType


def post(offset: int) -> dict[str, Any]:
    return {
        "offset": offset,
        "id": f"demo:{offset}",
        "at_ms": 1_795_176_000_000 + offset,
        "created_at": None,
        "author": str(offset % 3),
        "text": f"number {offset} #Even",
        "tags": [{"key": "even", "label": "Even"}] if offset % 2 == 0 else [],
        "lang": "en",
        "source": "demo",
        "url": None,
    }


class FakeLog:
    """The posts `first` … `end - 1` of the log `log`. All three may be changed at any time."""

    def __init__(self, end: int, *, first: int = 0, log: str = "a") -> None:
        self.first, self.end, self.log = first, end, log
        self.requests: list[str] = []
        #: Errors that the next requests get, and connections that are closed without an answer (None).
        self.troubles: list[str | None] = []
        outer = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                for line in self.rfile:
                    answer = outer.answer(line.decode().strip())
                    if answer is None:
                        return
                    self.wfile.write(answer)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]

    def answer(self, request: str) -> bytes | None:
        self.requests.append(request)
        if self.troubles:
            trouble = self.troubles.pop(0)
            return None if trouble is None else json.dumps({"error": trouble}).encode() + b"\n"
        if request == "STATUS":
            return json.dumps({"log": self.log, "first": self.first, "end": self.end}).encode() + b"\n"
        _, start, end = request.split()
        first = max(int(start), self.first)
        lines = [json.dumps(post(offset)).encode() + b"\n" for offset in range(first, min(int(end), self.end))]
        header = {"log": self.log, "first": first, "posts": len(lines), "bytes": sum(map(len, lines))}
        return json.dumps(header).encode() + b"\n" + b"".join(lines)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
