"""The shapes of the API as JSON Schema: what is pushed from the types that check it, the answers beside them."""

from __future__ import annotations

from typing import Any

import msgspec

from dashboard.api.field_descriptions import FIELDS
from dashboard.api.tag_details import MAX_POINTS as MAX_TAG_POINTS
from dashboard.history.store import MAX_PANES_READ
from dashboard.receive.push_counts import REASONS
from dashboard.snapshots.schema import Snapshot
from dashboard.snapshots.views import SHOWN, View

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"
COUNT: Schema = {"type": "integer", "minimum": 0}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number", "minimum": 0}
COUNT_BY_REASON: Schema = {"type": "object", "additionalProperties": COUNT}


def ref(name: str) -> Schema:
    """The shape of that name."""
    return {"$ref": REFERENCE.format(name=name)}


def schemas() -> dict[str, Schema]:
    """All shapes by name, each field with what it means."""
    _, pushed = msgspec.json.schema_components([Snapshot, View], ref_template=REFERENCE)
    shown = {
        **pushed["Snapshot"],
        "title": "ShownSnapshot",
        "description": "A snapshot as it was pushed, without panes.",
    }
    shown["properties"] = {name: field for name, field in shown["properties"].items() if name != "panes"}
    shown["required"] = [name for name in shown["required"] if name != "panes"]
    every = {**pushed, "ShownSnapshot": shown, **_events(), **_history(), **_operation()}
    return {name: _explained(schema) for name, schema in sorted(every.items())}


def _events() -> dict[str, Schema]:
    """What goes to pages that follow live, and of the past by `/api/windows`."""
    return {
        "Event": _object(
            "A view at one moment: the Socket.IO event `snapshot`, or a window of the past. There `seq`, `age_ms`, "
            "`total` and `health` are null.",
            epoch=COUNT, seq=_or_null(COUNT), produced_at_ms=COUNT, age_ms=_or_null(COUNT), top_n=COUNT,
            pane_seconds=NUMBER, window_seconds=NUMBER, view=ref("View"), from_ms=COUNT, to_ms=COUNT, posts=COUNT,
            posts_before=_or_null(COUNT), top=_array(ref("EventLeader"), SHOWN), coverage=ref("EventCoverage"),
            sources=_or_null(_array(TEXT)), choices=ref("Choices"),
            total=_or_null(ref("EventTotal")), health=_or_null(ref("EventHealth")),
        ),
        "EventLeader": _object(
            "One of the leading tags of a view; what is not known of it is null.",
            rank=COUNT, previous_rank=_or_null(COUNT), key=TEXT, label=TEXT, posts=COUNT,
            posts_before=_or_null(COUNT), first_seen_ms=_or_null(COUNT), panes=_or_null(_array(COUNT)),
        ),
        "EventCoverage": _object("How much of the window was counted.", from_ms=COUNT, missing_ms=COUNT),
        "Choices": _object(
            "Names with their posts in the window.", source=_array(_pair(TEXT, COUNT)), lang=_array(_pair(TEXT, COUNT))
        ),
        "EventTotal": _object(
            "Everything since the epoch began.",
            since_ms=COUNT, posts=COUNT, tags=COUNT, dropped_tags=COUNT, dropped_posts=COUNT,
        ),
        "EventHealth": _object(
            "How counting goes.",
            offset=COUNT, lag_posts=COUNT, lag_ms=COUNT, lost=COUNT, skipped=COUNT, cut=COUNT,
            newest_at_ms=_or_null(COUNT),
            batch_ms=_or_null(NUMBER), posts_per_second=NUMBER, query_error=_or_null(TEXT), epoch_reason=TEXT,
            history=_or_null(TEXT), relay=_or_null(TEXT), ingest=ref("EventIngest"),
        ),
        "EventIngest": _object(
            "How the job sees ingest.",
            reachable={"type": "boolean"}, since_ms=COUNT, error=_or_null(TEXT), notice=_or_null(TEXT),
            track_error=_or_null(TEXT), watermark_ms=_or_null(COUNT), sources=_array(ref("Source")),
        ),
    }  # fmt: skip


def _history() -> dict[str, Schema]:
    """What looks back."""
    return {
        "Panes": _object(
            "Closed panes, oldest first.", panes=_array(ref("Pane"), MAX_PANES_READ), next_from_ms=_or_null(COUNT)
        ),
        "Timeline": _object(
            "Posts of all kept panes over time: the first of `posts` is of the step from `from_ms` on. Where "
            "nothing is kept, the times are null.",
            from_ms=_or_null(COUNT), to_ms=_or_null(COUNT), step_ms=COUNT, posts=_array(COUNT),
        ),
        "Tag": _object(
            "All that is known of one tag. `window` and `total` are null unless it is among the leading 50 there.",
            key=TEXT, label=TEXT, window=_or_null(ref("TagWindow")), total=_or_null(ref("TagTotal")),
            first_seen_ms=_or_null(COUNT), history=_array(_pair(COUNT, COUNT), MAX_TAG_POINTS), history_step_ms=COUNT,
            sources=_array(TEXT), links=_array(ref("Link")),
        ),
        "TagWindow": _object(
            "A tag in the window.",
            rank=COUNT, posts=COUNT, share=NUMBER, from_ms=COUNT, to_ms=COUNT, counted_from_ms=COUNT,
            panes=_array(COUNT),
        ),
        "TagTotal": _object("A tag in the totals.", rank=COUNT, posts=COUNT),
        "Link": _object("A tag's page on a platform.", source=TEXT, url=TEXT),
    }  # fmt: skip


def _operation() -> dict[str, Schema]:
    """What the job and operators get."""
    return {
        "Time": _object("The server's clock.", now_ms=COUNT),
        "Pushed": _object("What became of a push.", accepted={"type": "boolean"}, kept_until_ms=_or_null(COUNT)),
        "Pushes": _object(
            "The pushes that came since the process started.", accepted=COUNT, ignored=COUNT, rejected=COUNT_BY_REASON
        ),
        "Healthy": _object(
            "The process serves.",
            status={"const": "ok"},
            version=TEXT,
            pushes=ref("Pushes"),
            refused=_or_null(ref("Refusal")),
            history=_or_null(TEXT),
            relay=_or_null(TEXT),
        ),
        "Ready": _object(
            "The newest snapshot is one of now.", status={"const": "ready"}, age_ms=COUNT, fresh_for_ms=COUNT
        ),
        "NotReady": _but_optional(
            "refused",
            _object(
                "It is not. `refused` is there only if the last push was refused.",
                error=TEXT,
                age_ms=_or_null(COUNT),
                fresh_for_ms=_or_null(COUNT),
                refused=ref("Refusal"),
            ),
        ),
        "Refusal": _object("A push that was refused.", reason={"enum": list(REASONS)}, error=TEXT, age_ms=COUNT),
        "Error": _object("What went wrong.", error=TEXT),
        "Document": {"type": "object", "description": "An OpenAPI document."},
    }


def _object(description: str, **properties: Schema) -> Schema:
    return {"type": "object", "description": description, "properties": properties, "required": list(properties)}


def _but_optional(name: str, schema: Schema) -> Schema:
    return {**schema, "required": [one for one in schema["required"] if one != name]}


def _array(items: Schema, most: int | None = None) -> Schema:
    return {"type": "array", "items": items} | ({} if most is None else {"maxItems": most})


def _pair(first: Schema, second: Schema) -> Schema:
    return {"type": "array", "prefixItems": [first, second], "minItems": 2, "maxItems": 2}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _explained(schema: Schema) -> Schema:
    properties = {
        name: {**field, "description": FIELDS[name]} if name in FIELDS else field
        for name, field in schema.get("properties", {}).items()
    }
    return {**schema, "properties": properties} if properties else schema
