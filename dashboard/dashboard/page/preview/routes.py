"""Link previews on other platforms: title, description, image (https://ogp.me)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from dashboard.page.preview.image import PreviewError
from dashboard.page.preview.svg import NOTHING_YET, SHOWN, window_name
from dashboard.settings import HOST
from dashboard.snapshots.sources_line import sources_line
from dashboard.snapshots.views import sources_of

if TYPE_CHECKING:
    from dashboard.page.preview.image import Preview
    from dashboard.snapshots.latest import Latest

KEPT_SECONDS = 10


@dataclass(frozen=True)
class LinkPreview:
    """The texts of a link preview. `url` and `image` are absolute addresses, or None if they are unknown."""

    title: str
    description: str
    url: str | None
    image: str | None


def link_preview(latest: Latest, preview: Preview, public_url: str) -> LinkPreview:
    """The preview of the requested page."""
    title, description = "Live hashtags", NOTHING_YET
    if latest.shown is not None and (top := latest.shown.snapshot.window.top[:SHOWN]):
        snapshot = latest.shown.snapshot
        title = f"Live hashtags: {', '.join(f'#{leader.label}' for leader in top[:3])}"
        counts = ", ".join(f"#{leader.label} {leader.posts:,}" for leader in top)
        sources = sources_line(sources_of(snapshot))
        description = f"{sources}{'. ' if sources else ''}{window_name(snapshot)}, posts by hashtag: {counts}."
    base = public_url or _asked_host()
    if base is None:
        return LinkPreview(title, description, None, None)
    query = request.query_string.decode("latin-1")
    return LinkPreview(
        title,
        description,
        f"{base}{request.path}{'?' if query else ''}{query}",
        f"{base}/preview.png" if preview.possible else None,
    )


def _asked_host() -> str | None:
    """The address of the request, if its `Host` can be one. A client may send anything there."""
    return f"{request.scheme}://{request.host}" if re.fullmatch(HOST, request.host) else None


def preview_routes(preview: Preview) -> Blueprint:
    """`GET /preview.png`."""
    routes = Blueprint("preview", __name__)

    @routes.get("/preview.png")
    def picture() -> Response:
        try:
            drawn = preview.png()
        except PreviewError as error:
            raise (ServiceUnavailable if preview.possible else NotFound)(str(error)) from error
        response = Response(drawn, content_type="image/png")
        response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
        response.add_etag()
        response.make_conditional(request)
        return response

    return routes
