"""The HTTP route that begins a fault of a lesson, and its OpenAPI document."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec
from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest, Forbidden, TooManyRequests

from dashboard.api.cors import is_own
from dashboard.api.openapi_parts import body_of, error
from dashboard.api.responses import Error, answer
from dashboard.job.client import JobRefusedError, JobUnreachableError
from dashboard.job.lesson_faults import WantedFault
from dashboard.traffic.token_bucket import TokenBucket

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from dashboard.job.lesson_faults import JobFaults

PATH = "/api/lesson/faults"
MAX_BODY_BYTES = 1024
#: Requests at once after a pause, and then the seconds for each, of all clients together.
BURST, SECONDS_EACH = 5, 5.0
#: What the job may answer: faults are not allowed; another one is not over.
PASSED_ON = {HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT}
NOT_ALLOWED = "Faults need LESSON_FAULTS=1 for ingest, job and dashboard."


def lesson_fault_routes(
    faults: JobFaults, waiting: Callable[[], AbstractContextManager[None]], monotonic_ms: Callable[[], int]
) -> Blueprint:
    """`POST /api/lesson/faults`, for the dashboard's own page.

    Args:
        faults: Lets the job do them.
        waiting: While it is entered, other responses are made.
        monotonic_ms: Milliseconds of a clock that is never set back.

    """
    routes = Blueprint("lesson faults", __name__)
    tokens = TokenBucket(BURST, 1 / SECONDS_EACH, monotonic_ms)

    @routes.post(PATH)
    def begin() -> Response:
        if not faults.is_allowed:
            raise Forbidden(NOT_ALLOWED)
        wanted = _wanted(waiting)
        if not tokens.spend():
            raise TooManyRequests("Too many faults.", retry_after=max(1, round(tokens.seconds_until())))
        try:
            return answer(202, faults.begin(wanted))
        except JobUnreachableError as problem:
            return answer(503, Error(str(problem)))
        except JobRefusedError as problem:
            return answer(problem.status if problem.status in PASSED_ON else 503, Error(str(problem)))

    return routes


def _wanted(waiting: Callable[[], AbstractContextManager[None]]) -> WantedFault:
    """The fault that the body names.

    Raises:
        Forbidden: This is not the dashboard's own page.
        BadRequest: The body names none.

    """
    # A page of another origin must not do harm with the reader's browser.
    if not is_own(request.headers.get("Origin"), request.environ):
        raise Forbidden("Only the dashboard's own page may do that: its Origin is missing or another one.")
    if request.mimetype != "application/json" or not 0 < (request.content_length or 0) <= MAX_BODY_BYTES:
        raise BadRequest(f"The body must be JSON of at most {MAX_BODY_BYTES} bytes.")
    with waiting():
        body = request.stream.read()
    try:
        return msgspec.json.decode(body, type=WantedFault)
    except msgspec.DecodeError as problem:
        raise BadRequest(f"The body must name a fault: {problem}.") from problem


def fault_path() -> dict[str, Any]:
    """The path in the OpenAPI document."""
    return {
        PATH: {
            "post": {
                "tags": ["Now"],
                "summary": "Disturb the services for a lesson",
                "description": "Only with `LESSON_FAULTS=1`, only if the demo is the only source, and only from the "
                "dashboard's own page. Does harm to the running services on purpose; afterwards the counts are right.",
                "requestBody": {"required": True, **body_of("WantedFault")},
                "responses": {
                    "202": {"description": "It has begun.", **body_of("BegunFault")},
                    **error(400, "The body names no fault."),
                    **error(403, "Faults are not allowed, or this is a page of another origin."),
                    **error(408, "The body did not arrive in time."),
                    **error(409, "Another fault is not over yet."),
                    **error(429, "Too many requests. `Retry-After` says how many seconds to wait."),
                    **error(503, "The job can't be reached."),
                },
            }
        }
    }
