"""Admission control: which requests are served, and in which order."""

from __future__ import annotations

import math
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import gevent  # type: ignore[import-untyped]
import msgspec
from gevent.lock import BoundedSemaphore  # type: ignore[import-untyped]

from dashboard.traffic.error_page import error_page, wants_page
from dashboard.traffic.limits import Connections, Rates, network_of
from dashboard.traffic.request_body import RequestBody
from dashboard.traffic.unread_responses import UnreadResponses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from dashboard.settings import Settings
    from dashboard.traffic.counters import ClientCounters

#: Paths that monitoring requests. They never wait for other requests.
UNTHROTTLED_PATHS = frozenset({"/healthz", "/readyz", "/metrics"})
#: If two responses are less than MIN_GAP_MS apart, sleep YIELD_SECONDS first, so that WebSocket clients get their
#: snapshots.
MIN_GAP_MS, YIELD_SECONDS = 3, 0.001
#: Paths whose response waits for another process. They don't hold the lock of the other responses meanwhile.
SELF_LIMITED_PATHS = frozenset({"/preview.png"})
STOPPING = ("503 Service Unavailable", None, "The server is going down.")
KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
PUSH = "/api/snapshots"
#: What needs the history or a whole snapshot to be answered.
COSTLY = ("/api/", "/feed.atom")
STATIC = "/static/"


def is_valid_handshake(environ: WSGIEnvironment) -> bool:
    """False for a WebSocket upgrade that violates RFC 6455, section 4.2.1. Engine.IO does not check it."""
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        return True
    tokens = [token.strip() for token in environ.get("HTTP_CONNECTION", "").lower().split(",")]
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    return "upgrade" in tokens and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13" and bool(KEY.fullmatch(key))


class AdmissionControl:
    """WSGI middleware that serves or refuses each request. A refusal costs two look-ups."""

    def __init__(
        self,
        app: WSGIApplication,
        settings: Settings,
        counters: ClientCounters,
        is_push: Callable[[WSGIEnvironment], bool],
        monotonic_ms: Callable[[], int],
    ) -> None:
        """`is_push`: whether a request is a push of the job, with the right token."""
        self._app = app
        self._counters = counters
        self._is_push = is_push
        self._max_pages = settings.max_pages
        self.proxy_port = settings.proxy_port
        self._rates = Rates(settings.requests_per_minute, settings.api_requests_per_minute, monotonic_ms)
        self._pages = Connections(settings.connections_per_address)
        # Behind proxies, all TCP connections belong to the proxies.
        #: Open TCP connections, for whatever requests.
        self.connections = Connections(0 if settings.trusted_proxies else settings.connections_per_address)
        self._response_lock = BoundedSemaphore()
        self._unread = UnreadResponses()
        self._monotonic_ms = monotonic_ms
        self._responded_at_ms = monotonic_ms() - MIN_GAP_MS
        self.closing = False

    def note_refused_connection(self) -> None:
        """Count a connection that was closed before its first request."""
        self._counters.refused["connections"] += 1

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """Let other responses be made while the response of this greenlet waits for another process."""
        self._response_lock.release()
        try:
            yield
        finally:
            self._response_lock.acquire()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, or refuse it. The response to a HEAD request never has a body."""
        response = self._serve(environ, start_response)
        if environ.get("REQUEST_METHOD") != "HEAD":
            return response
        close = getattr(response, "close", None)
        if close is not None:
            close()
        return []

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "wsgi.input" in environ and environ.get("REQUEST_METHOD") != "GET":
            environ["wsgi.input"] = RequestBody(environ["wsgi.input"], self._counters)
        path = environ.get("PATH_INFO", "")
        if self._is_push(environ):
            return self._app(environ, start_response)
        if self.closing and path not in UNTHROTTLED_PATHS:
            # Clients connect again at once, while gunicorn needs up to a second to stop accepting. They retry later.
            return self._refuse(environ, start_response, *STOPPING)
        address, is_page = network_of(environ.get("REMOTE_ADDR", "")), path.startswith("/socket.io")
        is_new = is_page and "sid" not in parse_qs(environ.get("QUERY_STRING", ""))
        seconds = self._rates.wait_seconds(address, costly=is_new or path.startswith(COSTLY))
        if seconds:
            sentence = "Too many requests from this address."
            return self._refuse(environ, start_response, "429 Too Many Requests", "rate", sentence, seconds)
        if is_page:
            return self._serve_page(environ, start_response, address)
        # A push without the right token still waits for its body.
        if path in UNTHROTTLED_PATHS or path == PUSH or path in SELF_LIMITED_PATHS:
            return self._app(environ, start_response)
        return self._serve_alone(environ, start_response, address)

    def _serve_alone(self, environ: WSGIEnvironment, start_response: StartResponse, address: str) -> Iterable[bytes]:
        """Make one response at a time: each takes up to 20 ms, and gevent would make fifty before it reads a socket."""
        is_static = environ.get("PATH_INFO", "").startswith(STATIC)
        with self._response_lock:
            if self._monotonic_ms() - self._responded_at_ms < MIN_GAP_MS:
                # Before a static file, sockets are read once. A page needs many of them, so none of them pauses.
                gevent.sleep(0 if is_static else YIELD_SECONDS)
            if self.closing:
                return self._refuse(environ, start_response, *STOPPING)
            # Static files are in memory once for all clients, so they don't count as unread.
            if is_static:
                self._responded_at_ms = self._monotonic_ms()
                return self._app(environ, start_response)
            if not self._unread.has_room(address):
                sentence = "Too many responses wait for clients that do not read them."
                return self._refuse(environ, start_response, "503 Service Unavailable", "unread", sentence)
            try:
                return self._unread.respond(self._app, environ, start_response, address)
            finally:
                self._responded_at_ms = self._monotonic_ms()

    def _serve_page(self, environ: WSGIEnvironment, start_response: StartResponse, address: str) -> Iterable[bytes]:
        """Serve a WebSocket, which lasts while the page is open, or a poll, which lasts until the next snapshot."""
        if len(self._pages) >= self._max_pages:
            return self._refuse(
                environ, start_response, "503 Service Unavailable", "full", "There is no room for more pages."
            )
        if not is_valid_handshake(environ):
            return self._refuse(
                environ, start_response, "400 Bad Request", "malformed", "This is not a valid WebSocket handshake."
            )
        if not self._pages.enter(address):
            sentence = "Too many open pages of this address."
            return self._refuse(environ, start_response, "429 Too Many Requests", "connections", sentence)
        try:
            return self._app(environ, start_response)
        finally:
            self._pages.leave(address)

    def _refuse(
        self,
        environ: WSGIEnvironment,
        start_response: StartResponse,
        status: str,
        reason: str | None,
        sentence: str,
        seconds: float = 5.0,
    ) -> Iterable[bytes]:
        if reason is not None:
            self._counters.refused[reason] += 1
        kind, body = "application/json", msgspec.json.encode({"error": sentence})
        if wants_page(environ):
            kind, body = "text/html; charset=utf-8", error_page(environ, int(status.split(maxsplit=1)[0]))
        headers = [
            ("Content-Type", kind),
            ("Vary", "Accept, Accept-Language"),
            ("Content-Length", str(len(body))),
            ("Retry-After", str(math.ceil(seconds))),
            ("Connection", "close"),
        ]
        start_response(status, headers)
        return [body]
