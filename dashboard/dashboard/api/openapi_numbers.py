"""The paths of single numbers in the OpenAPI document."""

from __future__ import annotations

from typing import Any, get_args

from dashboard.api.numbers.names import NUMBERS
from dashboard.api.openapi_parts import BAD_QUERY, NO_HISTORY, error, get, ok
from dashboard.api.responses import MAX_TIME_MS
from dashboard.snapshots.event import MAX_NAME_CHARACTERS, By, Ranking

_TIME = {"type": "integer", "minimum": 0, "maximum": MAX_TIME_MS}
_TEXT = {"type": "string", "minLength": 1}
_NAME = {**_TEXT, "maxLength": MAX_NAME_CHARACTERS}


def number_paths() -> dict[str, Any]:
    """`/api/number`, `/api/explain` and `/api/recount`."""
    text = {"text/plain": {"schema": {"type": "string"}}}
    found = "Of the newest snapshot, of one of the last two minutes (`epoch` and `seq`), or of the past (`at_ms`)."
    return {
        "/api/number": get(
            "Now", "One number of the page", f"{found} As text: the number and a line end.",
            parameters=_parameters(),
            answers={"200": {"description": "The number.", "content": text}, **_problems()},
        ),
        "/api/explain": get(
            "Now", "How a number was made", found, parameters=_parameters(),
            answers={**ok("Explanation"), **_problems()},
        ),
        "/api/recount": get(
            "The past", "Count a pane again",
            "The job reads the posts of a closed pane from the log and counts them. One at a time.",
            parameters=[
                _parameter("from_ms", "the start of the pane", _TIME, required=True),
                _parameter("key", "a tag, by its key or any spelling", _TEXT),
            ],
            answers={
                **ok("Recount"), **error(400, BAD_QUERY), **error(404, "The pane is not known, or the tag is muted."),
                **error(409, "Not all of its posts are stored any more, or they are too many."),
                **error(503, "The job can't be reached."),
            },
        ),
    }  # fmt: skip


def _problems() -> dict[str, Any]:
    return {
        **error(400, BAD_QUERY),
        **error(404, "The number, the tag or the snapshot is not known."),
        **error(410, "The snapshot is too old."),
        **error(503, NO_HISTORY),
    }


def _parameters() -> list[dict[str, Any]]:
    return [
        _parameter("of", "the name of the number", {"type": "string", "enum": list(NUMBERS)}, required=True),
        _parameter("epoch", "with `seq`: a snapshot of the last two minutes", _TIME),
        _parameter("seq", "with `epoch`: a snapshot of the last two minutes", _TIME),
        _parameter("at_ms", "a moment of the past, in place of `epoch` and `seq`", _TIME),
        _parameter("view", "the ranking", {"type": "string", "enum": list(get_args(Ranking)), "default": "window"}),
        _parameter("source", "only posts of this source", _NAME),
        _parameter("lang", "only posts in this language", _NAME),
        _parameter("by", "by what tags are ranked", {"type": "string", "enum": list(get_args(By)), "default": "posts"}),
        _parameter("key", "the tag, by its key or any spelling", _TEXT),
        _parameter("other", "the other tag of a pair", _TEXT),
        _parameter("input", "one source of ingest", _TEXT),
    ]


def _parameter(name: str, what: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": what, "schema": schema}
