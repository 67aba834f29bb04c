"""Is a snapshot as docs/protocol.md says? Its fields are those of docs/snapshot.schema.json, and fit each other."""

import json
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

MAX_BYTES = 4 << 20
#: Fields of ingest's `STATUS` that the job must pass on.
STATUS = {"log", "first", "end", "acked", "trimmed_unread", "watermark_ms", "limit", "sources"}

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "docs" / "snapshot.schema.json").read_text(encoding="utf-8")
)
VALIDATOR = Draft202012Validator(SCHEMA)
#: Fields that the job does not send in each place.
NOT_SENT = {"authors", "by_authors", "taken_back", "topics", "pairs", "samples", "alerts", "alert_rules"}


def check(snapshot: dict[str, Any]) -> None:
    """Raise `AssertionError` for the first thing that is not in the contract."""
    assert json.loads(json.dumps(snapshot)) == snapshot
    assert len(json.dumps(snapshot, ensure_ascii=False).encode()) <= MAX_BYTES
    assert [f"{error.instance_path}: {error.message}" for error in VALIDATOR.iter_errors(snapshot)] == []
    check_fields(snapshot, {"$ref": "#/$defs/Snapshot"})
    for name in ("epoch", "seq", "produced_at_ms", "pane_seconds", "window_seconds", "top_n"):
        assert type(snapshot[name]) is int
        assert snapshot[name] >= 1
    check_window(snapshot["window"], snapshot["pane_seconds"] * 1000, snapshot["window_seconds"] * 1000)
    check_coverage(snapshot["coverage"], snapshot["window"])
    check_total(snapshot["total"])
    check_batch(snapshot["batch"])
    check_facets(
        snapshot["facets"], snapshot["window"]["posts"], snapshot["window_seconds"] // snapshot["pane_seconds"]
    )
    check_panes(snapshot["panes"], snapshot["window_seconds"] * 1000)
    check_health(snapshot["health"])


def check_fields(value: Any, schema: dict[str, Any]) -> None:
    """This job sends every field of the schema except `NOT_SENT`, and no other; integers are not sent as floats.

    Ingest's `STATUS` is passed on as it is, so it has fields of its own.
    """
    for one in schema.get("anyOf", []):
        if value is not None and one.get("type") != "null":
            check_fields(value, one)
    name = schema.get("$ref", "").removeprefix("#/$defs/")
    if name and name != "Status":
        fields = SCHEMA["$defs"][name]["properties"]
        assert value.keys() | NOT_SENT >= fields.keys() >= value.keys(), name
        for field, sent in value.items():
            check_fields(sent, fields[field])
    if schema.get("type") == "integer":
        assert type(value) is int, value
    if schema.get("type") == "array":
        # A list of fixed length has a schema for each place.
        places = schema.get("prefixItems", [schema["items"]] * len(value))
        for item, of_place in zip(value, places, strict=True):
            check_fields(item, of_place)
    if isinstance(schema.get("additionalProperties"), dict):
        for item in value.values():
            check_fields(item, schema["additionalProperties"])


def check_window(window: dict[str, Any], pane_ms: int, window_ms: int) -> None:
    assert window["from_ms"] % pane_ms == 0
    assert window["from_ms"] + window_ms - pane_ms <= window["to_ms"] < window["from_ms"] + window_ms
    check_leaders(window["top"], window["posts"])
    check_curves(window["top"], window_ms // pane_ms)


def check_curves(top: list[dict[str, Any]], panes: int) -> None:
    for leader in top:
        assert len(leader["panes"]) == panes
        assert sum(leader["panes"]) == leader["posts"]


def check_coverage(coverage: dict[str, Any], window: dict[str, Any]) -> None:
    assert window["from_ms"] <= coverage["from_ms"] <= window["to_ms"]
    assert 0 <= coverage["missing_ms"] <= window["to_ms"] - coverage["from_ms"]


def check_total(total: dict[str, Any]) -> None:
    assert total["sources"] == sorted(set(total["sources"]))
    check_leaders(total["top"], total["posts"])
    assert all(leader["posts_before"] <= leader["posts"] for leader in total["top"])


def check_batch(batch: dict[str, Any] | None) -> None:
    if batch is not None:
        assert batch["posts"] >= 1
        assert batch["at_ms"] >= 1
        check_leaders(batch["top"], batch["posts"], unknown_before=True)


def check_leaders(top: list[dict[str, Any]], posts: int, *, unknown_before: bool = False) -> None:
    check_order(top, posts)
    previous = [leader["previous_rank"] for leader in top if leader["previous_rank"] is not None]
    assert len(set(previous)) == len(previous)
    for rank, leader in enumerate(top, 1):
        assert leader["rank"] == rank
        assert leader["previous_rank"] is None or leader["previous_rank"] in range(1, 51)
        assert unknown_before or leader["posts_before"] is not None
        assert leader["first_seen_ms"] >= 1


def check_order(top: list[dict[str, Any]], posts: int) -> None:
    assert top == sorted(top, key=lambda entry: (-entry["posts"], entry["key"]))
    assert len({entry["key"] for entry in top}) == len(top)
    assert all(1 <= entry["posts"] <= posts for entry in top)


def check_facets(facets: dict[str, Any], posts: int, panes: int) -> None:
    assert len(facets["lang"]) <= 8
    assert sum(value["posts"] for value in facets["source"].values()) == posts
    assert sum(value["posts"] for value in facets["lang"].values()) <= posts
    for value in (*facets["source"].values(), *facets["lang"].values()):
        assert value["posts"] >= 1
        assert value["posts_before"] is not None
        check_leaders(value["top"], value["posts"])
        check_curves(value["top"], panes)


def check_panes(panes: list[dict[str, Any]], window_ms: int) -> None:
    assert panes == sorted(panes, key=lambda pane: (pane["to_ms"], pane["epoch"]))
    for pane in panes:
        assert pane["from_ms"] < pane["to_ms"]
        check_order(pane["top"], pane["posts"])
        # Null in state files of before there were windows.
        if pane["window"] is not None:
            check_ended_window(pane["window"], pane, window_ms)


def check_ended_window(window: dict[str, Any], pane: dict[str, Any], window_ms: int) -> None:
    assert window["from_ms"] <= window["counted_from_ms"] < pane["to_ms"]
    assert window["sources"] or not window["posts"]
    assert window["from_ms"] == pane["to_ms"] - window_ms
    assert window["posts"] >= pane["posts"]
    check_order(window["top"], window["posts"])


def check_health(health: dict[str, Any]) -> None:
    assert isinstance(health["posts_per_second"], float)
    assert type(health["batch_ms"]) in {int, type(None)}
    ingest = health["ingest"]
    assert ingest["reachable"] is (ingest["error"] is None)
    assert ingest["since_ms"] >= 1
    assert ingest["status"] is None or ingest["status"].keys() >= STATUS
