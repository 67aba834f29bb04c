"""The protocol of `INGEST_PORT`: STATUS, READ, CHANGES and ACK, one request a line; see docs/protocol.md."""

import logging
import re
import socket
import sqlite3
import time
from collections.abc import Callable

import msgspec

from ingest.posts.columns import NoColumnsError
from ingest.serve.ack_guard import AckGuard
from ingest.serve.activity import Activity
from ingest.serve.status import Status
from ingest.spool.changes import DamagedChangeError
from ingest.spool.marks import AckError
from ingest.spool.reader import DamagedColumnsError, ResizedError, SpoolReader, TrimmedError, UnreadableError
from ingest.spool.spool import Spool

MAX_REQUEST_BYTES = 1024
#: A connection is closed when no request comes for this long.
IDLE_SECONDS = 120.0
#: A connection is closed when sending one response takes longer than this.
SEND_SECONDS = 30.0

logger = logging.getLogger(__name__)

_READ = re.compile(r"READ (\d{1,18}) (\d{1,18})( columns)?")
_CHANGES = re.compile(r"CHANGES (\d{1,18}) (\d{1,18})")
_ACK = re.compile(r"ACK ([0-9A-Za-z]{1,64}) (\d{1,18})(?: ([0-9a-f]{64}))?")


class Header(msgspec.Struct):
    """The first line of the response to READ."""

    log: str
    first: int
    posts: int
    bytes: int


class ChangesHeader(msgspec.Struct):
    """The first line of the response to CHANGES."""

    log: str
    first: int
    changes: int
    bytes: int


class RequestError(ValueError):
    """An invalid request; the text is sent to the client."""


class LogProtocol:
    """Serves the requests of a connection, one after the other. Each connection has a thread."""

    def __init__(
        self,
        spool: Spool,
        status: Callable[[], Status],
        guard: AckGuard,
        *,
        activity: Activity | None = None,
        on_delivered: Callable[[int], None] = lambda _: None,
        idle_seconds: float = IDLE_SECONDS,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        """Create the server of requests.

        Args:
            spool: The log to read and to acknowledge.
            status: Returns the response to STATUS.
            guard: Decides who may acknowledge.
            activity: Records each use of a connection.
            on_delivered: Called with the end offset of each READ that was sent completely.
            idle_seconds: Close a connection after this long without a request.
            send_seconds: Close a connection when sending one response takes longer.

        """
        self._spool = spool
        self._status = status
        self._guard = guard
        self._activity = activity or Activity(time.monotonic)
        self._on_delivered = on_delivered
        self._idle_seconds = idle_seconds
        self._send_seconds = send_seconds

    def serve(self, connection: socket.socket) -> None:
        """Serve requests until the client closes, sends nothing for too long, or sends an invalid request."""
        self._activity.record(connection)
        try:
            self._serve(connection)
        finally:
            self._activity.forget(connection)

    def _serve(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as requests, self._spool.reader() as reader:
            while True:
                connection.settimeout(self._idle_seconds)
                line = requests.readline(MAX_REQUEST_BYTES + 1)
                if not line:
                    return
                self._activity.record(connection)
                try:
                    self._respond(connection, reader, _request(line))
                except (RequestError, AckError, NoColumnsError) as error:
                    self._send(connection, _line({"error": str(error)}))
                    return
                except (UnreadableError, DamagedChangeError) as damage:
                    self._spool.discard(damage)
                    self._send(connection, _line({"error": f"{damage}, and were thrown away"}))
                    return
                except sqlite3.Error as error:
                    logger.warning("request %s failed: the spool can't be used: %s", line[:80], error)
                    self._send(connection, _line({"error": f"the spool can't be used: {error}"}))
                    return

    def _respond(self, connection: socket.socket, reader: SpoolReader, request: str) -> None:
        if request == "STATUS":
            self._send(connection, _line(self._status()))
        elif match := _READ.fullmatch(request):
            self._read(connection, reader, (int(match[1]), int(match[2])), columns=match[3] is not None)
        elif match := _CHANGES.fullmatch(request):
            self._changes(connection, reader, int(match[1]), int(match[2]))
        elif match := _ACK.fullmatch(request):
            self._ack(connection, match[1], int(match[2]), match[3])
        else:
            raise RequestError(
                "not STATUS, READ <start> <end> [columns], CHANGES <start> <end> or ACK <log> <end> <proof>:"
                f" {request[:80]!r}"
            )

    def _ack(self, connection: socket.socket, log: str, end: int, proof: str | None) -> None:
        refusal = self._guard.refusal(connection, log, end, proof)
        if refusal is not None:
            raise RequestError(refusal)
        self._send(connection, _line({"acked": self._spool.ack(log, end)}))

    def _changes(self, connection: socket.socket, reader: SpoolReader, start: int, end: int) -> None:
        first, lines = reader.changes(start, end)
        data = b"".join(lines)
        self._send(connection, _line(ChangesHeader(self._spool.log, first, len(lines), len(data))) + data)

    def _read(self, connection: socket.socket, reader: SpoolReader, wanted: tuple[int, int], *, columns: bool) -> None:
        stored = reader.column_range(*wanted) if columns else reader.range(*wanted)
        header = Header(self._spool.log, stored.first, stored.posts, stored.bytes)
        deadline = time.monotonic() + self._send_seconds
        connection.settimeout(self._send_seconds)
        connection.sendall(_line(header))
        try:
            for data in reader.columns(stored) if columns else reader.lines(stored):
                connection.settimeout(max(0.001, deadline - time.monotonic()))
                connection.sendall(data)
                self._activity.record(connection)
        except (TrimmedError, ResizedError, NoColumnsError, sqlite3.Error) as error:
            logger.warning("closed a connection in the middle of READ %d %d: %s", *wanted, error)
            raise ConnectionAbortedError from error
        except UnreadableError as damage:
            self._spool.discard(damage)
            raise ConnectionAbortedError from damage
        except DamagedColumnsError as damage:
            self._spool.discard_columns(damage)
            raise ConnectionAbortedError from damage
        self._on_delivered(stored.first + stored.posts)

    def _send(self, connection: socket.socket, data: bytes) -> None:
        connection.settimeout(self._send_seconds)
        connection.sendall(data)
        self._activity.record(connection)


def _request(line: bytes) -> str:
    if len(line) > MAX_REQUEST_BYTES:
        raise RequestError(f"a request is at most {MAX_REQUEST_BYTES} bytes long")
    return line.decode("utf-8", "replace").rstrip("\r\n")


def _line(response: object) -> bytes:
    return msgspec.json.encode(response) + b"\n"
