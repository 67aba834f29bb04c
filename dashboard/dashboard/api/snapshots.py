"""The HTTP routes of snapshots: the push, and the newest one."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from flask import Blueprint, Response, request

from dashboard.api.responses import Error, answer, cached
from dashboard.snapshots.freshness import NONE_YET
from dashboard.snapshots.parse import SnapshotError

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import IO
    from wsgiref.types import WSGIEnvironment

    from dashboard.receive.push_counts import Pushes, Reason
    from dashboard.receive.receiver import SnapshotReceiver
    from dashboard.snapshots.latest import Latest

MAX_BODY_BYTES = 4 * 1024 * 1024
#: Up to this size a refused body is read and dropped, so that the sender gets the response and not a reset connection.
MAX_DISCARDED_BYTES = 64 * 1024 * 1024
CHUNK_BYTES = 65_536


def is_push(environ: WSGIEnvironment, token: str) -> bool:
    """Whether a request has the token of the job."""
    given = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
    return hmac.compare_digest(given, f"Bearer {token}".encode())


def read_body(stream: IO[bytes], limit: int, discarded: int) -> bytes | None:
    """The body, or None if it has more than `limit` bytes. Up to `discarded` bytes are read and dropped."""
    chunks: list[bytes] = []
    length = 0
    while length <= discarded and (chunk := stream.read(CHUNK_BYTES)):
        length += len(chunk)
        if length <= limit:
            chunks.append(chunk)
        else:
            chunks.clear()
    return b"".join(chunks) if length <= limit else None


def discard_body(stream: IO[bytes], most: int) -> None:
    """Read and drop at most `most` bytes of the body. Only one chunk is in memory."""
    read_body(stream, 0, most)


def push_routes(token: str, receiver: SnapshotReceiver, pushes: Pushes, publish: Callable[[bytes], None]) -> Blueprint:
    """`POST /api/snapshots`, for the job. `publish` sends an accepted push to the other dashboards."""
    routes = Blueprint("push", __name__)

    def refuse(status: int, reason: Reason, sentence: str) -> Response:
        pushes.reject(reason, sentence)
        return answer(status, Error(sentence))

    @routes.post("/api/snapshots")
    def push() -> Response:
        if not is_push(request.environ, token):
            # Read as much as a job would send, so that a job with a wrong token gets the response. Store nothing of it.
            discard_body(request.stream, MAX_BODY_BYTES)
            sentence = "The push needs the header 'Authorization: Bearer <PUSH_TOKEN>' with the right token."
            return refuse(401, "token", sentence)
        body = read_body(request.stream, MAX_BODY_BYTES, MAX_DISCARDED_BYTES)
        if body is None:
            return refuse(413, "size", f"The snapshot is larger than {MAX_BODY_BYTES} bytes.")
        try:
            received = receiver.receive(body)
        except SnapshotError as error:
            return refuse(400, "shape", str(error))
        publish(body)
        return answer(200, received)

    return routes


def read_routes(latest: Latest) -> Blueprint:
    """The routes of the newest snapshot. They need no token."""
    routes = Blueprint("read", __name__)

    @routes.get("/api/snapshot")
    def snapshot() -> Response:
        if latest.shown is None:
            return answer(503, Error(NONE_YET))
        return cached(latest.shown.whole)

    @routes.get("/api/rising")
    def rising() -> Response:
        if latest.shown is None:
            return answer(503, Error(NONE_YET))
        if latest.shown.snapshot.rising is None:
            return answer(404, Error("The job has not sent a list of rising tags."))
        return cached(latest.shown.snapshot.rising)

    return routes
