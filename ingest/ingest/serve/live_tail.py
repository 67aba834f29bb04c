"""The protocol of `TAIL_PORT` while the log is on Kafka: send every post from the moment a reader connects."""

import logging
import socket
import threading
import time

import msgspec

from ingest.kafka.feed import Feed, Subscription
from ingest.serve.tail import ERROR_LINE_SECONDS, HALF_CLOSED_SECONDS, MAX_BEHIND_POSTS
from ingest.serve.tail_client import TailClient

_POLL_SECONDS = 1.0
logger = logging.getLogger(__name__)


class LiveTail:
    """Sends posts from memory as they are committed. A slow reader costs memory, up to its bound."""

    def __init__(self, feed: Feed, *, max_behind_posts: int = MAX_BEHIND_POSTS) -> None:
        """Create the server of the tail.

        Args:
            feed: The committed posts.
            max_behind_posts: Disconnect a reader that falls further behind.

        """
        self._feed = feed
        self._max_behind_posts = max_behind_posts
        self._stop = threading.Event()

    def stop(self) -> None:
        """Disconnect all readers."""
        self._stop.set()
        self._feed.wake()

    def serve(self, connection: socket.socket) -> None:
        """Send posts until the reader closes, falls too far behind, or `stop` is called."""
        subscription = self._feed.subscribe(self._max_behind_posts)
        try:
            self._serve(connection, subscription)
        finally:
            self._feed.unsubscribe(subscription)

    def _serve(self, connection: socket.socket, subscription: Subscription) -> None:
        client, quiet_since = TailClient(connection), time.monotonic()
        while not self._stop.is_set():
            lines = subscription.take(_POLL_SECONDS)
            client.read()
            if lines:
                sent = self._send(connection, subscription, lines)
                if sent < len(lines):
                    self._disconnect(connection, lines[sent:])
                    return
                subscription.done()
                quiet_since = time.monotonic()
            elif subscription.is_behind:
                self._disconnect(connection, b"")
                return
            elif client.closed and time.monotonic() - quiet_since > HALF_CLOSED_SECONDS:
                return

    def _send(self, connection: socket.socket, subscription: Subscription, lines: bytes) -> int:
        """Send lines; return how many bytes were sent, fewer if the reader fell too far behind."""
        rest = memoryview(lines)
        connection.settimeout(_POLL_SECONDS)
        while rest and not (self._stop.is_set() or subscription.is_behind):
            try:
                rest = rest[connection.send(rest) :]
            except TimeoutError:  # noqa: PERF203
                logger.debug("tail: a reader does not read")
        return len(lines) - len(rest)

    def _disconnect(self, connection: socket.socket, rest: bytes) -> None:
        """Send the rest of a line that was sent in part, then an error line."""
        if self._stop.is_set():
            return
        sentence = f"you fell more than {self._max_behind_posts} posts behind"
        logger.warning("tail: disconnected a reader: %s", sentence)
        connection.settimeout(ERROR_LINE_SECONDS)
        connection.sendall(rest[: rest.find(b"\n") + 1] + msgspec.json.encode({"error": sentence}) + b"\n")
