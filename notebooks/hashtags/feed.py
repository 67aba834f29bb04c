"""A live connection to the stream, which connects again by itself."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, Any

import socketio  # type: ignore[import-untyped]

from hashtags import fields
from hashtags.errors import StreamError
from hashtags.snapshot import parse_event

if TYPE_CHECKING:
    from collections.abc import Callable

    import requests

    from hashtags.snapshot import Snapshot
    from hashtags.view import View

logger = logging.getLogger("hashtags")
# A notebook would show the lines of each attempt to connect. Who wants them adds a handler.
logger.addHandler(logging.NullHandler())
logger.propagate = False

#: The pauses between attempts to connect grow from the first to the second.
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 8.0
#: A stream that is busy may need this long to accept a connection.
CONNECT_SECONDS = 5
#: Why there are no numbers now; the second follows the address.
LOST, UNREACHABLE = "the connection is lost, trying again", "can't be reached, trying again"


class Feed:
    """The newest snapshot of one view. One thread connects, and connects again when the connection is lost."""

    def __init__(
        self, address: str, view: View, session: Callable[[], requests.Session], jitter: Callable[[], float]
    ) -> None:
        """Args:
        address: The stream, such as `http://localhost:8000`.
        view: What is followed.
        session: Makes the HTTP session of a connection.
        jitter: Numbers from 0 to 1, so that thirty readers don't connect again at the same moment.
        """
        self._address = address
        self._view = view
        self._session = session
        self._jitter = jitter
        self._news = threading.Condition()
        self._newest: Snapshot | None = None
        self._trouble: str | None = None
        self._ending = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hashtags-feed", daemon=True)

    def start(self) -> Feed:
        """Begin to connect; returns itself."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Disconnect, and wait until the thread has ended. A second call does nothing."""
        self._ending.set()
        self._lost.set()
        with self._news:
            self._news.notify_all()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join()

    @property
    def trouble(self) -> str | None:
        """Why there is no connection, as one sentence, or None."""
        return self._trouble

    def next_after(self, order: tuple[int, int] | None, timeout_seconds: float | None) -> Snapshot | None:
        """Wait for a snapshot that is newer than `order`, and return the newest one.

        Returns:
            None after the timeout, and after `close`.

        """
        with self._news:
            self._news.wait_for(lambda: self._ending.is_set() or self._is_newer(order), timeout_seconds)
            return self._newest if self._is_newer(order) and not self._ending.is_set() else None

    def _is_newer(self, order: tuple[int, int] | None) -> bool:
        newest = None if self._newest is None else self._newest.order
        return newest is not None and (order is None or newest > order)

    def _run(self) -> None:
        pause_seconds = PAUSE_SECONDS
        while not self._ending.is_set():
            if self._connect_once():
                pause_seconds = PAUSE_SECONDS
            if not self._ending.wait(pause_seconds * (0.5 + self._jitter())):
                pause_seconds = min(2 * pause_seconds, LONGEST_PAUSE_SECONDS)

    def _connect_once(self) -> bool:
        """Connect, and stay until the connection is lost; returns whether there was one."""
        session = self._session()
        client = socketio.Client(
            reconnection=False, handle_sigint=False, logger=logger, engineio_logger=logger, http_session=session
        )
        self._lost.clear()
        client.on("snapshot", self._on_snapshot)
        client.on("disconnect", lambda *_: self._lost.set())
        try:
            client.connect(self._address, wait_timeout=CONNECT_SECONDS)
            self._choose_view(client)
            self._trouble = None
            # `close` sets the first event and then the second, which was cleared before the first is looked at here.
            if not self._ending.is_set():
                self._lost.wait()
        except (socketio.exceptions.SocketIOError, OSError, ValueError) as error:
            logger.info("no connection: %s", error)
            self._trouble = f"{self._address} {UNREACHABLE}"
            return False
        finally:
            client.disconnect()
            session.close()
        self._trouble = LOST
        return True

    def _choose_view(self, client: Any) -> None:
        """Ask for the view, because a new connection has the default one."""
        if not self._view.is_default:
            client.emit("view", self._view.request(), callback=self._on_snapshot)

    def _on_snapshot(self, data: object = None) -> None:
        """Keep an event of our view if it is newer than the one before. An acknowledgement is an event, or null."""
        if data is None:
            return
        try:
            snapshot = parse_event(fields.accepted(data))
        except StreamError as error:
            self._trouble = str(error)
            return
        with self._news:
            if snapshot.view == self._view and self._is_after(snapshot):
                self._newest = snapshot
                self._news.notify_all()

    def _is_after(self, snapshot: Snapshot) -> bool:
        if self._newest is None or self._newest.order is None:
            return True
        return snapshot.order is not None and snapshot.order > self._newest.order
