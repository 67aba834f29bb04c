"""Socket.IO: send each new snapshot to every open page, in the view that the page chose."""

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
from dashboard.traffic.token_bucket import TokenBucket

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask import Flask
    from msgspec import Struct

    from dashboard.log_throttle import Throttle
    from dashboard.snapshots.event import View
    from dashboard.snapshots.latest import Latest, Shown
    from dashboard.traffic.counters import ClientCounters

logger = logging.getLogger(__name__)

#: The one argument of an acknowledgement. A bare None would be sent as no argument.
Answer = tuple[dict[str, Any] | None]

#: The longest message of a page. It contains a view.
MESSAGE_BYTES = 4096
#: The most packets that wait for a page. It gets no more until it has read some, since the newest is the whole state.
MAX_QUEUED_PACKETS = 4
BURST_REQUESTS, REQUESTS_PER_SECOND = 20, 2
#: Disconnect a page after this many rejected requests (each costs 0.1 ms).
MAX_REJECTED_REQUESTS = 40
#: Pages that are written to before other requests are served: some 5 ms.
CLIENTS_PER_TURN = 250
#: The most distinct views at once: each snapshot is serialised once for each. Above it, only views with posts are
#: accepted.
MAX_VIEWS = 64


#: Pages that connect within this time get the same event, so that it is made once.
AGE_STEP_MS = 100


class TextOnlyPacket(Packet):  # type: ignore[misc]  # socketio has no types
    """A Socket.IO packet without attachments. No page sends any, and the server would wait for announced ones."""

    def decode(self, encoded_packet: str) -> int:
        """Read a packet.

        Raises:
            ValueError: It is malformed, or has attachments.

        """
        attachments: int = super().decode(encoded_packet)
        if attachments or self.packet_type in {BINARY_EVENT, BINARY_ACK}:
            raise ValueError("binary packets are not understood")
        return attachments


class ViewEvent(NamedTuple):
    """A snapshot in one view: the event, and the encoded packet for all pages with this view."""

    event: dict[str, Any]
    packet: Any


@dataclass
class OpenPage:
    """An open page.

    `engine_sid`: its Engine.IO session. `rejected_requests`: how many requests were more than `requests` allows.
    """

    engine_sid: str
    view: View
    requests: TokenBucket
    rejected_requests: int = 0


class Live:
    """The open pages of this process, and what they are sent."""

    def __init__(
        self,
        app: Flask,
        latest: Latest,
        counters: ClientCounters,
        throttle: Throttle,
        monotonic_ms: Callable[[], int],
        age_ms: Callable[[], int],
        allows_origin: Callable[[str | None, Mapping[str, Any]], bool] | None = None,
    ) -> None:
        """Args:
        app: The Flask application.
        latest: The newest snapshot.
        counters: Counts skipped, refused and disconnected pages.
        throttle: Bounds what is logged.
        monotonic_ms: Milliseconds of a clock that is never set back.
        age_ms: Milliseconds since the newest snapshot arrived.
        allows_origin: Whether a page of an origin may connect, given the origin and the WSGI environment. None: only
            pages of the dashboard's own origin.
        """
        self._latest = latest
        self._counters = counters
        self._throttle = throttle
        self._monotonic_ms = monotonic_ms
        self._age_ms = age_ms
        self._pages: dict[str, OpenPage] = {}
        self._push_lock = BoundedSemaphore()
        self._viewers_by_view: Counter[View] = Counter()
        self._events: tuple[Shown | None, dict[tuple[View, int], ViewEvent]] = (None, {})
        self._socketio = SocketIO(
            app,
            async_mode="gevent",
            # Messages of a page are handled in order, and none after it has disconnected.
            async_handlers=False,
            manage_session=False,
            max_http_buffer_size=MESSAGE_BYTES,
            always_connect=True,
            cors_allowed_origins=allows_origin,
            # Nothing here depends on cookies.
            cors_credentials=False,
            serializer=TextOnlyPacket,
        )
        websocket = partial(Websocket, counters=counters, monotonic_ms=monotonic_ms)
        self._engine = Engine(self._socketio.server, websocket)
        self._socketio.on_event("connect", self._on_connect)
        self._socketio.on_event("disconnect", self._on_disconnect)
        self._socketio.on_event("latest", self._on_latest)
        self._socketio.on_event("view", self._on_view)
        self._socketio.default_exception_handler = self._on_error

    def push(self, shown: Shown) -> None:
        """Queue a new snapshot for every open page that has read the ones before. It never waits for a page."""
        self._counters.skipped += self._send_all(lambda page: [self._event_of(shown, page.view).packet])

    def send_alerts(self, alerts: Sequence[Struct]) -> None:
        """Queue an event `alert` each for every open page that has read what came before. It never waits for a page.

        A page that has not learns from its next snapshot that there are alerts.
        """
        if not alerts:
            return
        events = [["alert", msgspec.to_builtins(alert)] for alert in alerts]
        texts = [TextOnlyPacket(EVENT, data=event, binary=False).encode() for event in events]
        packets = [self._engine.message(text, BroadcastText) for text in texts]
        self._send_all(lambda _: packets)
        # They are written now, so that they do not keep the next snapshot from a page.
        gevent.sleep(0)

    def _send_all(self, packets_of: Callable[[OpenPage], Sequence[Any]]) -> int:
        """Queue packets for every open page that is not behind; returns how many are."""
        behind = 0
        with self._push_lock:
            for number, page in enumerate(list(self._pages.values()), start=1):
                if self._is_behind(page):
                    behind += 1
                else:
                    for packet in packets_of(page):
                        self._engine.send(page.engine_sid, packet)
                if number % CLIENTS_PER_TURN == 0:
                    gevent.sleep(0)
        return behind

    def viewers(self) -> dict[str, int]:
        """Open pages by transport."""
        transports = self._engine.transports(page.engine_sid for page in list(self._pages.values()))
        return {"websocket": transports["websocket"], "polling": transports["polling"]}

    def close(self) -> None:
        """Disconnect every page, at once and so that its client tries again."""
        self._engine.disconnect_all()

    def _on_connect(self, _auth: object = None) -> None:
        engine_sid = self._engine.session_of(_sid())
        requests = TokenBucket(BURST_REQUESTS, REQUESTS_PER_SECOND, self._monotonic_ms)
        self._pages[_sid()] = OpenPage(engine_sid, DEFAULT, requests)
        self._viewers_by_view[DEFAULT] += 1
        self._counters.pages = len(self._pages)
        if self._latest.shown is not None:
            self._engine.send(engine_sid, self._event_of(self._latest.shown, DEFAULT, self._age_ms()).packet)

    def _on_disconnect(self, *_: object) -> None:
        page = self._pages.pop(_sid(), None)
        if page is not None:
            self._release_view(page.view)
        self._counters.pages = len(self._pages)

    def _on_latest(self, *_: object) -> Answer:
        return self._answer(self._pages[_sid()])

    def _on_view(self, asked: object = None, *_: object) -> Answer:
        page = self._pages[_sid()]
        try:
            view = parse_view(asked)
        except ViewError as error:
            return ({"error": str(error)},)
        if not self._accepts_view(view):
            return ({"error": "Too many different sources and languages without posts are open now."},)
        self._viewers_by_view[view] += 1
        self._release_view(page.view)
        page.view = view
        return self._answer(page)

    def _answer(self, page: OpenPage) -> Answer:
        """The newest event in the page's view. None for a page that is behind, or that requests too often."""
        if not page.requests.spend():
            self._counters.refused["questions"] += 1
            page.rejected_requests += 1
            if page.rejected_requests == MAX_REJECTED_REQUESTS:
                self._counters.disconnected["flood"] += 1
                self._engine.disconnect(page.engine_sid)
            return (None,)
        if self._latest.shown is None or self._is_behind(page):
            return (None,)
        return (self._event_of(self._latest.shown, page.view, self._age_ms()).event,)

    def _is_behind(self, page: OpenPage) -> bool:
        return self._engine.queued_packets(page.engine_sid) >= MAX_QUEUED_PACKETS

    def _accepts_view(self, view: View) -> bool:
        shown = self._latest.shown
        return (
            len(self._viewers_by_view) < MAX_VIEWS
            or view in self._viewers_by_view
            or (shown is not None and has_posts(shown.snapshot, view))
        )

    def _release_view(self, view: View) -> None:
        self._viewers_by_view[view] -= 1
        if not self._viewers_by_view[view]:
            del self._viewers_by_view[view]

    def _event_of(self, shown: Shown, view: View, age_ms: int = 0) -> ViewEvent:
        """The event and its packet, made once for all pages that get them at about the same age of the snapshot."""
        age_ms -= age_ms % AGE_STEP_MS
        snapshot_of, events = self._events
        if snapshot_of is not shown or len(events) > 2 * MAX_VIEWS:
            events = {}
            self._events = (shown, events)
        self._latest.note_read()
        if (view, age_ms) not in events:
            event = msgspec.to_builtins(shown.event(view, age_ms))
            text = TextOnlyPacket(EVENT, data=["snapshot", event], binary=False).encode()
            events[view, age_ms] = ViewEvent(event, self._engine.message(text, BroadcastText))
        return events[view, age_ms]

    def _on_error(self, error: Exception) -> None:
        """Log an error of the server, once a minute: it may happen with every page."""
        if self._throttle.allows("socket"):
            logger.error("a message of a page could not be handled", exc_info=error)


def _sid() -> str:
    """The Socket.IO session of the current page."""
    sid: str = request.sid  # type: ignore[attr-defined]  # set by Flask-SocketIO
    return sid
