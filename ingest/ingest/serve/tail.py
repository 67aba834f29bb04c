"""The protocol of `TAIL_PORT`: send every post, and every change if requested, that comes after the connection."""

import logging
import socket
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from ingest.serve.tail_client import TailClient, change_line
from ingest.spool.changes import DamagedChangeError
from ingest.spool.marks import Marks
from ingest.spool.reader import ResizedError, SpoolReader, TrimmedError, UnreadableError
from ingest.spool.spool import Spool

#: A reader that is more posts behind than this gets an error line and is disconnected.
MAX_BEHIND_POSTS = 100_000
#: How long such a reader may take to read the error line.
ERROR_LINE_SECONDS = 30.0
#: A reader that closed its sending side stays connected for this long while there is nothing to send.
HALF_CLOSED_SECONDS = 120.0

_POLL_SECONDS = 1.0
logger = logging.getLogger(__name__)


class Tail:
    """Sends the log as it grows, read from the spool: a slow reader costs a thread and no memory."""

    def __init__(
        self,
        spool: Spool,
        *,
        max_behind_posts: int | None = MAX_BEHIND_POSTS,
        from_start: bool = False,
        on_delivered: Callable[[int], None] = lambda _: None,
    ) -> None:
        """Create the server of the tail.

        Args:
            spool: The log to send.
            max_behind_posts: Disconnect a reader that falls further behind; None: never.
            from_start: Send the stored posts first; otherwise only those that come after the connection.
            on_delivered: Called with the offset up to which a reader was sent the posts.

        """
        self._spool = spool
        self._max_behind_posts = max_behind_posts
        self._from_start = from_start
        self._on_delivered = on_delivered
        self._stop = threading.Event()

    def stop(self) -> None:
        """Disconnect all readers."""
        self._stop.set()
        self._spool.wake()

    def serve(self, connection: socket.socket) -> None:
        """Send posts and changes until the reader closes, falls too far behind, or `stop` is called."""
        offset = 0 if self._from_start else self._spool.end
        change: int | None = None
        client, quiet_since = TailClient(connection), time.monotonic()
        with self._spool.reader() as reader:
            while not self._stop.is_set():
                if change is None:
                    self._spool.wait_beyond(offset, _POLL_SECONDS)
                else:
                    self._spool.wait_for_news(offset, change, _POLL_SECONDS)
                marks = self._spool.marks()
                client.read()
                if client.wants_changes and change is None:
                    change = marks.end_change
                news = marks.end > offset or (change is not None and marks.end_change > change)
                if news:
                    # The posts of these changes are among those before `end`.
                    if not self._send(connection, reader, offset, marks.end):
                        return
                    if change is not None and not self._send_changes(connection, reader, change, marks):
                        return
                    offset, change = marks.end, None if change is None else marks.end_change
                    self._on_delivered(offset)
                    quiet_since = time.monotonic()
                elif client.closed and time.monotonic() - quiet_since > HALF_CLOSED_SECONDS:
                    return

    def _send(self, connection: socket.socket, reader: SpoolReader, offset: int, end: int) -> bool:
        """Send the posts of a range; return False if the reader was disconnected."""
        try:
            while offset < end:
                # Lines that were measured may become longer before they are read.
                with suppress(ResizedError):
                    stored = reader.range(offset, end)
                    if stored.first > offset:
                        return self._disconnect(connection, b"", "posts were trimmed before you read them")
                    for lines in reader.lines(stored):
                        offset += lines.count(b"\n")
                        rest = self._send_lines(connection, lines, offset)
                        if rest:
                            return self._disconnect(connection, rest, self._too_slow())
                        if self._stop.is_set():
                            return False
        except TrimmedError:
            return self._disconnect(connection, b"", "posts were trimmed before you read them")
        except UnreadableError as damage:
            return self._disconnect(connection, b"", str(damage))
        except sqlite3.Error as error:
            return self._disconnect(connection, b"", f"the spool can't be used: {error}")
        return not self._stop.is_set()

    def _send_changes(self, connection: socket.socket, reader: SpoolReader, number: int, marks: Marks) -> bool:
        """Send the changes from a number on; return False if the reader was disconnected."""
        try:
            while number < marks.end_change and not self._stop.is_set():
                found = reader.changes(number, marks.end_change)
                number = found.first + len(found.lines)
                lines = b"".join(map(change_line, found.lines))
                rest = self._send_lines(connection, lines, marks.end) if lines else b""
                if rest:
                    return self._disconnect(connection, rest, self._too_slow())
                if not found.lines:
                    break
        except DamagedChangeError as damage:
            return self._disconnect(connection, b"", str(damage))
        except sqlite3.Error as error:
            return self._disconnect(connection, b"", f"the spool can't be used: {error}")
        return not self._stop.is_set()

    def _too_slow(self) -> str:
        return f"you fell more than {self._max_behind_posts} posts behind"

    def _send_lines(self, connection: socket.socket, lines: bytes, offset: int) -> memoryview:
        """Send `lines`, which end before `offset`; return the unsent rest if the reader fell too far behind."""
        rest = memoryview(lines)
        connection.settimeout(_POLL_SECONDS)
        while rest and not self._stop.is_set():
            try:
                rest = rest[connection.send(rest) :]
            except TimeoutError:
                logger.debug("tail: a reader at offset %d does not read", offset)
            if rest and self._max_behind_posts is not None and self._spool.end - offset > self._max_behind_posts:
                return rest
        return rest[:0]

    def _disconnect(self, connection: socket.socket, rest: memoryview | bytes, sentence: str) -> bool:
        """Send the rest of a line that was sent in part, then an error line; return False."""
        logger.warning("tail: disconnected a reader: %s", sentence)
        unfinished = bytes(rest)
        line_end = 0 if unfinished is rest else unfinished.index(b"\n") + 1
        connection.settimeout(ERROR_LINE_SECONDS)
        connection.sendall(unfinished[:line_end] + msgspec.json.encode({"error": sentence}) + b"\n")
        return False
