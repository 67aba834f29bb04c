from __future__ import annotations

import json
from typing import Any

import pytest
from tests.dashboard import feeder

from dashboard.latest import Latest
from dashboard.snapshot import SnapshotError, parse_snapshot, slim_event, without_panes

AT_MS = 1_795_176_007_000


def body(**changes: Any) -> bytes:
    return json.dumps(feeder.snapshot({"WorldCup": 310, "東京": 120}, AT_MS, **changes)).encode()


def changed(path: str, value: Any) -> bytes:
    whole = json.loads(body())
    *parents, last = path.split(".")
    inner = whole
    for name in parents:
        inner = inner[int(name)] if name.isdigit() else inner[name]
    inner[last] = value
    return json.dumps(whole).encode()


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (b"{", "The body is not JSON: Input data was truncated."),
        (b"\xff\xfe", "The body is not JSON: JSON is malformed: invalid character (byte 0)."),
        (b"[]", "The snapshot has not the agreed shape: Expected `object`, got `array`."),
        (b"{}", "The snapshot has not the agreed shape: Object missing required field `epoch`."),
        (
            changed("window.top.0.posts", "many"),
            "The snapshot has not the agreed shape: Expected `int`, got `str` - at `$.window.top[0].posts`.",
        ),
        (
            changed("health.lag_ms", -1),
            "The snapshot has not the agreed shape: Expected `int` >= 0 - at `$.health.lag_ms`.",
        ),
        (changed("window.top.1.rank", 3), "The snapshot's window has rank 3 in place 2."),
        (changed("window.top.1.posts", 311), "The snapshot's window is not sorted by posts at rank 2."),
        (changed("window.top.1.key", "worldcup"), "The snapshot's window has the same tag twice."),
        (changed("window.to_ms", 1), "The snapshot's window ends before it begins."),
        (
            changed("panes", [{**feeder.pane(10_000), "to_ms": 10_000}]),
            "The pane from 10000 ends before it begins.",
        ),
    ],
)
def test_what_is_not_a_snapshot_is_refused_with_a_sentence_that_says_where(bad: bytes, sentence: str) -> None:
    with pytest.raises(SnapshotError) as caught:
        parse_snapshot(bad)
    assert str(caught.value) == sentence


def test_a_newer_job_may_say_more_and_it_is_passed_on_untouched() -> None:
    pushed = body(rising=[{"key": "x", "score": 1.50}], panes=[feeder.pane(10_000)])
    parse_snapshot(pushed)
    assert json.loads(without_panes(pushed)) == {k: v for k, v in json.loads(pushed).items() if k != "panes"}
    assert b'"score": 1.5}' in without_panes(pushed)


def test_before_the_first_micro_batch_batch_and_status_may_be_null() -> None:
    health = feeder.health(AT_MS, newest_at_ms=None, batch_ms=None)
    health["ingest"] = {"reachable": False, "since_ms": AT_MS, "error": "refused", "status": None}
    event = slim_event(parse_snapshot(body(batch=None, health=health)), None)
    assert event["health"]["ingest"] == {
        "reachable": False, "since_ms": AT_MS, "error": "refused", "notice": None, "track_error": None, "sources": [],
    }  # fmt: skip
    assert event["health"]["newest_at_ms"] is None


def test_the_event_for_browsers_has_the_leading_twenty_and_nothing_that_a_page_does_not_need() -> None:
    posts = {f"tag{number:02}": 100 - number for number in range(50)}
    event = slim_event(parse_snapshot(json.dumps(feeder.snapshot(posts, AT_MS, 7, 5)).encode()), "It was gone.")
    assert set(event) == {
        "epoch", "seq", "produced_at_ms", "top_n", "from_ms", "to_ms", "posts", "top", "health",
    }  # fmt: skip
    assert (event["epoch"], event["seq"], event["posts"]) == (5, 7, sum(range(51, 101)))
    assert (event["from_ms"], event["to_ms"]) == (1_795_175_710_000, AT_MS)
    assert len(event["top"]) == 20
    assert event["top"][19] == {
        "rank": 20, "previous_rank": 20, "key": "tag19", "label": "tag19", "posts": 81,
    }  # fmt: skip
    assert set(event["health"]) == {
        "offset", "lag_posts", "lag_ms", "lost", "newest_at_ms", "batch_ms", "posts_per_second", "query_error",
        "epoch_reason", "history", "ingest",
    }  # fmt: skip
    assert event["health"]["ingest"]["sources"] == [feeder.source()]
    assert event["health"]["history"] == "It was gone."


@pytest.mark.parametrize(
    ("order", "taken"),
    [((2, 1), True), ((1, 6), True), ((1, 5), False), ((1, 4), False), ((0, 9), False)],
)
def test_the_newest_is_the_one_with_the_greater_epoch_then_seq(order: tuple[int, int], taken: bool) -> None:
    latest = Latest()
    first = body(epoch=1, seq=5)
    assert latest.offer(parse_snapshot(first), first) is not None
    second = body(epoch=order[0], seq=order[1])
    assert (latest.offer(parse_snapshot(second), second) is not None) is taken
    assert latest.shown is not None
    assert latest.shown.order == (order if taken else (1, 5))
