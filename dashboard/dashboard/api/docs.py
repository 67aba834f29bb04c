"""The HTTP routes that describe the API, for programs and for people."""

from __future__ import annotations

import msgspec
from flask import Blueprint, Response, render_template
from markupsafe import Markup, escape

from dashboard.api.openapi import document
from dashboard.api.responses import cached


def docs_routes() -> Blueprint:
    """`/api/openapi.json`, and `/api`, which shows it as a page."""
    routes = Blueprint("docs", __name__)
    routes.add_app_template_filter(prose)
    described = document()
    encoded = msgspec.json.encode(described)

    @routes.get("/api/openapi.json")
    def openapi() -> Response:
        return cached(encoded)

    @routes.get("/api", strict_slashes=False)
    def page() -> Response:
        response = Response(render_template("api.html", api=described))
        response.headers["Cache-Control"] = "no-cache"
        return response

    return routes


def prose(text: str) -> Markup:
    """`text` as HTML. Text between backticks becomes code."""
    parts = (
        Markup("<code>{}</code>").format(part) if odd % 2 else escape(part) for odd, part in enumerate(text.split("`"))
    )
    return Markup("").join(parts)
