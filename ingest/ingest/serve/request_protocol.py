"""The requests of `INGEST_PORT` that every log has: STATUS, DROPPED and FAULT, one a line; see docs/protocol.md."""

import re
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Generic, TypeVar

import msgspec

from ingest.intake.dropped import Counts, Dropped, DroppedPost
from ingest.serve.ack_guard import AckGuard
from ingest.serve.activity import Activity
from ingest.serve.faults import FaultRefusedError, Faults
from ingest.serve.status import Status

MAX_REQUEST_BYTES = 1024
#: A connection is closed when no request comes for this long.
IDLE_SECONDS = 120.0
#: A connection is closed when sending one response takes longer than this.
SEND_SECONDS = 30.0

_DROPPED = re.compile(r"DROPPED (\d{1,18}) (\d{1,18})")
_FAULT = re.compile(r"FAULT ([a-z-]{1,32}) (\d{1,18})(?: ([0-9a-f]{64}))?")

Reader = TypeVar("Reader")


class DroppedAnswer(msgspec.Struct):
    """The response to DROPPED."""

    log: str
    posts: list[DroppedPost]
    counts: Counts


class RequestError(ValueError):
    """A request that can't be answered; the text is sent to the client."""


class RequestProtocol(Generic[Reader]):
    """Serves the requests of a connection, one after the other. Each has a thread, and a reader of the log."""

    def __init__(
        self,
        log: Callable[[], str],
        status: Callable[[], Status],
        guard: AckGuard,
        *,
        dropped: Callable[[int, int], Dropped] = lambda _, __: Dropped([], Counts()),
        activity: Activity | None = None,
        faults: Faults | None = None,
        idle_seconds: float = IDLE_SECONDS,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        """Create the server of requests.

        Args:
            log: Returns the identity of the log.
            status: Returns the response to STATUS.
            guard: Decides who may acknowledge, and disturb.
            dropped: Returns the posts that were dropped within a range of the log.
            activity: Records each use of a connection.
            faults: Disturbs ingest for a lesson; None: that is not allowed.
            idle_seconds: Close a connection after this long without a request.
            send_seconds: Close a connection when sending one response takes longer.

        """
        self._log = log
        self._status = status
        self._guard = guard
        self._dropped = dropped
        self._activity = activity or Activity(time.monotonic)
        self._faults = faults
        self._idle_seconds = idle_seconds
        self._send_seconds = send_seconds

    def serve(self, connection: socket.socket) -> None:
        """Serve requests until the client closes, sends nothing for too long, or sends an invalid request."""
        self._activity.record(connection)
        try:
            with connection.makefile("rb") as requests, self._reader() as reader:
                while self._serve_one(connection, reader, requests.readline):
                    pass
        finally:
            self._activity.forget(connection)

    def _reader(self) -> AbstractContextManager[Reader]:
        """Return what reads the log for one connection."""
        raise NotImplementedError

    def _answer(self, connection: socket.socket, reader: Reader, request: str) -> bool:
        """Answer a request about the posts of the log; return False if it is none.

        Raises:
            RequestError: It can't be answered, and nothing is sent yet.

        """
        raise NotImplementedError

    def _serve_one(self, connection: socket.socket, reader: Reader, readline: Callable[[int], bytes]) -> bool:
        """Serve the next request; return False if there is none, or it got an error."""
        connection.settimeout(self._idle_seconds)
        line = readline(MAX_REQUEST_BYTES + 1)
        if not line:
            return False
        self._activity.record(connection)
        try:
            self._respond(connection, reader, _request(line))
        except (RequestError, FaultRefusedError) as error:
            self._send(connection, encoded({"error": str(error)}))
            return False
        return True

    def _respond(self, connection: socket.socket, reader: Reader, request: str) -> None:
        if request == "STATUS":
            self._send(connection, encoded(self._status()))
        elif match := _DROPPED.fullmatch(request):
            posts, counts = self._dropped(int(match[1]), int(match[2]))
            self._send(connection, encoded(DroppedAnswer(self._log(), posts, counts)))
        elif match := _FAULT.fullmatch(request):
            self._fault(connection, match[1], int(match[2]), match[3])
        elif not self._answer(connection, reader, request):
            raise RequestError(
                "not STATUS, READ <start> <end> [columns], CHANGES <start> <end>, DROPPED <start> <end> or"
                f" ACK <log> <end> <proof>: {request[:80]!r}"
            )

    def _fault(self, connection: socket.socket, name: str, number: int, proof: str | None) -> None:
        if self._faults is None:
            raise FaultRefusedError("FAULT needs LESSON_FAULTS=1 and SOURCE=demo, with no other source")
        self._check_proof(connection, f"FAULT {name} {number}", proof)
        self._send(connection, encoded(self._faults.begin(name, number, connection)))

    def _check_proof(self, connection: socket.socket, request: str, proof: str | None) -> None:
        refusal = self._guard.refusal(connection, request, proof)
        if refusal is not None:
            raise RequestError(refusal)

    def _send(self, connection: socket.socket, data: bytes) -> None:
        connection.settimeout(self._send_seconds)
        connection.sendall(data)
        self._activity.record(connection)


def encoded(response: object) -> bytes:
    """Return a response as a line."""
    return msgspec.json.encode(response) + b"\n"


def _request(line: bytes) -> str:
    if len(line) > MAX_REQUEST_BYTES:
        raise RequestError(f"a request is at most {MAX_REQUEST_BYTES} bytes long")
    return line.decode("utf-8", "replace").rstrip("\r\n")
