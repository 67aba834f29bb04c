"""Socket.IO: who joins gets the newest snapshot, everybody gets each new one."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from flask_socketio import SocketIO, emit  # type: ignore[import-untyped]

if TYPE_CHECKING:
    from flask import Flask

    from dashboard.latest import Latest, Shown


class Live:
    """The open pages. One process only: a second one would not know the pages of the first."""

    def __init__(self, app: Flask, latest: Latest) -> None:
        self._latest = latest
        self.closing = False
        # It reports what clients do wrong, such as asking on with a session that has ended, as errors of ours.
        logging.getLogger("engineio.server").setLevel(logging.CRITICAL)
        self._socketio = SocketIO(
            app, async_mode="gevent", manage_session=False, max_http_buffer_size=16_384, always_connect=True
        )
        self._socketio.on_event("connect", self._joined)
        self._socketio.on_event("latest", self._asked)

    def push(self, shown: Shown) -> None:
        """Send a new snapshot to every open page. Queues; never waits for a page."""
        self._socketio.emit("snapshot", shown.event)

    def close(self) -> None:
        """Hang up on every page, at once and so that its client tries again."""
        self.closing = True
        # Not the Socket.IO disconnect: a client that was told to go does not come back.
        for client in list(self._socketio.server.eio.sockets.values()):
            if not client.closed:
                client.close(wait=False)

    def _joined(self, _auth: object = None) -> None:
        if self._latest.shown is not None:
            emit("snapshot", self._latest.shown.event)

    def _asked(self, *_: object) -> dict[str, Any] | None:
        return self._latest.shown.event if self._latest.shown else None
