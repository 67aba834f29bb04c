"""The HTTP routes of the archive, which the job answers: the dashboard has none of its files."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Literal, get_args

from flask import Blueprint, Response
from msgspec.structs import replace
from werkzeug.exceptions import NotFound

from dashboard.api.responses import MAX_TIME_MS, Error, answer, cached, choice_of, time_of
from dashboard.api.tag_names import name_of
from dashboard.job.client import JobRefusedError, JobUnreachableError
from dashboard.snapshots.keys import fold
from dashboard.snapshots.labels import shown_label

if TYPE_CHECKING:
    from dashboard.job.archive import JobArchive
    from dashboard.snapshots.mute_list import MuteList

Step = Literal["hour", "day"]
STEPS: tuple[Step, ...] = get_args(Step)
MOST_DAYS = 400
DAY_MS = 86_400_000
#: How long a browser may store an answer: hours are added, and never change.
CACHE_SECONDS = 60


def archive_routes(archive: JobArchive, muted: MuteList) -> Blueprint:
    """`/api/archive`, `/api/archive/leaders` and `/api/archive/tags`."""
    routes = Blueprint("archive", __name__)

    @routes.get("/api/archive")
    def hours() -> Response:
        return cached(archive.hours(*_range()), CACHE_SECONDS)

    @routes.get("/api/archive/leaders")
    def leaders() -> Response:
        found = archive.leaders(time_of("at_ms"), choice_of("step", STEPS))
        top = [replace(tag, label=shown_label(tag.label)) for tag in found.top if not muted.hides(tag.key)]
        return cached(replace(found, top=top), CACHE_SECONDS)

    @routes.get("/api/archive/tags/<path:key>")
    def tag(key: str) -> Response:
        name = fold(name_of(key))
        if not name or muted.hides(name):
            raise NotFound("There is no such tag.")
        found = archive.tag(name, *_range(), choice_of("step", STEPS))
        return cached(replace(found, label=found.label and shown_label(found.label)), CACHE_SECONDS)

    @routes.errorhandler(JobUnreachableError)
    def away(error: JobUnreachableError) -> Response:
        return answer(503, Error(str(error)))

    @routes.errorhandler(JobRefusedError)
    def refused(error: JobRefusedError) -> Response:
        return answer(404 if error.status == HTTPStatus.NOT_FOUND else 503, Error(str(error)))

    return routes


def _range() -> tuple[int, int]:
    """The times in the query string. A range that is too long ends at `to_ms`; an empty one is its last millisecond.

    Raises:
        BadRequest: They are missing or wrong.

    """
    from_ms, to_ms = time_of("from_ms"), min(max(1, time_of("to_ms")), MAX_TIME_MS - DAY_MS)
    return max(0, to_ms - MOST_DAYS * DAY_MS, min(from_ms, to_ms - 1)), to_ms
