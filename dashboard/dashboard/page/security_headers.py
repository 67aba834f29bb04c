"""Security headers of each response: what the page may load, and which sites may embed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Response

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; object-src 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}


def headers(embed_origins: Sequence[str]) -> Callable[[Response], Response]:
    """A function that adds the headers to a response.

    Pages of `embed_origins` may embed the page in a frame, but only with `?embed`. There the page has no controls, so
    nobody can be tricked into clicking one.
    """
    embedded = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", f"frame-ancestors {' '.join(embed_origins)}")

    def add_headers(response: Response) -> Response:
        response.headers.update(HEADERS)
        if embed_origins and request.path == "/" and "embed" in request.args:
            response.headers["Content-Security-Policy"] = embedded
            # This header can't name origins. Browsers that support `frame-ancestors` use that.
            del response.headers["X-Frame-Options"]
        if request.path == "/preview.png":
            # Other sites show this picture.
            response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    return add_headers
