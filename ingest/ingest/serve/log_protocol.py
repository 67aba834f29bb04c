"""The requests of `INGEST_PORT` to a spool: READ, CHANGES and ACK, one a line; see docs/protocol.md."""

import logging
import re
import socket
import sqlite3
import time
from collections.abc import Callable

import msgspec

from ingest.intake.dropped import Counts, Dropped
from ingest.posts.columns import NoColumnsError
from ingest.serve.ack_guard import AckGuard
from ingest.serve.activity import Activity
from ingest.serve.faults import Faults
from ingest.serve.request_protocol import IDLE_SECONDS, SEND_SECONDS, RequestError, RequestProtocol, encoded
from ingest.serve.status import Status
from ingest.spool.changes import DamagedChangeError
from ingest.spool.marks import AckError
from ingest.spool.reader import DamagedColumnsError, ResizedError, SpoolReader, TrimmedError, UnreadableError
from ingest.spool.spool import Spool

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


class LogProtocol(RequestProtocol[SpoolReader]):
    """Serves the requests to a spool."""

    def __init__(
        self,
        spool: Spool,
        status: Callable[[], Status],
        guard: AckGuard,
        *,
        dropped: Callable[[int, int], Dropped] = lambda _, __: Dropped([], Counts()),
        activity: Activity | None = None,
        faults: Faults | None = None,
        on_delivered: Callable[[int], None] = lambda _: None,
        idle_seconds: float = IDLE_SECONDS,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        """Create the server of requests; see `RequestProtocol`.

        Args:
            spool: The log to read and to acknowledge.
            status: Returns the response to STATUS.
            guard: Decides who may acknowledge, and disturb.
            dropped: Returns the posts that were dropped within a range of the log.
            activity: Records each use of a connection.
            faults: Disturbs ingest for a lesson; None: that is not allowed.
            on_delivered: Called with the end offset of each READ that was sent completely.
            idle_seconds: Close a connection after this long without a request.
            send_seconds: Close a connection when sending one response takes longer.

        """
        super().__init__(
            lambda: spool.log,
            status,
            guard,
            dropped=dropped,
            activity=activity,
            faults=faults,
            idle_seconds=idle_seconds,
            send_seconds=send_seconds,
        )
        self._spool = spool
        self._on_delivered = on_delivered

    def _reader(self) -> SpoolReader:
        return self._spool.reader()

    def _answer(self, connection: socket.socket, reader: SpoolReader, request: str) -> bool:
        try:
            return self._answer_of_spool(connection, reader, request)
        except (AckError, NoColumnsError) as error:
            raise RequestError(str(error)) from error
        except (UnreadableError, DamagedChangeError) as damage:
            self._spool.discard(damage)
            raise RequestError(f"{damage}, and were thrown away") from damage
        except sqlite3.Error as error:
            logger.warning("request %s failed: the spool can't be used: %s", request[:80], error)
            raise RequestError(f"the spool can't be used: {error}") from error

    def _answer_of_spool(self, connection: socket.socket, reader: SpoolReader, request: str) -> bool:
        if match := _READ.fullmatch(request):
            self._read(connection, reader, (int(match[1]), int(match[2])), columns=match[3] is not None)
        elif match := _CHANGES.fullmatch(request):
            self._changes(connection, reader, int(match[1]), int(match[2]))
        elif match := _ACK.fullmatch(request):
            self._ack(connection, match[1], int(match[2]), match[3])
        else:
            return False
        return True

    def _ack(self, connection: socket.socket, log: str, end: int, proof: str | None) -> None:
        self._check_proof(connection, f"ACK {log} {end}", proof)
        self._send(connection, encoded({"acked": self._spool.ack(log, end)}))

    def _changes(self, connection: socket.socket, reader: SpoolReader, start: int, end: int) -> None:
        first, lines = reader.changes(start, end)
        data = b"".join(lines)
        self._send(connection, encoded(ChangesHeader(self._spool.log, first, len(lines), len(data))) + data)

    def _read(self, connection: socket.socket, reader: SpoolReader, wanted: tuple[int, int], *, columns: bool) -> None:
        stored = reader.column_range(*wanted) if columns else reader.range(*wanted)
        header = Header(self._spool.log, stored.first, stored.posts, stored.bytes)
        deadline = time.monotonic() + self._send_seconds
        connection.settimeout(self._send_seconds)
        connection.sendall(encoded(header))
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
