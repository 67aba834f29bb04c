"""Link previews on other platforms: title, description, image (https://ogp.me)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound, ServiceUnavailable

from dashboard.page.preview.image import PreviewError
from dashboard.page.preview.reasons import empty_list, leading_tags, reason
from dashboard.page.preview.subject import QUERIES, named_subject, page_subject
from dashboard.page.preview.svg import NOTHING_YET, SHOWN, TITLES, leaders, window_name
from dashboard.settings import HOST
from dashboard.snapshots.sources_line import sources_line
from dashboard.snapshots.views import sources_of

if TYPE_CHECKING:
    from dashboard.page.preview.image import Preview
    from dashboard.page.preview.subject import Subject
    from dashboard.snapshots.latest import Latest
    from dashboard.snapshots.schema import Snapshot

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
    title, description, subject = TITLES["posts"], NOTHING_YET, named_subject(request.args)
    if latest.shown is not None:
        snapshot = latest.shown.snapshot
        subject = page_subject(request.args, snapshot)
        title, description = _rising(snapshot) if subject == "rising" else _leading(snapshot, subject)
    base = public_url or _asked_host()
    if base is None:
        return LinkPreview(title, description, None, None)
    query = request.query_string.decode("latin-1")
    return LinkPreview(
        title,
        description,
        f"{base}{request.path}{'?' if query else ''}{query}",
        f"{base}/preview.png{QUERIES[subject]}" if preview.possible else None,
    )


def _leading(snapshot: Snapshot, subject: Subject) -> tuple[str, str]:
    """Title and description for the leading tags."""
    title, top = TITLES[subject], leaders(snapshot, subject)
    if not top:
        return title, NOTHING_YET
    counted = "people" if subject == "authors" else "posts"
    counts = ", ".join(f"#{label} {count:,}" for label, count in top)
    tags = ", ".join(f"#{label}" for label, _ in top[:3])
    return f"{title}: {tags}", f"{_origin(snapshot)}{window_name(snapshot)}, {counted} by hashtag: {counts}."


def _rising(snapshot: Snapshot) -> tuple[str, str]:
    """Title and description for the tags that rise."""
    title, tags = TITLES["rising"], leading_tags(snapshot.rising)
    if not tags:
        return title, f"{_origin(snapshot)}{empty_list(snapshot.rising)}"
    reasons = " ".join(f"#{tag.label}: {reason(tag, snapshot)}." for tag in tags[:SHOWN])
    return f"{title}: {', '.join(f'#{tag.label}' for tag in tags[:3])}", f"{_origin(snapshot)}{reasons}"


def _origin(snapshot: Snapshot) -> str:
    """Where the posts are from, as a sentence, with a blank behind it."""
    sources = sources_line(sources_of(snapshot))
    return f"{sources}. " if sources else ""


def _asked_host() -> str | None:
    """The address of the request, if its `Host` can be one. A client may send anything there."""
    return f"{request.scheme}://{request.host}" if re.fullmatch(HOST, request.host) else None


def preview_routes(preview: Preview) -> Blueprint:
    """`GET /preview.png`."""
    routes = Blueprint("preview", __name__)

    @routes.get("/preview.png")
    def picture() -> Response:
        try:
            drawn = preview.png(named_subject(request.args))
        except PreviewError as error:
            raise (ServiceUnavailable if preview.possible else NotFound)(str(error)) from error
        response = Response(drawn, content_type="image/png")
        response.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
        response.add_etag()
        response.make_conditional(request)
        return response

    return routes
