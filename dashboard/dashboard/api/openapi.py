"""The HTTP API as an OpenAPI 3.1 document. Its bounds are the constants that the code uses."""

from __future__ import annotations

from functools import cache
from typing import Any, get_args

import msgspec

from dashboard import __version__
from dashboard.alerts.schema import MAX_ALERTS_READ, AlertsAnswer, ShownAlert
from dashboard.alerts.text import LANGUAGES
from dashboard.api.health import Healthy, NotReady, Ready
from dashboard.api.history import MAX_POINTS, PAST_RANKINGS, POINTS, RESERVES
from dashboard.api.lesson import Lesson
from dashboard.api.lesson_faults import fault_path
from dashboard.api.numbers.explanation import Explanation
from dashboard.api.openapi_archive import archive_paths
from dashboard.api.openapi_lesson import lesson_paths
from dashboard.api.openapi_numbers import number_paths
from dashboard.api.openapi_parts import (
    BAD_QUERY,
    KEY,
    NO_HISTORY,
    REFERENCE,
    TOO_MANY,
    Schema,
    choice_parameter,
    error,
    get,
    ok,
    reference,
    time_parameter,
)
from dashboard.api.recount import Recount
from dashboard.api.responses import MAX_TIME_MS, Error, Time
from dashboard.api.search import LIMIT, MAX_CHARACTERS, MAX_LIMIT, SearchAnswer
from dashboard.api.snapshots import MAX_BODY_BYTES
from dashboard.api.tag_details import Tag
from dashboard.api.tag_posts import TagPosts
from dashboard.history.store import MAX_PANES_READ, Panes
from dashboard.history.timeline import Timeline
from dashboard.job.archive import ArchivedCurve, ArchivedHours, ArchivedLeaders
from dashboard.job.lesson_faults import BegunFault, WantedFault
from dashboard.receive.push_counts import PushCounts
from dashboard.receive.receiver import Received
from dashboard.snapshots.event import By, Event, View
from dashboard.snapshots.rising_schema import Rising
from dashboard.snapshots.schema import ShownSnapshot, Snapshot

#: What requests, responses and Socket.IO messages carry; the schemas of the document come from these types.
BODIES = (
    *(
        Snapshot,
        Received,
        ShownSnapshot,
        Rising,
        View,
        Event,
        Panes,
        Timeline,
        Tag,
        TagPosts,
        SearchAnswer,
        Explanation,
        Recount,
        Lesson,
        ArchivedHours,
        ArchivedLeaders,
        ArchivedCurve,
        AlertsAnswer,
        ShownAlert,
    ),
    *(WantedFault, BegunFault),
    *(Healthy, Ready, NotReady, PushCounts, Time, Error),
)

ABOUT = """\
The leading hashtags, now and in the last 24 hours. Reading needs no key. All responses except the metrics are JSON. \
Each error is one sentence in `error`. All times are milliseconds since 1970 UTC.

New fields may be added: clients ignore fields that they don't know. If a response has an `ETag`, send it back as \
`If-None-Match`; the response is empty if nothing has changed.

For live data, don't poll: connect with Socket.IO (Engine.IO 4, namespace `/`). The event `snapshot` carries an \
`Event`, on connect and at each change. Send `view` with a `View` to change the view; the acknowledgement is the \
newest event of that view. Use an event only if its (`epoch`, `seq`) is greater than that of the last \
event of the same view. The event `alert` carries a `ShownAlert`, once for each alert that fires.

Pages of other origins may use the API if the setting `CORS_ORIGINS` lists their origin."""

NOT_CHANGED = {"304": {"description": "Not modified: the ETag is the same."}}


# Slow to make, and the same for each app: a process that forks dashboards makes it once.
@cache
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Hashtags, live", "version": __version__, "description": ABOUT},
        "servers": [{"url": "/"}],
        "tags": [{"name": "Now"}, {"name": "The past"}, {"name": "Operation"}, {"name": "The job"}],
        "paths": {
            **_now(),
            **lesson_paths(),
            **fault_path(),
            **number_paths(),
            **_past(),
            **archive_paths(),
            **_operation(),
            **_job(),
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"push": {"type": "http", "scheme": "bearer", "description": "`PUSH_TOKEN`"}},
        },
    }


def _schemas() -> dict[str, Schema]:
    """The schemas of all bodies by name, made from their types."""
    _, schemas = msgspec.json.schema_components(BODIES, ref_template=REFERENCE)
    described = {"type": "object", "description": "An OpenAPI document."}
    return dict(sorted({**schemas, "Document": described}.items()))


def _now() -> dict[str, Any]:
    return {
        "/api/snapshot": get(
            "Now", "The newest snapshot",
            "As the job pushed it, without panes, sample posts and the list of muted tags.",
            answers={**ok("ShownSnapshot"), **NOT_CHANGED, **error(503, "No snapshot has arrived yet.")},
        ),
        "/api/rising": get(
            "Now", "What rises",
            "The tags that more people use than usual, and why, when the last pane closed.",
            answers={
                **ok("Rising"), **NOT_CHANGED, **error(404, "The job has not sent a list."),
                **error(503, "No snapshot has arrived yet."),
            },
        ),
        "/api/tags/{key}": get(
            "Now", "One tag",
            "By key or any spelling, with or without the #: rank, posts, history, and pages on the platforms.",
            parameters=[KEY],
            answers={
                **ok("Tag"), **NOT_CHANGED,
                **error(404, "Muted, or neither counted now nor a leading tag in the last 24 hours."),
                **error(503, NO_HISTORY),
            },
        ),
        "/api/tags/{key}/posts": get(
            "Now", "The newest posts of a tag",
            "Held in memory only, and gone some seconds after their author has deleted them: do not store them.",
            parameters=[KEY], answers={**ok("TagPosts"), **error(404, "The tag is muted.")},
        ),
        "/api/search": get(
            "Now", "Find tags",
            "Tags of the window, of the totals and of the last 24 hours, by the beginning or a part of their key.",
            parameters=[
                {
                    "name": "q", "in": "query", "required": True, "description": "the text, in any spelling",
                    "schema": {"type": "string", "maxLength": MAX_CHARACTERS},
                },
                {
                    "name": "limit", "in": "query", "description": "greatest number of tags",
                    "schema": {"type": "integer", "minimum": 2, "maximum": MAX_LIMIT, "default": LIMIT},
                },
            ],
            answers={**ok("SearchAnswer"), **error(400, BAD_QUERY), **error(503, NO_HISTORY)},
        ),
        "/api/time": get("Now", "The server's clock", "For clients whose clock may be wrong.", answers=ok("Time")),
    }  # fmt: skip


def _past() -> dict[str, Any]:
    return {
        "/api/history": get(
            "The past", "Closed panes",
            f"Panes that overlap a time range, oldest first, at most {MAX_PANES_READ}. Continue from `next_from_ms`.",
            parameters=[
                time_parameter("from_ms", "start of the range", 0),
                time_parameter("to_ms", "end of the range", MAX_TIME_MS),
            ],
            answers={**ok("Panes"), **NOT_CHANGED, **error(400, BAD_QUERY), **error(503, NO_HISTORY)},
        ),
        "/api/windows": get(
            "The past", "The window at a moment",
            "The window that ended with the newest stored pane at that time, or the list of rising tags then. "
            "Clients may cache it for a minute.",
            parameters=[
                time_parameter("at_ms", "the moment"),
                choice_parameter("view", "the window, or the list of rising tags as it was then", PAST_RANKINGS),
                choice_parameter("by", "by what the window is ranked; it has no meaning for the list", get_args(By)),
                choice_parameter("reserve", "whether `top` has up to 40 tags and not 20", RESERVES),
            ],
            answers={
                **ok("Event"), **NOT_CHANGED, **error(400, BAD_QUERY),
                **error(404, "No window that old is stored."), **error(503, NO_HISTORY),
            },
        ),
        "/api/alerts": get(
            "The past", "Alerts",
            f"Alerts of the last seven days with `from_ms` <= `at_ms` < `to_ms`, the newest {MAX_ALERTS_READ} of them, "
            "newest first; and the rules that make them.",
            parameters=[
                time_parameter("from_ms", "start of the range", 0),
                time_parameter("to_ms", "end of the range", MAX_TIME_MS),
            ],
            answers={**ok("AlertsAnswer"), **NOT_CHANGED, **error(400, BAD_QUERY), **error(503, NO_HISTORY)},
        ),
        "/feed.atom": get(
            "The past", "Feed", "Alerts, and the tags that entered the list of rising tags, as an Atom feed.",
            parameters=[choice_parameter("lang", "the language of the texts", LANGUAGES)],
            answers={
                "200": {"description": "", "content": {"application/atom+xml": {"schema": {"type": "string"}}}},
                **NOT_CHANGED, **error(400, BAD_QUERY), **error(503, NO_HISTORY),
            },
        ),
        "/api/timeline": get(
            "The past", "Posts over time", "All stored panes, in equal steps.",
            parameters=[
                {
                    "name": "points", "in": "query", "description": "greatest number of steps",
                    "schema": {"type": "integer", "minimum": 2, "maximum": MAX_POINTS, "default": POINTS},
                }
            ],
            answers={**ok("Timeline"), **NOT_CHANGED, **error(400, BAD_QUERY), **error(503, NO_HISTORY)},
        ),
    }  # fmt: skip


def _operation() -> dict[str, Any]:
    text = {"text/plain": {"schema": {"type": "string"}}}
    return {
        "/healthz": get(
            "Operation", "Does the process respond?", "Restart the process if this does not respond.",
            answers=ok("Healthy"),
        ),
        "/readyz": get(
            "Operation", "Are the numbers fresh?",
            "Ready if the newest snapshot arrived within one pane and five micro-batches, 15 s by default. "
            "If not, check the job; restarting this process does not help.",
            answers={**ok("Ready"), **error(503, "No snapshot has arrived, or the newest one is old.", "NotReady")},
        ),
        "/metrics": get(
            "Operation", "Metrics for Prometheus", "In the text format 0.0.4.",
            answers={"200": {"description": "The metrics.", "content": text}},
        ),
        "/api/pushes": get(
            "Operation", "Pushes", "Pushes since the process started.", answers=ok("PushCounts")
        ),
        "/api/openapi.json": get(
            "Operation", "This document", "OpenAPI 3.1.", answers={**ok("Document"), **NOT_CHANGED}
        ),
    }  # fmt: skip


def _job() -> dict[str, Any]:
    return {
        "/api/snapshots": {
            "post": {
                "tags": ["The job"],
                "summary": "Push a snapshot",
                "description": "Only for the Spark job. The greater (`epoch`, `seq`) wins; an older one is ignored.",
                "security": [{"push": []}],
                "requestBody": {"required": True, "content": {"application/json": {"schema": reference("Snapshot")}}},
                "responses": {
                    **ok("Received"),
                    **error(400, "Not a snapshot."),
                    **error(401, "The token is missing or wrong."),
                    **error(408, "The body did not arrive in time."),
                    **error(413, f"Larger than {MAX_BODY_BYTES} bytes."),
                    **error(429, f"{TOO_MANY} Requests with the token have no limit."),
                },
            }
        }
    }
