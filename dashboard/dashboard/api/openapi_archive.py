"""The paths of the archive in the OpenAPI document."""

from __future__ import annotations

from typing import Any

from dashboard.api.archive import MOST_DAYS, STEPS
from dashboard.api.openapi_parts import BAD_QUERY, KEY, choice_parameter, error, get, ok, time_parameter

_NOT_CHANGED = {"304": {"description": "Not modified: the ETag is the same."}}


def archive_paths() -> dict[str, Any]:
    """`/api/archive`, `/api/archive/leaders` and `/api/archive/tags/{key}`."""
    span = [
        time_parameter("from_ms", "start of the range"),
        time_parameter("to_ms", f"end of the range; of a longer one only the last {MOST_DAYS} days are answered"),
    ]
    step = choice_parameter("step", "an hour, or a day of UTC", STEPS)
    problems = {
        **error(400, BAD_QUERY),
        **error(404, "There is no archive, or the tag is muted."),
        **error(503, "The job can't be reached, or the archive can't be read."),
    }
    return {
        "/api/archive": get(
            "The past", "The hours of the archive", "Only with the setting ARCHIVE_DIR.",
            parameters=span, answers={**ok("ArchivedHours"), **_NOT_CHANGED, **problems},
        ),
        "/api/archive/leaders": get(
            "The past", "The leading tags of an hour or a day",
            "Of the archive. Hours and days are in UTC. An hour is there some minutes after its end.",
            parameters=[time_parameter("at_ms", "a moment of the hour or the day"), step],
            answers={**ok("ArchivedLeaders"), **_NOT_CHANGED, **problems},
        ),
        "/api/archive/tags/{key}": get(
            "The past", "One tag over weeks", "Of the archive, by hours or days.",
            parameters=[KEY, *span, step], answers={**ok("ArchivedCurve"), **_NOT_CHANGED, **problems},
        ),
    }  # fmt: skip
