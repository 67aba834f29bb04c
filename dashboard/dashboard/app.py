"""The application: the parts put together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from dashboard.answers import answer
from dashboard.api import page_routes, push_routes, read_routes
from dashboard.figure import figures
from dashboard.headers import add_headers
from dashboard.history import History
from dashboard.history_api import history_routes
from dashboard.latest import Latest
from dashboard.live import Live
from dashboard.pushes import Pushes
from dashboard.throttle import Throttle
from dashboard.websocket import Websockets

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.settings import Settings

VENDOR_CACHE = "public, max-age=31536000, immutable"
"""Vendored files carry their version in their name."""


def create_app(settings: Settings, wall_ms: Callable[[], int], monotonic_ms: Callable[[], int]) -> Flask:
    """The dashboard as a WSGI application; `app.extensions` has its `dashboard.live` and `dashboard.history`, to close.

    `wall_ms` tells milliseconds since 1970, `monotonic_ms` milliseconds since any moment, and never falls.
    The directory of the history is made if it is missing.
    """
    app = Flask(__name__)
    throttle = Throttle(monotonic_ms)
    history = History(settings.data_dir / "history", wall_ms, monotonic_ms, throttle)
    pushes = Pushes(throttle)
    latest = Latest()
    live = Live(app, latest)
    token = settings.push_token.get_secret_value()
    app.register_blueprint(push_routes(token, latest, history, live, pushes))
    app.register_blueprint(read_routes(latest, history, pushes))
    app.register_blueprint(history_routes(latest, history, settings.top_n))
    app.register_blueprint(page_routes(figures(settings.top_n), Path(app.static_folder or ""), wall_ms))
    app.register_error_handler(HTTPException, _as_json)
    app.after_request(add_headers)
    app.after_request(_keep_vendored)
    app.wsgi_app = Websockets(app.wsgi_app, lambda: live.closing)  # type: ignore[method-assign]
    app.extensions["dashboard.live"] = live
    app.extensions["dashboard.history"] = history
    return app


def _as_json(error: HTTPException) -> Response:
    """Errors of the framework (404, 405 …) as JSON, like all others."""
    response = answer(error.code or 500, {"error": error.description or error.name})
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _keep_vendored(response: Response) -> Response:
    if request.path.startswith("/static/vendor/") and response.status_code == 200:
        response.headers["Cache-Control"] = VENDOR_CACHE
    return response
