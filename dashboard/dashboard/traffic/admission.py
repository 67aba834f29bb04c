"""The gate: which requests are served at all, and how many bytes of answers may wait for their readers."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

import gevent  # type: ignore[import-untyped]
import msgspec
from gevent.lock import BoundedSemaphore  # type: ignore[import-untyped]

from dashboard.traffic.error_page import error_page, wants_page
from dashboard.traffic.limits import Connections, Rates, network_of
from dashboard.traffic.request_body import RequestBody
from dashboard.traffic.unread_responses import UnreadAnswers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from dashboard.settings import Settings
    from dashboard.traffic.counters import Crowd

AT_ONCE = frozenset({"/healthz", "/readyz", "/metrics"})
"""What machines ask for, who must not wait until others have got theirs."""
CLOSE_MS, BREATH_SECONDS = 3, 0.001
"""Between answers that follow each other so closely there is a breath, in which open pages get their snapshots."""
WAITING = frozenset({"/preview.png"})
"""Answers that wait for another process, and must not keep the turn while they do."""
GOING_DOWN = ("503 Service Unavailable", None, "The server is going down.")
KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
PUSH = "/api/snapshots"
STATIC = "/static/"


def shakes_hands(environ: WSGIEnvironment) -> bool:
    """Whether a request for a websocket, if it is one, is as RFC 6455, section 4.2.1 wants it: engineio takes any."""
    if environ.get("HTTP_UPGRADE", "").lower() != "websocket":
        return True
    tokens = [token.strip() for token in environ.get("HTTP_CONNECTION", "").lower().split(",")]
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    return "upgrade" in tokens and environ.get("HTTP_SEC_WEBSOCKET_VERSION") == "13" and bool(KEY.fullmatch(key))


class Gate:
    """WSGI middleware. What it refuses costs no more than a look into two tables."""

    def __init__(
        self,
        app: WSGIApplication,
        settings: Settings,
        crowd: Crowd,
        is_push: Callable[[WSGIEnvironment], bool],
        monotonic_ms: Callable[[], int],
    ) -> None:
        """`is_push`: whether a request is the job's, which shows the token."""
        self._app = app
        self._crowd = crowd
        self._is_push = is_push
        self._max_pages = settings.max_pages
        self.proxy_port = settings.proxy_port
        self._rates = Rates(settings.requests_per_minute, settings.api_requests_per_minute, monotonic_ms)
        self._pages = Connections(settings.connections_per_address)
        # Behind proxies all TCP connections are theirs.
        self.connections = Connections(0 if settings.trusted_proxies else settings.connections_per_address)
        """TCP connections, whatever is asked for on them."""
        self._turn = BoundedSemaphore()
        self._unread = UnreadAnswers()
        self._monotonic_ms = monotonic_ms
        self._answered_ms = monotonic_ms() - CLOSE_MS
        self.closing = False

    def note_refused_connection(self) -> None:
        """Count one that was closed before it asked for anything."""
        self._crowd.refused["connections"] += 1

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request, or refuse it. The response to a HEAD request has no body, whoever makes it."""
        response = self._serve(environ, start_response)
        if environ.get("REQUEST_METHOD") != "HEAD":
            return response
        close = getattr(response, "close", None)
        if close is not None:
            close()
        return []

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if "wsgi.input" in environ and environ.get("REQUEST_METHOD") != "GET":
            environ["wsgi.input"] = RequestBody(environ["wsgi.input"], self._crowd)
        path = environ.get("PATH_INFO", "")
        if self._is_push(environ):
            return self._app(environ, start_response)
        if self.closing and path not in AT_ONCE:
            # Pages come back at once, while gunicorn takes up to a second to stop accepting. They try again later.
            return self._refuse(environ, start_response, *GOING_DOWN)
        address, is_page = network_of(environ.get("REMOTE_ADDR", "")), path.startswith("/socket.io")
        is_new = is_page and "sid" not in parse_qs(environ.get("QUERY_STRING", ""))
        seconds = self._rates.wait_seconds(address, costly=is_new or path.startswith("/api/"))
        if seconds:
            sentence = "Too many requests from this address."
            return self._refuse(environ, start_response, "429 Too Many Requests", "rate", sentence, seconds)
        if is_page:
            return self._serve_page(environ, start_response, address)
        # A push, though it does not show the token, waits for a body.
        if path in AT_ONCE or path == PUSH or path in WAITING:
            return self._app(environ, start_response)
        return self._serve_in_turn(environ, start_response, address)

    def _serve_in_turn(self, environ: WSGIEnvironment, start_response: StartResponse, address: str) -> Iterable[bytes]:
        """An answer takes up to 20 ms, and gevent would make fifty of them before it looks at a socket again."""
        with self._turn:
            if self._monotonic_ms() - self._answered_ms < CLOSE_MS:
                gevent.sleep(BREATH_SECONDS)
            if self.closing:
                return self._refuse(environ, start_response, *GOING_DOWN)
            # Static files are in memory once for all clients.
            if environ.get("PATH_INFO", "").startswith(STATIC):
                return self._app(environ, start_response)
            if not self._unread.has_room(address):
                sentence = "Too many answers wait for clients that do not read them."
                return self._refuse(environ, start_response, "503 Service Unavailable", "unread", sentence)
            try:
                return self._unread.answer(self._app, environ, start_response, address)
            finally:
                self._answered_ms = self._monotonic_ms()

    def _serve_page(self, environ: WSGIEnvironment, start_response: StartResponse, address: str) -> Iterable[bytes]:
        """A websocket, which lasts as long as the page is open, or a poll, which lasts up to the next snapshot."""
        if len(self._pages) >= self._max_pages:
            return self._refuse(
                environ, start_response, "503 Service Unavailable", "full", "There is no room for more pages."
            )
        if not shakes_hands(environ):
            return self._refuse(
                environ, start_response, "400 Bad Request", "malformed", "This is no handshake of a websocket."
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
            self._crowd.refused[reason] += 1
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
