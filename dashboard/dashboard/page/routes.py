"""The HTTP routes of the page itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, render_template

from dashboard.api.responses import Time, answer
from dashboard.page.modules import languages, modules
from dashboard.page.static_files import static_response

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.page.preview.routes import LinkPreview
    from dashboard.page.static_files import StaticFiles


def page_routes(
    figures: dict[str, Any], static_files: StaticFiles, clock: Callable[[], int], preview: Callable[[], LinkPreview]
) -> Blueprint:
    """The routes of the page.

    Args:
        figures: The charts, by theme.
        static_files: Scripts and styles.
        clock: Milliseconds since 1970.
        preview: Makes the texts of a link preview.

    """
    routes = Blueprint("page", __name__)
    scripts = {"modules": modules(static_files.files), "languages": languages(static_files.files)}

    @routes.get("/")
    def page() -> Response:
        response = Response(render_template("index.html", figures=figures, preview=preview(), **scripts))
        # Not `no-store`: that would keep the page out of the back/forward cache.
        response.headers["Cache-Control"] = "no-cache"
        return response

    @routes.get("/favicon.ico")
    def favicon() -> Response:
        return static_response(static_files.files["favicon.svg"], immutable=False)

    @routes.get("/api/time")
    def time() -> Response:
        """The server's clock, for pages on machines whose clock is wrong."""
        return answer(200, Time(clock()))

    return routes
