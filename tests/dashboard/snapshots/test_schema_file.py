"""docs/snapshot.schema.json and the page's types are those of the code, and what is sent is as they say."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from jsonschema_rs import Draft202012Validator, meta
from tests.dashboard.conftest import ROOT
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.rising import sample, with_authors

from dashboard.snapshots.event import View
from dashboard.snapshots.parse import parse_snapshot
from dashboard.snapshots.views import view_event

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

AT_MS = 1_795_176_007_000
SCHEMA: dict[str, Any] = json.loads((ROOT / "docs" / "snapshot.schema.json").read_text(encoding="utf-8"))


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("schema", ROOT / "scripts" / "schema.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("path", "text"), script().files().items(), ids=lambda value: getattr(value, "name", ""))
def test_a_written_file_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `make schema`"


def test_every_type_and_field_says_what_it_means() -> None:
    assert meta.is_valid(SCHEMA)
    silent = [
        f"{name}.{field}"
        for name, schema in SCHEMA["$defs"].items()
        for field, of in {"": schema, **schema["properties"]}.items()
        if len(of.get("description", "")) < 10
    ]
    assert silent == []


def errors(name: str, sent: object) -> list[str]:
    """What is not as the type of that name says."""
    validator = Draft202012Validator({**SCHEMA, "$ref": f"#/$defs/{name}"})
    return [f"{'/'.join(map(str, error.instance_path))}: {error.message}" for error in validator.iter_errors(sent)]


def test_a_pushed_snapshot_is_as_the_file_says() -> None:
    body = feeder.snapshot(
        {"WorldCup": 310, "東京": 120}, AT_MS, panes=[feeder.pane(AT_MS // 10_000 * 10_000, window={"a": 2})]
    )
    assert errors("Snapshot", body) == []
    body |= {"rising": sample(AT_MS)}
    assert errors("Snapshot", with_authors(body)) == []
    body |= {
        "pairs": panel.pairs(AT_MS, worldcup={"東京": 4}),
        "samples": panel.samples(panel.post(7, AT_MS, "WorldCup")),
        "mute": panel.mute("hush", patterns=("sh*",)),
    }
    body["window"]["topics"] = [["worldcup", "東京"]]
    assert errors("Snapshot", panel.with_taken_back(with_authors(body))) == []
    body["window"]["top"][1]["posts"] = -1
    del body["health"]["ingest"]["since_ms"]
    assert sorted(errors("Snapshot", body)) == [
        'health/ingest: "since_ms" is a required property',
        "window/top/1/posts: -1 is less than the minimum of 0",
    ]


def test_a_list_of_rising_tags_is_as_the_file_says() -> None:
    listed = sample(AT_MS)
    assert errors("Rising", listed) == []
    listed["topics"][0]["tags"][0]["copies"] = 1.5
    listed["topics"][1]["tags"] = []
    listed["held_back"][0]["why"] = "spam"
    assert sorted(errors("Rising", listed)) == [
        'held_back/0/why: "spam" is not one of "copies" or "few people"',
        "topics/0/tags/0/copies: 1.5 is greater than the maximum of 1",
        "topics/1/tags: [] has less than 1 item",
    ]


@pytest.mark.parametrize(
    "view",
    [View(), View("total"), View("batch"), View(source="demo"), View(lang="xx"), View("rising"), View(by="authors")],
    ids=str,
)
def test_an_event_is_as_the_file_says(view: View) -> None:
    body = with_authors(feeder.snapshot({"WorldCup": 310, "東京": 120}, AT_MS, rising=sample(AT_MS)))
    snapshot = parse_snapshot(json.dumps(body).encode())
    event = msgspec.to_builtins(view_event(snapshot, view, "the disk is full"))
    assert errors("Event", json.loads(json.dumps(event))) == []
    assert event.keys() == SCHEMA["$defs"]["Event"]["properties"].keys()
