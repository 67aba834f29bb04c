"""Ingest's log over a full spool: ingest's own port, server and spool, in a separate process.

    python -m bench.log_server FOLDER PER_SECOND

Only STATUS is made here. It shows the released part of the log, so posts seem to have just arrived. Each line of
standard input releases posts: `1000` shows the first 1,000 posts, `1000+500` shows 500 more in each second from now on.
It prints its port, and the time of the first request for a slice.
"""

import json
import socket
import sys
import threading
import time
from pathlib import Path

from bench.posts import Kind
from ingest import __version__
from ingest.posts.columns import COLUMNS
from ingest.serve.ack_guard import AckGuard
from ingest.serve.listener import Listener
from ingest.serve.log_protocol import LogProtocol
from ingest.serve.status import Status
from ingest.spool.clock import Clock
from ingest.spool.spool import Spool

_NO_BOUND = 1 << 50


class ReleasedLog:
    """A log that ends at the last released post."""

    def __init__(self, spool: Spool, kind: Kind) -> None:
        self._spool = spool
        self._kind = kind
        self._released, self._per_second, self._since = 0, 0.0, 0.0
        self._started_ms = kind.at_ms(0)
        self._asked = threading.Lock()

    def release(self, line: str) -> None:
        """Release more posts; see the module."""
        posts, _, per_second = line.partition("+")
        self._released, self._per_second, self._since = int(posts), float(per_second or 0), time.monotonic()

    def status(self) -> Status:
        """The response to STATUS."""
        come = int(self._per_second * (time.monotonic() - self._since))
        end = min(self._spool.end, self._released + come)
        return Status(
            version=__version__,
            log=self._spool.log,
            started_ms=self._started_ms,
            first=0,
            end=end,
            acked=0,
            trimmed_unread=0,
            watermark_ms=self._kind.at_ms(end),
            limit=None,
            notice=None,
            track_error=None,
            sources=[],
            columns=list(COLUMNS),
        )

    def note(self, connection: socket.socket) -> None:
        """Print when the first connection sent READ: each task has a connection."""
        # Two tasks may call this at once. One of them acquires the lock and never releases it.
        if connection.recv(4, socket.MSG_PEEK) == b"READ" and self._asked.acquire(blocking=False):
            say(asked_at=time.monotonic())


def say(**fields: object) -> None:
    """Print one JSON object on a line."""
    print(json.dumps(fields), flush=True)


def main(folder: Path, per_second: int) -> None:
    """Serve until standard input ends."""
    clock = Clock(lambda: time.time_ns() // 1_000_000, time.monotonic)
    spool = Spool(folder, clock, max_age_seconds=_NO_BOUND, max_bytes=_NO_BOUND)
    log = ReleasedLog(spool, Kind(per_second=per_second))
    server = LogProtocol(spool, log.status, AckGuard(None))

    def serve(connection: socket.socket) -> None:
        log.note(connection)
        server.serve(connection)

    listener = Listener("127.0.0.1", 0, serve, setting="the port")
    listener.start()
    say(port=listener.port)
    for line in sys.stdin:
        log.release(line)
    listener.close()
    spool.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
