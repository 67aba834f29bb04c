"""`TAIL_PORT`: every post from the moment of the connection; see docs/protocol.md."""

import logging
import select
import socket
import sqlite3
import threading
import time
from collections.abc import Callable

import msgspec

from ingest.spool.reader import Reader, TrimmedError, UnreadableError
from ingest.spool.writer import Spool

#: A reader that is so many posts behind is dropped, and told so.
MAX_BEHIND_POSTS = 100_000
#: How long a dropped reader may take to read the sentence that tells it.
FAREWELL_SECONDS = 30.0
#: A reader that hung up its sending side is looked after for so long while there is nothing to send.
HALF_CLOSED_SECONDS = 120.0

_POLL_SECONDS = 1.0
logger = logging.getLogger(__name__)


class Tail:
    """Sends the log as it grows, straight from the spool: a slow reader costs a thread and no memory."""

    def __init__(
        self,
        spool: Spool,
        *,
        max_behind_posts: int | None = MAX_BEHIND_POSTS,
        from_the_first: bool = False,
        on_delivered: Callable[[int], None] = lambda _: None,
    ) -> None:
        """`max_behind_posts` None: no reader is dropped; `from_the_first`: a reader gets the posts of before, too.

        `on_delivered` is called with the offset that a reader was sent up to.
        """
        self._spool = spool
        self._max_behind_posts = max_behind_posts
        self._from_the_first = from_the_first
        self._on_delivered = on_delivered
        self._stop = threading.Event()

    def stop(self) -> None:
        """Let all readers go."""
        self._stop.set()
        self._spool.wake()

    def serve(self, connection: socket.socket) -> None:
        """Send posts until the reader hangs up, falls too far behind, or `stop` is called."""
        offset = 0 if self._from_the_first else self._spool.end
        quiet_since = time.monotonic()
        with self._spool.reader() as reader:
            while not self._stop.is_set():
                end = self._spool.wait_beyond(offset, _POLL_SECONDS)
                if end > offset:
                    if not self._send(connection, reader, offset, end):
                        return
                    offset = end
                    self._on_delivered(offset)
                    quiet_since = time.monotonic()
                elif _half_closed(connection) and time.monotonic() - quiet_since > HALF_CLOSED_SECONDS:
                    return

    def _send(self, connection: socket.socket, reader: Reader, offset: int, end: int) -> bool:
        """Send the posts of a range; False if the reader was dropped on the way."""
        try:
            held = reader.range(offset, end)
            if held.first > offset:
                return self._drop(connection, b"", "posts were trimmed before you read them")
            for lines in reader.lines(held):
                offset += lines.count(b"\n")
                rest = self._push(connection, lines, offset)
                if rest:
                    return self._drop(connection, rest, f"you fell more than {self._max_behind_posts} posts behind")
        except TrimmedError:
            return self._drop(connection, b"", "posts were trimmed before you read them")
        except UnreadableError as damage:
            return self._drop(connection, b"", str(damage))
        except sqlite3.Error as error:
            return self._drop(connection, b"", f"the spool can't be used: {error}")
        return not self._stop.is_set()

    def _push(self, connection: socket.socket, lines: bytes, offset: int) -> memoryview:
        """Send `lines`, which end before `offset`; return what is unsent when the reader fell too far behind."""
        rest = memoryview(lines)
        connection.settimeout(_POLL_SECONDS)
        while rest and not self._stop.is_set():
            try:
                rest = rest[connection.send(rest) :]
            except TimeoutError:
                logger.debug("tail: a reader stalls at %d", offset)
            if rest and self._max_behind_posts is not None and self._spool.end - offset > self._max_behind_posts:
                return rest
        return rest[:0]

    def _drop(self, connection: socket.socket, rest: memoryview | bytes, sentence: str) -> bool:
        """Finish the line that was begun, tell the reader why, and let it go."""
        logger.warning("tail: dropped a reader: %s", sentence)
        unfinished = bytes(rest)
        line_end = 0 if unfinished is rest else unfinished.index(b"\n") + 1
        connection.settimeout(FAREWELL_SECONDS)
        connection.sendall(unfinished[:line_end] + msgspec.json.encode({"error": sentence}) + b"\n")
        return False


def _half_closed(connection: socket.socket) -> bool:
    """Say whether the reader hung up its side; what it says is read and ignored."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    if not poll.poll(0):
        return False
    return connection.recv(4096, socket.MSG_DONTWAIT) == b""
