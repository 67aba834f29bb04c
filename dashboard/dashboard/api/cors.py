"""Who else may read: pages of other origins, as far as `CORS_ORIGINS` lists them.

What can be read is open to every program anyway; this is about programs that run in somebody's browser. The push is
never opened.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Response, request

from dashboard.origins import ANY

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

#: What another page may fetch: answers, and the client with which it follows.
READABLE = ("/api/", "/static/vendor/")
PREFLIGHT_SECONDS = 24 * 60 * 60


class Cors:
    """The origins that may read, beside the page's own."""

    def __init__(self, origins: Collection[str]) -> None:
        self._origins = origins

    def allows(self, origin: str | None, environ: Mapping[str, Any]) -> bool:
        """Whether a page of `origin` may open a Socket.IO connection.

        Its own page always may: the host that its browser asked for is the one in its origin, whatever scheme a TLS
        proxy speaks to us. A page can set neither header of a request that it sends to another host.
        """
        host = urlsplit(origin or "").netloc
        asked = (environ.get("HTTP_X_FORWARDED_HOST", "").split(",")[0].strip(), environ.get("HTTP_HOST", ""))
        return (host != "" and host in asked) or self._lists(origin)

    def add_headers(self, response: Response) -> Response:
        """Open `response` to the page that asked, if it may read it."""
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
        """Whether it is a route that only reads."""
        methods = request.url_rule.methods if request.url_rule else None
        return request.path.startswith(READABLE) and methods is not None and "POST" not in methods
