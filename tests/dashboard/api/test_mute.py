"""No answer names a muted tag, and a full list stays full."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.dashboard.api.conftest import PANE_MS, START_MS, TOKEN, get, pane
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.rising import pane_with_people

from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient

TAGS = {f"Tag{number:02}": 100 - number for number in range(20)}
MUTE = panel.mute("tag00", patterns=("*win*", "terre*"), hidden=1)
AT_MS = START_MS + PANE_MS
PAST = (
    f"/api/windows?at_ms={AT_MS}", f"/api/windows?at_ms={AT_MS}&by=authors", f"/api/windows?at_ms={AT_MS}&view=rising",
    "/api/history", "/api/timeline", "/api/snapshot", "/metrics", "/preview.png", "/",
)  # fmt: skip


def closed() -> dict[str, Any]:
    return pane_with_people(pane(0, TAGS, window=TAGS))


def answers(client: FlaskClient) -> dict[str, str]:
    return {path: client.get(path).get_data(as_text=True) for path in PAST if path != "/preview.png"}


def hidden_in(client: FlaskClient) -> set[str]:
    """The answers that name a muted tag."""
    names = ("tag00", "WinAPhone", "winaphone", "erremoto")
    return {path for path, text in answers(client).items() if any(name.lower() in text.lower() for name in names)}


def test_the_stored_past_has_no_muted_tag(client: FlaskClient, push: Callable[..., None]) -> None:
    push(panes=[closed()])
    assert len(hidden_in(client)) >= 4
    push(mute=MUTE)
    assert hidden_in(client) == set()
    for path in ("tag00", "TAG00", "%23Tag00", "Terremoto", "winaphone"):
        assert "among the leading tags" in get(client, f"/api/tags/{path}", 404)["error"]
    event = get(client, f"/api/windows?at_ms={AT_MS}")
    # The page shows ten of them.
    assert [(tag["rank"], tag["key"]) for tag in event["top"][:2]] == [(1, "tag01"), (2, "tag02")]
    assert (len(event["top"]), event["posts"]) == (19, sum(TAGS.values()))


def test_muted_tags_of_the_past_leave_a_full_list(client: FlaskClient, push: Callable[..., None]) -> None:
    many = {f"Tag{number:02}": 100 - number for number in range(40)}
    push(panes=[pane_with_people(pane(0, many, window=many, leaders=40))])
    keys = [f"tag{number:02}" for number in range(40)]

    def listed(more: str = "") -> list[tuple[int, str]]:
        event = get(client, f"/api/windows?at_ms={AT_MS}{more}")
        assert event["posts"] == sum(many.values())
        return [(tag["rank"], tag["key"]) for tag in event["top"]]

    assert listed() == [*enumerate(keys[:20], start=1)]
    push(mute=panel.mute("tag00", "tag07", patterns=("*g1*",)))
    left = [key for key in keys if key not in {"tag00", "tag07"} and not key.startswith("tag1")]
    assert listed() == [*enumerate(left[:20], start=1)]
    # A page whose viewer hides tags gets more.
    assert listed("&reserve=true") == [*enumerate(left, start=1)]
    push(mute=None)
    assert [key for _, key in listed("&reserve=true&by=posts")] == keys
    assert len(get(client, f"/api/windows?at_ms={AT_MS}&by=authors")["top"]) == 20


def test_unmuted_tags_come_back_with_their_numbers(client: FlaskClient, push: Callable[..., None]) -> None:
    push(panes=[closed()])
    before = get(client, f"/api/windows?at_ms={AT_MS}")
    push(mute=MUTE)
    push(mute=panel.mute())
    assert get(client, f"/api/windows?at_ms={AT_MS}") == before
    assert get(client, "/api/tags/tag00")["label"] == "Tag00"


def test_muted_tags_stay_muted_after_a_restart_before_the_first_snapshot(tmp_path: Path) -> None:
    def run(*bodies: dict[str, Any]) -> set[str]:
        app = create_app(Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path), lambda: START_MS, lambda: 0)
        client = app.test_client()
        for body in bodies:
            answer = client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
            assert answer.status_code == 200
        found = hidden_in(client)
        app.extensions["dashboard.history"].close()
        return found

    body = feeder.snapshot({"Tag01": 3}, START_MS + 7_000, 1, panes=[closed()])
    assert run({**body, "mute": MUTE}) == set()
    assert run() == set()
    assert run({**body, "seq": 2}) != set()
    assert run() != set()


@pytest.mark.parametrize("content", ["{", '{"tags": 1}', "\udcff"])
def test_a_damaged_list_of_muted_tags_ends_nothing(tmp_path: Path, content: str) -> None:
    (tmp_path / "history").mkdir()
    (tmp_path / "history" / "muted.json").write_bytes(content.encode(errors="surrogateescape"))
    app = create_app(Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path), lambda: START_MS, lambda: 0)
    client = app.test_client()
    body = feeder.snapshot({"Tag01": 3}, START_MS + 7_000, 1, panes=[closed()], mute=MUTE)
    client.post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    assert hidden_in(client) == set()
    assert json.loads((tmp_path / "history" / "muted.json").read_bytes())["keys"] == ["tag00"]
    app.extensions["dashboard.history"].close()


def test_pages_are_told_how_many_are_muted(client: FlaskClient, push: Callable[..., None]) -> None:
    push(mute={**MUTE, "error": "Line 2 is too long."})
    assert get(client, "/api/snapshot")["mute"] == {"tags": 3, "hidden": 1, "error": "Line 2 is too long."}
