"""An ingest in a few lines: a log in memory that speaks docs/protocol.md, for tests of the job without the real one."""

import contextlib
import json
import socket
import socketserver
import threading
from collections import deque
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Self

from tests.processes import free_ports
from tests.spark_job.support import columns


def post(tags: Iterable[str], at_ms: int, **fields: Any) -> dict[str, Any]:
    """A post of the contract, without its offset; a tag's key is its label, case-folded."""
    labels = list(tags)
    return {
        "at_ms": at_ms,
        "text": " ".join(f"#{label}" for label in labels),
        "tags": [{"key": label.casefold(), "label": label} for label in labels],
        "lang": "en",
        "source": "demo",
    } | fields


def varied_posts(count: int) -> list[dict[str, Any]]:
    """Posts of three languages and two sources, over several panes, with none to three tags in several spellings."""
    return [
        post(
            [f"Tag{n % 7}", f"日本{n % 3}", "WM" if n % 2 else "wm"][: n % 4],
            1_795_176_000_000 + n * 137,
            lang=["en", "ja", "und"][n % 3],
            source=["demo", "x"][n % 2],
        )
        for n in range(count)
    ]


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    fake: "FakeIngest"


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        fake = self.server.fake
        fake.connections.add(self.connection)
        try:
            for line in self.rfile:
                wrong = fake.wrong_answers.popleft() if fake.wrong_answers else None
                answer = fake.answer(line.decode().split()) if wrong is None else wrong
                self.wfile.write(answer)
                if wrong is not None:
                    return
        except OSError:
            return  # the test ended this connection, or the client did
        finally:
            fake.connections.discard(self.connection)


class FakeIngest:
    """A server on a free port; `append` and `replace_log` change what it serves, `acked` tells what it was told.
    `requests` are without the proofs of acknowledgements, which are in `proofs`.

    `wrong_answers` are sent as they are instead of the next true ones, each followed by a hang-up. `leave` and
    `come_back` are what happens to clients when the process ends and starts again.

    With `run_posts` it offers columns, whose runs have that many posts. Lines from which it can't make columns are an
    error, as in ingest.
    """

    def __init__(self, log: str = "log-a", run_posts: int = 0) -> None:
        self.log = log
        self.run_posts = run_posts
        #: The log of changes. None: an ingest that has none.
        self.changes: list[dict[str, Any]] | None = None
        self.first_change = 0
        #: What DROPPED answers, for any range. None: an ingest that does not know the request.
        self.dropped: list[dict[str, Any]] | None = []
        #: The faults of a lesson that it does, and what it answers.
        self.faults: dict[str, dict[str, Any]] = {}
        self.sources: list[dict[str, Any]] = []
        self.first = 0
        self.acked = 0
        self.started_ms = 1
        self.watermark_ms = 0
        self.lines: list[bytes] = []
        self.requests: list[str] = []
        self.proofs: list[str] = []
        self.wrong_answers: deque[bytes] = deque()
        self.connections: set[socket.socket] = set()
        self.port = 0
        self._server: _Server | None = None

    @property
    def end(self) -> int:
        return self.first + len(self.lines)

    def append(self, *posts: dict[str, Any]) -> None:
        for item in posts:
            self.watermark_ms = max(self.watermark_ms, item["at_ms"])
            self.lines.append(json.dumps({"offset": self.end, "id": f"demo:{self.end}"} | item).encode() + b"\n")

    def trim(self, first: int) -> None:
        """Forget the posts before `first`."""
        self.lines, self.first = self.lines[first - self.first :], first

    def replace_log(self, log: str) -> None:
        """What a new spool is: other posts under the same offsets. Between two answers only, so it is seen whole."""
        self.log, self.first, self.acked, self.lines, self.watermark_ms = log, 0, 0, [], 0

    def put_back(self, end: int) -> None:
        """What a spool from a backup is: the same log up to `end`, and not what came after."""
        self.lines, self.acked = self.lines[: end - self.first], min(self.acked, end)

    def answer(self, words: list[str]) -> bytes:
        if words[:1] in (["ACK"], ["FAULT"]) and len(words) == 4:
            self.proofs.append(words.pop())
        self.requests.append(" ".join(words))
        match words:
            case ["STATUS"]:
                return self._status()
            case ["ACK", log, end] if log == self.log and int(end) <= self.end:
                self.acked = max(self.acked, int(end))
                return self._line(acked=self.acked)
            case ["FAULT", name, number] if name in self.faults:
                return self._line(fault=name, number=int(number), **self.faults[name])
            case ["CHANGES", start, end] if self.changes is not None:
                return self._read_changes(int(start), int(end))
            case ["DROPPED", _, _] if self.dropped is not None:
                whys = [each["why"] for each in self.dropped]
                counts = {why: whys.count(why) for why in ("filtered", "duplicate", "malformed")}
                return self._line(log=self.log, posts=self.dropped, counts=counts)
            case ["READ", start, end]:
                return self._read(int(start), int(end))
            case ["READ", start, end, "columns"] if self.run_posts:
                return self._read_columns(int(start), int(end))
            case _:
                return self._line(error=f"no such request: {' '.join(words)}")

    def _status(self) -> bytes:
        return self._line(
            log=self.log,
            first=self.first,
            end=self.end,
            acked=self.acked,
            trimmed_unread=max(0, self.first - self.acked),
            watermark_ms=self.watermark_ms,
            started_ms=self.started_ms,
            limit=None,
            sources=self.sources,
            **({"columns": columns.NAMES} if self.run_posts else {}),
            **({} if self.changes is None else {"changes": {"first": self.first_change, "end": self.end_of_changes}}),
        )

    @property
    def end_of_changes(self) -> int:
        return self.first_change + len(self.changes or [])

    def delete(self, offset: int, kind: str = "deleted", text: str = "") -> None:
        """Delete or edit a post: its line loses text, author and address, and the log of changes gets an entry."""
        place = offset - self.first
        line = json.loads(self.lines[place])
        self.changes = [] if self.changes is None else self.changes
        self.changes.append(
            {
                "number": self.end_of_changes,
                "kind": kind,
                "at_ms": self.watermark_ms,
                "offset": offset,
                "id": line.get("id", f"demo:{offset}"),
                "post_at_ms": line["at_ms"],
                **{name: line[name] for name in ("source", "lang", "tags")},
            }
        )
        changed = {"text": "", "author": None, "url": None, "deleted_ms": 1} if kind == "deleted" else {"text": text}
        self.lines[place] = json.dumps(line | changed, ensure_ascii=False).encode() + b"\n"

    def _read_changes(self, start: int, end: int) -> bytes:
        first = max(start, self.first_change)
        found = (self.changes or [])[first - self.first_change : max(0, end - self.first_change)]
        body = b"".join(json.dumps(change).encode() + b"\n" for change in found)
        return self._line(log=self.log, first=first, changes=len(found), bytes=len(body)) + body

    def _read(self, start: int, end: int) -> bytes:
        first = max(start, self.first)
        lines = self.lines[first - self.first : max(0, end - self.first)]
        body = b"".join(lines)
        return self._line(log=self.log, first=first, posts=len(lines), bytes=len(body)) + body

    def _read_columns(self, start: int, end: int) -> bytes:
        first = min(max(start, self.first), self.end)
        posts = max(0, min(end, self.end) - first)
        since, until = first - first % self.run_posts, min(-(-end // self.run_posts) * self.run_posts, self.end)
        lines = self.lines[max(0, since - self.first) : until - self.first] if posts else []
        try:
            runs = [columns.rows_of(lines[at : at + self.run_posts]) for at in range(0, len(lines), self.run_posts)]
            body = columns.stream(runs) if posts else b""
        except (ValueError, TypeError, AttributeError):
            return self._line(error=f"no columns for the posts from {since} to {until}")
        return self._line(log=self.log, first=first, posts=posts, bytes=len(body)) + body

    @staticmethod
    def _line(**fields: Any) -> bytes:
        return json.dumps(fields).encode() + b"\n"

    def come_back(self) -> None:
        """Listen, on the same port as before."""
        self.started_ms += 1
        if not self.port:
            # One that the system chooses may be given to another test while this server is away.
            (self.port,) = free_ports(1)
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.fake = self
        serve = self._server.serve_forever
        threading.Thread(target=serve, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def leave(self) -> None:
        """Hang up on everybody and listen no more."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server = None
        for connection in list(self.connections):
            with contextlib.suppress(OSError):  # the client may have been faster
                connection.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        self.come_back()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.leave()
