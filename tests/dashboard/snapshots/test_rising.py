from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.dashboard.support import feeder
from tests.dashboard.support.rising import held_back, rising, rising_tag, sample, with_authors

from dashboard.snapshots.event import View
from dashboard.snapshots.parse import parse_snapshot
from dashboard.snapshots.views import DEFAULT, view_event

AT_MS = 1_795_176_007_000
CLOSED_MS = 1_795_176_000_000
POSTS = {"WorldCup": 310, "東京": 301, "Rain": 120}


def event_of(view: View, body: dict[str, Any]) -> dict[str, Any]:
    """The event as a browser reads it."""
    read: dict[str, Any] = json.loads(
        msgspec.json.encode(view_event(parse_snapshot(json.dumps(body).encode()), view, None))
    )
    return read


def with_list(listed: object, **changes: Any) -> dict[str, Any]:
    return with_authors(feeder.snapshot(POSTS, AT_MS, rising=listed, **changes))


def test_the_view_rising_has_the_list_as_it_was_pushed_and_the_span_and_posts_of_the_window() -> None:
    event = event_of(View("rising"), with_list(sample(AT_MS)))
    window = event_of(DEFAULT, with_list(sample(AT_MS)))
    assert event["rising"] == sample(AT_MS)
    assert event["rising"]["at_ms"] == CLOSED_MS
    assert event["view"] == {"ranking": "rising", "source": None, "lang": None, "by": "posts"}
    changed = ("view", "top", "rising")
    assert {**event, **dict.fromkeys(changed)} == {**window, **dict.fromkeys(changed)}
    assert (event["top"], event["posts"], event["authors"], event["rising_topics"]) == ([], 731, 365, 3)


@pytest.mark.parametrize("view", [DEFAULT, View("total"), View("batch"), View(lang="en"), View(by="authors")], ids=str)
def test_every_other_view_says_only_how_many_topics_there_are(view: View) -> None:
    event = event_of(view, with_list(sample(AT_MS)))
    assert (event["rising"], event["rising_topics"]) == (None, 3)


@pytest.mark.parametrize(
    ("listed", "topics"),
    [(rising(CLOSED_MS), 0), (rising(CLOSED_MS, missing_ms=600_000), None), (None, None)],
    ids=["a quiet time", "a baseline is missing", "before the first pane"],
)
def test_a_quiet_time_has_no_topic_and_a_missing_baseline_an_unknown_number(listed: object, topics: int | None) -> None:
    event = event_of(View("rising"), with_list(listed))
    assert (event["rising"], event["rising_topics"]) == (listed, topics)


def test_an_older_job_has_no_list_and_no_authors() -> None:
    for view in (View("rising"), View(by="authors"), View(source="demo", by="authors")):
        event = event_of(view, feeder.snapshot(POSTS, AT_MS))
        assert [event[name] for name in ("top", "authors", "rising", "rising_topics")] == [[], None, None, None]
        assert event["posts"] == 731


@pytest.mark.parametrize("view", [View(), View(source="demo"), View(lang="en")], ids=str)
def test_the_window_of_all_and_of_a_facet_can_be_ranked_by_accounts(view: View) -> None:
    by_posts = event_of(view, with_list(None))
    assert [(tag["rank"], tag["label"], tag["posts"], tag["authors"]) for tag in by_posts["top"]] == [
        (1, "WorldCup", 310, 155),
        (2, "東京", 301, 100),
        (3, "Rain", 120, 60),
    ]
    body = with_list(None)
    for counted in (body["window"], body["facets"]["source"]["demo"], body["facets"]["lang"]["en"]):
        counted["by_authors"] = [{**tag, "rank": rank} for rank, tag in enumerate(reversed(counted["top"]), start=1)]
        for tag, authors in zip(counted["by_authors"], (90, 80, 70), strict=True):
            tag |= {"authors": authors, "previous_rank": 9}
    by_authors = event_of(msgspec.structs.replace(view, by="authors"), body)
    assert by_authors["view"] == {**by_posts["view"], "by": "authors"}
    assert [(tag["rank"], tag["previous_rank"], tag["label"], tag["authors"]) for tag in by_authors["top"]] == [
        (1, 9, "Rain", 90),
        (2, 9, "東京", 80),
        (3, 9, "WorldCup", 70),
    ]
    assert (by_authors["posts"], by_authors["authors"]) == (731, 365)


@pytest.mark.parametrize("view", [View("total"), View("batch")], ids=str)
def test_totals_and_micro_batches_have_no_authors(view: View) -> None:
    event = event_of(view, with_list(None))
    assert event["authors"] is None
    assert {tag["authors"] for tag in event["top"]} == {None}


def test_labels_of_the_list_are_cut_as_elsewhere() -> None:
    long, cut = "W" * 641, "W" * 63 + "…"
    listed = rising(CLOSED_MS, [rising_tag(long, AT_MS)], held=(held_back(long),))
    shown = event_of(View("rising"), with_list(listed))["rising"]
    assert (shown["topics"][0]["tags"][0]["label"], shown["held_back"][0]["label"]) == (cut, cut)
    assert shown["topics"][0]["tags"][0]["key"] == long.casefold()


def test_the_event_of_a_usual_list_is_slim(record_property: Any) -> None:
    event = event_of(View("rising"), with_list(sample(AT_MS)))
    size = len(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode())
    record_property("event_bytes", size)
    assert size < 5_000
