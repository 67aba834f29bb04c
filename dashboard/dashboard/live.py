"""Socket.IO: who joins gets the newest snapshot, everybody gets each new one, in the view that they chose."""

from __future__ import annotations

import logging
from collections import Counter
from typing import TYPE_CHECKING, Any

from flask import request
from flask_socketio import SocketIO, emit, join_room, leave_room  # type: ignore[import-untyped]

from dashboard.views import DEFAULT, View, ViewError, parse_view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

    from dashboard.latest import Latest, Shown

Answer = tuple[dict[str, Any] | None]
"""One argument of an acknowledgement; a bare None would be acknowledged without any."""


class Live:
    """The open pages, each in the room of its view.

    One process only: a second one would not know the pages of the first.
    """

    def __init__(
        self, app: Flask, latest: Latest, admits: Callable[[str | None, Mapping[str, Any]], bool] | None = None
    ) -> None:
        """`admits`: whether a page of an origin may join, by that and the WSGI environment; None: only its own."""
        self._latest = latest
        self._views: dict[str, View] = {}
        self.closing = False
        # It reports what clients do wrong, such as asking on with a session that has ended, as errors of ours.
        logging.getLogger("engineio.server").setLevel(logging.CRITICAL)
        self._socketio = SocketIO(
            app,
            async_mode="gevent",
            # What a page sends is done in its order, and nothing after it has gone.
            async_handlers=False,
            manage_session=False,
            max_http_buffer_size=16_384,
            always_connect=True,
            cors_allowed_origins=admits,
            # Nothing here depends on who asks.
            cors_credentials=False,
        )
        self._socketio.on_event("connect", self._joined)
        self._socketio.on_event("disconnect", self._left)
        self._socketio.on_event("latest", self._asked)
        self._socketio.on_event("view", self._turned)

    def push(self, shown: Shown) -> None:
        """Send a new snapshot to every open page. Queues; never waits for a page."""
        for view in set(self._views.values()):
            self._socketio.emit("snapshot", shown.event(view), to=view.room)

    def viewers(self) -> dict[str, int]:
        """Open pages by transport."""
        server = self._socketio.server
        sockets = (server.eio.sockets.get(server.manager.eio_sid_from_sid(page, "/")) for page in list(self._views))
        transports = Counter("websocket" if client.upgraded else "polling" for client in sockets if client is not None)
        return {"websocket": transports["websocket"], "polling": transports["polling"]}

    def close(self) -> None:
        """Hang up on every page, at once and so that its client tries again."""
        self.closing = True
        # Without a farewell: clients that are told to go stay away, Python's after Engine.IO's packet too.
        for client in list(self._socketio.server.eio.sockets.values()):
            if not client.closed:
                client.close(wait=False, abort=True)

    def _joined(self, _auth: object = None) -> None:
        self._enter(DEFAULT)
        if self._latest.shown is not None:
            emit("snapshot", self._latest.shown.event(DEFAULT))

    def _left(self, *_: object) -> None:
        self._views.pop(_page(), None)

    def _asked(self, *_: object) -> Answer:
        return (self._newest(self._views[_page()]),)

    def _turned(self, asked: object = None, *_: object) -> Answer:
        try:
            view = parse_view(asked)
        except ViewError as error:
            return ({"error": str(error)},)
        leave_room(self._views[_page()].room)
        self._enter(view)
        return (self._newest(view),)

    def _enter(self, view: View) -> None:
        self._views[_page()] = view
        join_room(view.room)

    def _newest(self, view: View) -> dict[str, Any] | None:
        return self._latest.shown.event(view) if self._latest.shown else None


def _page() -> str:
    """The session of the page that is being served."""
    sid: str = request.sid  # type: ignore[attr-defined]  # set by Flask-SocketIO
    return sid
