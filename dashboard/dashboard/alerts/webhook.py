"""Send an alert to a webhook: an HTTP POST that is signed, has a bound in time and size, and stays on its host."""

from __future__ import annotations

import http.client
import socket
import ssl
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import gevent  # type: ignore[import-untyped]

from dashboard.alerts.addresses import PrivateAddressError, connect
from dashboard.alerts.attempt import PRIVATE, Failure, retry_after_ms
from dashboard.alerts.cloud_event import CONTENT_TYPE, cloud_event
from dashboard.alerts.signature import signed_headers
from dashboard.alerts.targets import is_web_address

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from urllib.parse import SplitResult

    from dashboard.alerts.targets import Webhook
    from dashboard.snapshots.alerts_schema import Alert

#: For the whole attempt, with name look-up, TLS, redirects and response.
ATTEMPT_SECONDS = 10.0
MAX_REDIRECTS = 3
#: The request is sent again, as a POST, to the address of such a response.
REDIRECTS = {301, 302, 307, 308}


class WebhookSender:
    """Sends alerts to webhooks."""

    def __init__(
        self, public_url: str, version: str, wall_ms: Callable[[], int], context: ssl.SSLContext | None = None
    ) -> None:
        """Args:
        public_url: The address of the page, or an empty text.
        version: The version of the dashboard.
        wall_ms: Milliseconds since 1970. A receiver compares it with its own clock.
        context: Which certificates are trusted; those of the machine by default.
        """
        self._public_url = public_url
        self._agent = f"hashtags-live/{version}"
        self._wall_ms = wall_ms
        self._context = context

    def send(self, target: Webhook, alert: Alert) -> Failure | None:
        """Make one attempt, of at most ten seconds; None if the target has the alert."""
        body, now_ms = cloud_event(alert, self._public_url), self._wall_ms()
        headers = {
            "Content-Type": CONTENT_TYPE,
            "User-Agent": self._agent,
            **signed_headers(alert.id, body, now_ms // 1000, target.secret),
        }
        try:
            with gevent.Timeout(ATTEMPT_SECONDS):
                return self._post(target, headers, body, now_ms)
        except (OSError, http.client.HTTPException, gevent.Timeout, ValueError) as error:
            return Failure(reason_of(error))

    def _post(self, target: Webhook, headers: Mapping[str, str], body: bytes, now_ms: int) -> Failure | None:
        url, first = target.url, urlsplit(target.url)
        for _ in range(MAX_REDIRECTS + 1):
            parts = urlsplit(url)
            connection = self._connect(parts, allows_private=target.allows_private)
            try:
                path = parts.path or "/"
                connection.request("POST", f"{path}?{parts.query}" if parts.query else path, body, dict(headers))
                # Its status is the answer. A body that is slow, endless or cut changes nothing.
                response = connection.getresponse()
            finally:
                connection.close()
            if 200 <= response.status < 300:
                return None
            location = response.getheader("Location")
            if response.status not in REDIRECTS or location is None:
                pause_ms = retry_after_ms(response.getheader("Retry-After"), now_ms)
                return Failure(f"it answered with status {response.status}", pause_ms)
            url = urljoin(url, location)
            if not is_web_address(url) or _origin(urlsplit(url)) != _origin(first):
                return Failure("it redirects to another host, which is not followed")
        return Failure(f"it redirects more than {MAX_REDIRECTS} times")

    def _connect(self, parts: SplitResult, *, allows_private: bool) -> http.client.HTTPConnection:
        host, port = parts.hostname or "", _port(parts)
        kind = http.client.HTTPConnection if parts.scheme == "http" else http.client.HTTPSConnection
        # It connects nowhere by itself, and knows what belongs into the header `Host`.
        connection = kind(host, port)
        raw = connect(host, port, ATTEMPT_SECONDS, allows_private=allows_private)
        try:
            connection.sock = raw if parts.scheme == "http" else self._tls(raw, host)
        except BaseException:
            raw.close()
            raise
        return connection

    def _tls(self, raw: socket.socket, host: str) -> ssl.SSLSocket:
        if self._context is None:
            # Only now: it reads the certificates of the machine, which takes some milliseconds.
            self._context = ssl.create_default_context()
        return self._context.wrap_socket(raw, server_hostname=host)


def _port(parts: SplitResult) -> int:
    return parts.port or {"http": 80, "https": 443}[parts.scheme]


def _origin(parts: SplitResult) -> tuple[str, str | None, int]:
    return parts.scheme, parts.hostname, _port(parts)


def reason_of(error: BaseException) -> str:
    """Why a request failed, in words that have nothing of its address. The text of an error may have it."""
    if isinstance(error, (gevent.Timeout, TimeoutError)):
        return "it did not answer in time"
    if isinstance(error, PrivateAddressError):
        return PRIVATE
    if isinstance(error, ssl.SSLCertVerificationError):
        return "its certificate is not trusted"
    if isinstance(error, ssl.SSLError):
        return "TLS failed"
    if isinstance(error, socket.gaierror):
        return "its name is not known"
    if isinstance(error, ConnectionRefusedError):
        return "it refuses connections"
    if isinstance(error, (ConnectionError, http.client.HTTPException)):
        return "it closed the connection"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return "its response is malformed"
