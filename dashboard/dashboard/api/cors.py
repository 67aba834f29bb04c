"""Let pages of other origins read the API, if `CORS_ORIGINS` lists their origin.

Every other program can read it anyway. This is about scripts in a browser. The push is never open to them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Response, request

from dashboard.origins import ANY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: Paths that a page of another origin may read: the API, and the Socket.IO client.
READABLE = ("/api/", "/static/vendor/")
PREFLIGHT_SECONDS = 24 * 60 * 60


def is_own(origin: str | None, environ: Mapping[str, Any]) -> bool:
    """Whether `origin` is that of the dashboard's own page.

    The host of its request is the host of its origin, whatever scheme a TLS proxy uses. A page can't set either header
    in a request to another host.
    """
    host = urlsplit(origin or "").netloc
    hosts = (environ.get("HTTP_X_FORWARDED_HOST", "").split(",")[0].strip(), environ.get("HTTP_HOST", ""))
    return host != "" and host in hosts


class Cors:
    """The other origins that may read."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = origins

    def allows(self, origin: str | None, environ: Mapping[str, Any]) -> bool:
        """Whether a page of `origin` may open a Socket.IO connection. The dashboard's own page always may."""
        return is_own(origin, environ) or self._lists(origin)

    def add_headers(self, response: Response) -> Response:
        """Add the CORS headers to `response`, if the page may read it."""
        if not (self._origins and self._is_readable()):
            return response
        origin = request.headers.get("Origin")
        if ANY not in self._origins:
            response.vary.add("Origin")
        if self._lists(origin):
            response.headers["Access-Control-Allow-Origin"] = ANY if ANY in self._origins else origin
            response.headers["Access-Control-Expose-Headers"] = "ETag"
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = "GET, HEAD"
                response.headers["Access-Control-Allow-Headers"] = "If-None-Match"
                response.headers["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
        return response

    def _lists(self, origin: str | None) -> bool:
        return origin is not None and (ANY in self._origins or origin in self._origins)

    @staticmethod
    def _is_readable() -> bool:
        """Whether the route of the request only reads."""
        methods = request.url_rule.methods if request.url_rule else None
        return request.path.startswith(READABLE) and methods is not None and "POST" not in methods
