"""Socket.IO: who joins gets the newest snapshot, everybody gets each new one, in the view that they chose."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import gevent  # type: ignore[import-untyped]
import msgspec
from flask import request
from flask_socketio import SocketIO  # type: ignore[import-untyped]
from gevent.lock import BoundedSemaphore  # type: ignore[import-untyped]
from socketio.packet import BINARY_ACK, BINARY_EVENT, EVENT, Packet  # type: ignore[import-untyped]

from dashboard.live.websocket import BroadcastText, Websocket
from dashboard.server.upstream import Engine
from dashboard.snapshots.views import DEFAULT, ViewError, has_posts, parse_view
from dashboard.traffic.token_bucket import Budget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask

    from dashboard.log_throttle import Throttle
    from dashboard.snapshots.event import View
    from dashboard.snapshots.latest import Latest, Shown
    from dashboard.traffic.counters import Crowd

logger = logging.getLogger(__name__)

Answer = tuple[dict[str, Any] | None]
"""One argument of an acknowledgement; a bare None would be acknowledged without any."""

MESSAGE_BYTES = 4096
"""The longest that a page has to say is a view."""
WAITING = 4
"""Packets that may wait for a page. It is sent no more until it has taken some: the newest is the whole state."""
QUESTIONS, QUESTIONS_PER_SECOND = 20, 2
UNANSWERED = 40
"""Questions beyond these, of which each costs a tenth of a millisecond, after which a page is hung up on."""
PAGES_AT_ONCE = 250
"""Whoever asks for something else waits until so many have been written to: some 5 ms."""
VIEWS = 64
"""Views at once: each costs an event a snapshot. Beyond that only those that have posts are given."""


AGE_STEP_MS = 100
"""Many may come at once; for those who come within this time of each other an event is made once."""


class TextPacket(Packet):  # type: ignore[misc]  # socketio has no types
    """A Socket.IO packet without attachments: no page has any, and those that are announced would be waited for."""

    def decode(self, encoded_packet: str) -> int:
        """Read a packet. Raises ValueError for what is none."""
        attachments: int = super().decode(encoded_packet)
        if attachments or self.packet_type in {BINARY_EVENT, BINARY_ACK}:
            raise ValueError("binary packets are not understood")
        return attachments


class Made(NamedTuple):
    """A snapshot's event in one view, and the packet with it that all who look at it get."""

    event: dict[str, Any]
    packet: Any


@dataclass
class Page:
    """An open page, and how often it asked more than its `questions` allow. `engine_sid`: its Engine.IO session."""

    engine_sid: str
    view: View
    questions: Budget
    unanswered: int = 0


class Live:
    """The open pages of this process."""

    def __init__(
        self,
        app: Flask,
        latest: Latest,
        crowd: Crowd,
        throttle: Throttle,
        monotonic_ms: Callable[[], int],
        age_ms: Callable[[], int],
        admits: Callable[[str | None, Mapping[str, Any]], bool] | None = None,
    ) -> None:
        """`age_ms`: time since the newest snapshot came.

        `admits`: whether a page of an origin may join, by that and the WSGI environment; None: only its own.
        """
        self._latest = latest
        self._crowd = crowd
        self._throttle = throttle
        self._monotonic_ms = monotonic_ms
        self._age_ms = age_ms
        self._pages: dict[str, Page] = {}
        self._pushing = BoundedSemaphore()
        self._looking: Counter[View] = Counter()
        self._made: tuple[Shown | None, dict[tuple[View, int], Made]] = (None, {})
        self._socketio = SocketIO(
            app,
            async_mode="gevent",
            # What a page sends is done in its order, and nothing after it has gone.
            async_handlers=False,
            manage_session=False,
            max_http_buffer_size=MESSAGE_BYTES,
            always_connect=True,
            cors_allowed_origins=admits,
            # Nothing here depends on who asks.
            cors_credentials=False,
            serializer=TextPacket,
        )
        websocket = partial(Websocket, crowd=crowd, monotonic_ms=monotonic_ms)
        self._engine = Engine(self._socketio.server, websocket)
        self._socketio.on_event("connect", self._on_connect)
        self._socketio.on_event("disconnect", self._on_disconnect)
        self._socketio.on_event("latest", self._on_latest)
        self._socketio.on_event("view", self._on_view)
        self._socketio.default_exception_handler = self._on_error

    def push(self, shown: Shown) -> None:
        """Send a new snapshot to every open page that has taken those before. Queues; never waits for a page."""
        with self._pushing:
            for number, page in enumerate(list(self._pages.values()), start=1):
                if self._is_behind(page):
                    self._crowd.skipped += 1
                else:
                    self._engine.send(page.engine_sid, self._make(shown, page.view).packet)
                if number % PAGES_AT_ONCE == 0:
                    gevent.sleep(0)

    def viewers(self) -> dict[str, int]:
        """Open pages by transport."""
        transports = self._engine.transports(page.engine_sid for page in list(self._pages.values()))
        return {"websocket": transports["websocket"], "polling": transports["polling"]}

    def close(self) -> None:
        """Disconnect every page, at once and so that its client tries again."""
        self._engine.disconnect_all()

    def _on_connect(self, _auth: object = None) -> None:
        engine_sid = self._engine.session_of(_sid())
        questions = Budget(QUESTIONS, QUESTIONS_PER_SECOND, self._monotonic_ms)
        self._pages[_sid()] = Page(engine_sid, DEFAULT, questions)
        self._looking[DEFAULT] += 1
        self._crowd.pages = len(self._pages)
        if self._latest.shown is not None:
            self._engine.send(engine_sid, self._make(self._latest.shown, DEFAULT, self._age_ms()).packet)

    def _on_disconnect(self, *_: object) -> None:
        page = self._pages.pop(_sid(), None)
        if page is not None:
            self._look_away(page.view)
        self._crowd.pages = len(self._pages)

    def _on_latest(self, *_: object) -> Answer:
        return self._answer(self._pages[_sid()])

    def _on_view(self, asked: object = None, *_: object) -> Answer:
        page = self._pages[_sid()]
        try:
            view = parse_view(asked)
        except ViewError as error:
            return ({"error": str(error)},)
        if not self._has_room(view):
            return ({"error": "Nobody can look at more sources and languages without posts now."},)
        self._looking[view] += 1
        self._look_away(page.view)
        page.view = view
        return self._answer(page)

    def _answer(self, page: Page) -> Answer:
        """The newest event in the page's view; none for one that has not taken what it was sent, or asks too much."""
        if not page.questions.take():
            self._crowd.refused["questions"] += 1
            page.unanswered += 1
            if page.unanswered == UNANSWERED:
                self._crowd.hung_up["flood"] += 1
                self._engine.disconnect(page.engine_sid)
            return (None,)
        if self._latest.shown is None or self._is_behind(page):
            return (None,)
        return (self._make(self._latest.shown, page.view, self._age_ms()).event,)

    def _is_behind(self, page: Page) -> bool:
        return self._engine.queued_packets(page.engine_sid) >= WAITING

    def _has_room(self, view: View) -> bool:
        shown = self._latest.shown
        return (
            len(self._looking) < VIEWS
            or view in self._looking
            or (shown is not None and has_posts(shown.snapshot, view))
        )

    def _look_away(self, view: View) -> None:
        self._looking[view] -= 1
        if not self._looking[view]:
            del self._looking[view]

    def _make(self, shown: Shown, view: View, age_ms: int = 0) -> Made:
        """The event and packet, made once for all who get them at about the same age of the snapshot."""
        age_ms -= age_ms % AGE_STEP_MS
        made_of, made = self._made
        if made_of is not shown or len(made) > 2 * VIEWS:
            made = {}
            self._made = (shown, made)
        if (view, age_ms) not in made:
            event = msgspec.to_builtins(shown.event(view, age_ms))
            text = TextPacket(EVENT, data=["snapshot", event], binary=False).encode()
            made[view, age_ms] = Made(event, self._engine.message(text, BroadcastText))
        return made[view, age_ms]

    def _on_error(self, error: Exception) -> None:
        """What is wrong with us: once a minute, for it may happen with every page."""
        if self._throttle.admits("socket"):
            logger.error("what a page sent was not answered", exc_info=error)


def _sid() -> str:
    """The session of the page that is being served."""
    sid: str = request.sid  # type: ignore[attr-defined]  # set by Flask-SocketIO
    return sid
