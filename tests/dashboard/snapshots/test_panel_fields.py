"""What an event says of deleted posts, of topics and of muted tags."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.rising import sample, with_authors

from dashboard.snapshots.event import View
from dashboard.snapshots.parse import parse_snapshot
from dashboard.snapshots.views import DEFAULT, view_event

AT_MS = 1_795_176_007_000
POSTS = {f"Tag{number:02}": 200 - number for number in range(30)}


def event_of(view: View, **changes: Any) -> dict[str, Any]:
    """The event as a browser reads it."""
    body = with_authors(feeder.snapshot(POSTS, AT_MS, rising=sample(AT_MS)))
    body = panel.with_taken_back(body)
    body["window"] |= changes.pop("window", {})
    snapshot = parse_snapshot(json.dumps({**body, **changes}).encode())
    read: dict[str, Any] = json.loads(msgspec.json.encode(view_event(snapshot, view, None)))
    return read


@pytest.mark.parametrize("view", [DEFAULT, View(by="authors"), View(source="demo"), View(lang="en")], ids=str)
def test_deleted_posts_are_counted_beside_those_of_the_window(view: View) -> None:
    event = event_of(view)
    assert event["taken_back"] == event["posts"] // 4
    assert [tag["taken_back"] for tag in event["top"]] == [tag["posts"] // 4 for tag in event["top"]]


@pytest.mark.parametrize("view", [View("total"), View("batch")], ids=str)
def test_deleted_posts_are_unknown_in_other_rankings(view: View) -> None:
    event = event_of(view)
    assert event["taken_back"] is None
    assert [tag for tag in event["top"] if "taken_back" in tag] == []


def test_a_tag_that_rises_has_its_deleted_posts() -> None:
    tags = [tag for topic in event_of(View("rising"))["rising"]["topics"] for tag in topic["tags"]]
    assert [tag["taken_back"] for tag in tags] == [tag["posts"] // 4 for tag in tags]


TOPICS = [["tag03", "tag00"], ["tag01", "tag29", "tag28"], ["tag02", "tag04", "tag25"]]


@pytest.mark.parametrize(
    ("view", "topics"),
    [
        # The event has the first twenty tags.
        (DEFAULT, [["tag03", "tag00"], ["tag02", "tag04"]]),
        (View(source="demo"), None),
        (View("total"), None),
        (View("rising"), None),
    ],
    ids=str,
)
def test_topics_are_groups_of_tags_that_the_event_has(view: View, topics: list[list[str]] | None) -> None:
    assert event_of(view, window={"topics": TOPICS})["topics"] == topics


def test_an_older_job_knows_no_topics() -> None:
    assert event_of(DEFAULT)["topics"] is None


def test_muted_tags_are_counted_and_not_named() -> None:
    event = event_of(DEFAULT, mute=panel.mute("hush", patterns=("sh*",), hidden=5, error="Line 3 is empty."))
    assert event["muted"] == {"tags": 2, "hidden": 5, "error": "Line 3 is empty."}
    assert "hush" not in json.dumps(event)
