"""Parts of the OpenAPI document that many paths have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dashboard.api.responses import MAX_TIME_MS

if TYPE_CHECKING:
    from collections.abc import Sequence

Operation = dict[str, Any]
Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"
BAD_QUERY = "A parameter is missing or wrong."
NO_HISTORY = "The history can't be read now."
TOO_MANY = "Too many requests from this address. `Retry-After` says how many seconds to wait."
KEY = {
    "name": "key", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1},
    "description": "the tag, such as `worldcup`; percent-encoded",
}  # fmt: skip


def reference(name: str) -> Schema:
    """A reference to a schema of the document."""
    return {"$ref": REFERENCE.format(name=name)}


def get(
    tag: str, summary: str, description: str, *, answers: dict[str, Any], parameters: list[dict[str, Any]] | None = None
) -> dict[str, Operation]:
    """A path that can only be read."""
    texts = {"tags": [tag], "summary": summary, "description": description}
    query = {"parameters": parameters} if parameters else {}
    return {"get": {**texts, **query, "responses": {**answers, **error(429, TOO_MANY)}}}


def time_parameter(name: str, what: str, default: int | None = None) -> dict[str, Any]:
    """A time in the query string."""
    schema = {"type": "integer", "minimum": 0, "maximum": MAX_TIME_MS}
    return {
        "name": name,
        "in": "query",
        "required": default is None,
        "description": what,
        "schema": schema if default is None else {**schema, "default": default},
    }


def choice_parameter(name: str, what: str, choices: Sequence[str]) -> dict[str, Any]:
    """A word in the query string. The first of `choices` is the default."""
    schema = {"type": "string", "enum": list(choices), "default": choices[0]}
    return {"name": name, "in": "query", "required": False, "description": what, "schema": schema}


def ok(schema: str) -> dict[str, Any]:
    """The response if all is well."""
    return {"200": {"description": "", **body_of(schema)}}


def error(status: int, description: str, schema: str = "Error") -> dict[str, Any]:
    """The response for a problem."""
    return {str(status): {"description": description, **body_of(schema)}}


def body_of(schema: str) -> dict[str, Any]:
    """A body of JSON."""
    return {"content": {"application/json": {"schema": reference(schema)}}}
