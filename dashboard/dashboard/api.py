"""The HTTP routes of the moment: the page, the push, the newest snapshot, whether all is well."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, current_app, render_template, request

from dashboard.answers import answer
from dashboard.modules import languages, modules
from dashboard.snapshot import SnapshotError, parse_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import IO

    from dashboard.history import History
    from dashboard.latest import Latest
    from dashboard.live import Live
    from dashboard.pushes import Pushes

MAX_BODY_BYTES = 4 * 1024 * 1024
MAX_DISCARDED_BYTES = 64 * 1024 * 1024
"""A refused body is read away up to here, so that the sender gets the answer and not a reset connection."""
CHUNK_BYTES = 65_536


def read_body(stream: IO[bytes], limit: int) -> bytes | None:
    """The body, or None if it is longer than `limit` bytes; what is beyond is read away, not held."""
    chunks: list[bytes] = []
    length = 0
    while length <= MAX_DISCARDED_BYTES and (chunk := stream.read(CHUNK_BYTES)):
        length += len(chunk)
        if length <= limit:
            chunks.append(chunk)
        else:
            chunks.clear()
    return b"".join(chunks) if length <= limit else None


def push_routes(token: str, latest: Latest, history: History, live: Live, pushes: Pushes) -> Blueprint:
    """`POST /api/snapshots`, for the job."""
    routes = Blueprint("push", __name__)
    expected = f"Bearer {token}".encode()

    def refuse(status: int, reason: str, sentence: str) -> Response:
        pushes.reject(reason, sentence)
        return answer(status, {"error": sentence})

    @routes.post("/api/snapshots")
    def push() -> Response:
        body = read_body(request.stream, MAX_BODY_BYTES)
        given = request.headers.get("Authorization", "").encode("latin-1", "replace")
        if not hmac.compare_digest(given, expected):
            sentence = "The push needs the header 'Authorization: Bearer <PUSH_TOKEN>' with the right token."
            return refuse(401, "token", sentence)
        if body is None:
            return refuse(413, "size", f"The snapshot is larger than {MAX_BODY_BYTES} bytes.")
        try:
            snapshot = parse_snapshot(body)
        except SnapshotError as error:
            return refuse(400, "shape", str(error))
        kept_until_ms = history.keep(snapshot.panes)
        shown = latest.offer(snapshot, body, history.notice)
        if shown is not None:
            live.push(shown)
        pushes.note(accepted=shown is not None)
        return answer(200, {"accepted": shown is not None, "kept_until_ms": kept_until_ms})

    return routes


def read_routes(latest: Latest, history: History, pushes: Pushes) -> Blueprint:
    """What anybody may read: the newest snapshot, what was pushed, whether the process serves."""
    routes = Blueprint("read", __name__)

    @routes.get("/api/snapshot")
    def snapshot() -> Response:
        if latest.shown is None:
            return answer(503, {"error": "No snapshot has come yet: the job has not finished a micro-batch."})
        return Response(latest.shown.whole, content_type="application/json")

    @routes.get("/healthz")
    def healthz() -> Response:
        return answer(200, {"status": "ok", "pushes": pushes.counts(), "history": history.notice})

    @routes.get("/api/pushes")
    def counts() -> Response:
        return answer(200, pushes.counts())

    return routes


def page_routes(figures: dict[str, Any], static: Path, clock: Callable[[], int]) -> Blueprint:
    """The page itself. `figures`: the chart's two figures, by theme; `static`: the folder of its scripts."""
    routes = Blueprint("page", __name__)
    scripts = {"modules": modules(static), "languages": languages(static)}

    @routes.get("/")
    def page() -> Response:
        response = Response(render_template("index.html", figures=figures, **scripts))
        # Not `no-store`: that would keep the page out of the back/forward cache.
        response.headers["Cache-Control"] = "no-cache"
        return response

    @routes.get("/favicon.ico")
    def favicon() -> Response:
        return current_app.send_static_file("favicon.svg")

    @routes.get("/api/time")
    def time() -> Response:
        """What the server's clock says, for pages on machines whose clock is wrong."""
        response = answer(200, {"now_ms": clock()})
        response.headers["Cache-Control"] = "no-store"
        return response

    return routes
