"""Which proxies may say what a client's address is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from dashboard.settings import Settings


class Proxies:
    """WSGI middleware that copies the client's address and scheme from the headers of trusted proxies.

    On `PROXY_PORT`, which only a proxy reaches, at least one proxy is trusted. On the other port it is as many as
    `TRUSTED_PROXIES` says.
    """

    def __init__(self, app: WSGIApplication, settings: Settings) -> None:
        self._port = settings.proxy_port
        self._direct = _behind(app, settings.trusted_proxies)
        self._proxied = _behind(app, max(1, settings.trusted_proxies))

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        # gunicorn takes the port from the socket, so no header changes it.
        is_proxied = self._port is not None and environ.get("SERVER_PORT") == str(self._port)
        return (self._proxied if is_proxied else self._direct)(environ, start_response)


def _behind(app: WSGIApplication, hops: int) -> WSGIApplication:
    return ProxyFix(app, x_for=hops, x_proto=hops, x_host=0)
