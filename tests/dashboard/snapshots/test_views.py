from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from tests.dashboard.support import feeder

from dashboard.snapshots.event import View
from dashboard.snapshots.parse import parse_snapshot
from dashboard.snapshots.views import DEFAULT, ViewError, parse_view, view_event

AT_MS = 1_795_176_007_000
SINCE_MS = 1_795_170_000_000


def leader(rank: int, label: str, posts: int, **changes: Any) -> dict[str, Any]:
    return {
        "rank": rank,
        "previous_rank": None,
        "key": label.casefold(),
        "label": label,
        "posts": posts,
        "posts_before": 1,
        "first_seen_ms": SINCE_MS,
        **changes,
    }


def shown(rank: int, label: str, posts: int, **changes: Any) -> dict[str, Any]:
    """A tag of an event, of a job that does not count authors."""
    return {**leader(rank, label, posts, **changes), "authors": None}


def named(label: str, posts: int) -> dict[str, Any]:
    return {"key": label.casefold(), "label": label, "posts": posts}


CURVE = [0] * 29 + [7]
SNAPSHOT = feeder.snapshot(
    {},
    AT_MS,
    seq=7,
    epoch=5,
    window={
        "from_ms": 1_795_175_710_000,
        "to_ms": AT_MS,
        "posts": 12,
        "posts_before": 9,
        "top": [leader(1, "Rain", 7, previous_rank=2, panes=CURVE), leader(2, "Sun", 3, panes=[0] * 29 + [3])],
    },
    total={
        "since_ms": SINCE_MS,
        "posts": 98,
        "tags": 40,
        "dropped_tags": 3,
        "dropped_posts": 4,
        "top": [leader(1, "Snow", 50), leader(2, "Rain", 20)],
    },
    batch={"posts": 2, "at_ms": AT_MS - 500, "top": [leader(1, "Hail", 2)]},
    facets={
        "source": {
            "demo": {"posts": 4, "top": [named("Sun", 3)]},
            "x": {"posts": 8, "posts_before": 6, "top": [leader(1, "Rain", 7, previous_rank=3, panes=[0] * 29 + [6])]},
        },
        "lang": {"es": {"posts": 6, "top": [named("Fog", 6), named("Sun", 2)]}, "en": {"posts": 6, "top": []}},
    },
)


def event_of(view: View, notice: str | None = None, **changes: Any) -> dict[str, Any]:
    """The event as a browser reads it."""
    snapshot = parse_snapshot(json.dumps({**SNAPSHOT, **changes}).encode())
    read: dict[str, Any] = json.loads(msgspec.json.encode(view_event(snapshot, view, notice)))
    return read


def test_the_window_is_what_a_page_sees_first() -> None:
    event = event_of(DEFAULT)
    health = event.pop("health")
    assert event == {
        "epoch": 5,
        "seq": 7,
        "produced_at_ms": AT_MS,
        "age_ms": 0,
        "top_n": 10,
        "pane_seconds": 10.0,
        "window_seconds": 300.0,
        "view": {"ranking": "window", "source": None, "lang": None, "by": "posts"},
        "from_ms": 1_795_175_710_000,
        "to_ms": AT_MS,
        "posts": 12,
        "posts_before": 9,
        "top": [
            shown(1, "Rain", 7, previous_rank=2, panes=CURVE),
            shown(2, "Sun", 3, panes=[0] * 29 + [3]),
        ],
        "coverage": {"from_ms": 1_795_175_710_000, "missing_ms": 0},
        "sources": ["demo", "x"],
        "choices": {"source": [["x", 8], ["demo", 4]], "lang": [["en", 6], ["es", 6]]},
        "total": {"since_ms": SINCE_MS, "posts": 98, "tags": 40, "dropped_tags": 3, "dropped_posts": 4},
        "authors": None,
        "rising": None,
        "rising_topics": None,
        "taken_back": None,
        "topics": None,
        "muted": None,
        "alerts": None,
    }
    assert set(health) == {
        "offset", "lag_posts", "lag_ms", "lost", "skipped", "late", "next_change", "cut", "newest_at_ms", "batch_ms",
        "posts_per_second", "query_error", "epoch_reason", "history", "relay", "archive", "archived_hours",
        "ingest",
    }  # fmt: skip
    assert health["ingest"]["sources"] == [feeder.source()]
    assert health["ingest"]["watermark_ms"] == AT_MS


VIEWS = [
    (View("total"), SINCE_MS, AT_MS, 98, [shown(1, "Snow", 50, panes=None), shown(2, "Rain", 20, panes=CURVE)]),
    (View("batch"), AT_MS - 500, AT_MS - 500, 2, [shown(1, "Hail", 2, panes=None)]),
    (
        View(source="x"),
        1_795_175_710_000,
        AT_MS,
        8,
        [shown(1, "Rain", 7, previous_rank=3, panes=[0] * 29 + [6])],
    ),
    (
        View(lang="es"),
        1_795_175_710_000,
        AT_MS,
        6,
        [
            # As a job of before sent them.
            shown(1, "Fog", 6, posts_before=None, first_seen_ms=None, panes=None),
            shown(2, "Sun", 2, posts_before=None, first_seen_ms=None, panes=None),
        ],
    ),
    (View(source="es"), 1_795_175_710_000, AT_MS, 0, []),
    (View(lang="x"), 1_795_175_710_000, AT_MS, 0, []),
]


@pytest.mark.parametrize(
    ("view", "from_ms", "to_ms", "posts", "top"),
    VIEWS,
    ids=["total", "batch", "source", "language", "unknown source", "unknown language"],
)
def test_every_other_view_has_its_own_span_posts_and_leaders(
    view: View, from_ms: int, to_ms: int, posts: int, top: list[dict[str, Any]]
) -> None:
    event = event_of(view)
    assert event["view"] == {
        "ranking": view.ranking, "source": view.source, "lang": view.lang, "by": "posts",
    }  # fmt: skip
    assert (event["from_ms"], event["to_ms"], event["posts"]) == (from_ms, to_ms, posts)
    assert event["posts_before"] == (6 if view.source == "x" else None)
    assert event["top"] == top
    same = event_of(DEFAULT)
    assert [event[name] for name in ("choices", "total", "health")] == [
        same[name] for name in ("choices", "total", "health")
    ]


def test_before_the_first_micro_batch_of_a_run_its_view_is_empty_and_now() -> None:
    event = event_of(View("batch"), batch=None)
    assert (event["from_ms"], event["to_ms"], event["posts"], event["top"]) == (AT_MS, AT_MS, 0, [])


def test_before_ingest_has_answered_there_are_no_sources() -> None:
    health = feeder.health(AT_MS, newest_at_ms=None, batch_ms=None)
    health["ingest"] = {"reachable": False, "since_ms": AT_MS, "error": "refused", "status": None}
    event = event_of(DEFAULT, "It was gone.", health=health)
    assert event["health"]["ingest"] == {
        "reachable": False, "since_ms": AT_MS, "error": "refused", "notice": None, "track_error": None,
        "watermark_ms": None, "sources": [],
    }  # fmt: skip
    assert event["health"]["newest_at_ms"] is None
    assert event["health"]["history"] == "It was gone."


def test_a_job_that_tells_nothing_of_dropped_tags_has_dropped_none() -> None:
    total = {name: value for name, value in SNAPSHOT["total"].items() if not name.startswith("dropped")}
    event = event_of(DEFAULT, total=total)
    assert (event["total"]["dropped_tags"], event["total"]["dropped_posts"]) == (0, 0)


@pytest.mark.parametrize("seconds", [1e-9, 1e308])
def test_a_length_that_no_job_has_is_no_error(seconds: float) -> None:
    for view in (DEFAULT, View("total")):
        assert event_of(view, pane_seconds=seconds, window_seconds=seconds)["posts"] > 0


def test_the_event_is_slim(record_property: Any) -> None:
    """Twenty of fifty tags; thirty panes each are the larger part of it."""
    posts = {f"SomeHashtag{number:02}": 1000 - number for number in range(50)}
    body = feeder.snapshot(posts, AT_MS)
    for tag in body["window"]["top"]:
        tag["panes"] = [33] * 30
    event = msgspec.to_builtins(view_event(parse_snapshot(json.dumps(body).encode()), DEFAULT, None))
    assert [tag["rank"] for tag in event["top"]] == list(range(1, 21))
    size = len(json.dumps(event, separators=(",", ":"), ensure_ascii=False).encode())
    record_property("event_bytes", size)
    assert size < 6_500


@pytest.mark.parametrize(
    ("asked", "view"),
    [
        ({"ranking": "window", "source": None, "lang": None}, DEFAULT),
        ({}, DEFAULT),
        ({"ranking": "total"}, View("total")),
        ({"ranking": "window", "source": "x", "lang": None}, View(source="x")),
        ({"ranking": "window", "lang": "日本"}, View(lang="日本")),
        ({"ranking": "rising"}, View("rising")),
        ({"ranking": "rising", "source": None, "lang": None, "by": "posts"}, View("rising")),
        ({"by": "authors"}, View(by="authors")),
        ({"source": "x", "by": "authors"}, View(source="x", by="authors")),
    ],
)
def test_a_view_is_an_object_whose_fields_may_be_left_out(asked: object, view: View) -> None:
    assert parse_view(asked) == view


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (None, "This is not a view: Expected `object`, got `null`."),
        ("window", "This is not a view: Expected `object`, got `str`."),
        ({"ranking": "best"}, "This is not a view: Invalid enum value 'best' - at `$.ranking`."),
        ({"ranking": None}, "This is not a view: Expected `str`, got `null` - at `$.ranking`."),
        ({"source": 7}, "This is not a view: Expected `str | null`, got `int` - at `$.source`."),
        ({"source": ""}, "This is not a view: Expected `str` of length >= 1 - at `$.source`."),
        ({"lang": "x" * 101}, "This is not a view: Expected `str` of length <= 100 - at `$.lang`."),
        ({"tag": "x"}, "This is not a view: Object contains unknown field `tag`."),
        ({"source": "x", "lang": "en"}, "A view has a source or a language, not both."),
        ({"ranking": "total", "source": "x"}, "Only the window can be seen by source or language."),
        ({"ranking": "batch", "lang": "en"}, "Only the window can be seen by source or language."),
        ({"ranking": "rising", "source": "x"}, "Only the window can be seen by source or language."),
        ({"ranking": "rising", "by": "authors"}, "Only the window can be ranked by accounts."),
        ({"ranking": "total", "by": "authors"}, "Only the window can be ranked by accounts."),
        ({"by": "people"}, "This is not a view: Invalid enum value 'people' - at `$.by`."),
        ({"by": None}, "This is not a view: Expected `str`, got `null` - at `$.by`."),
    ],
)
def test_what_is_no_view_is_answered_with_a_sentence(asked: object, sentence: str) -> None:
    with pytest.raises(ViewError) as caught:
        parse_view(asked)
    assert str(caught.value) == sentence


def test_views_are_the_same_only_if_all_of_them_is() -> None:
    views = [DEFAULT, View("total"), View("batch"), View(source="en"), View(lang="en"), View(lang='"')]
    views += [View("rising"), View(by="authors"), View(source="en", by="authors")]
    assert len(set(views)) == len(views)


WINDOW_FROM_MS = 1_795_175_710_000


@pytest.mark.parametrize("view", [DEFAULT, View(source="x"), View(lang="es")], ids=["all", "source", "language"])
@pytest.mark.parametrize("before", [True, False])
def test_a_time_before_that_was_not_counted_is_unknown_and_not_0(view: View, before: bool) -> None:
    event = event_of(view, coverage={"from_ms": WINDOW_FROM_MS + 1, "missing_ms": 4, "before": before})
    assert event["coverage"] == {"from_ms": WINDOW_FROM_MS + 1, "missing_ms": 4}
    if before:
        assert event["posts_before"] == event_of(view)["posts_before"]
        assert event["top"] == event_of(view)["top"]
    else:
        assert event["posts_before"] is None
        assert {tag["posts_before"] for tag in event["top"]} == {None}


@pytest.mark.parametrize(
    ("from_ms", "known"), [(AT_MS // 10_000 * 10_000 - 1, True), (AT_MS // 10_000 * 10_000, False)]
)
def test_totals_have_no_growth_before_the_first_pane_has_closed(from_ms: int, known: bool) -> None:
    event = event_of(View("total"), coverage={"from_ms": from_ms, "missing_ms": 0, "before": False})
    assert [tag["posts_before"] is not None for tag in event["top"]] == [known, known]


@pytest.mark.parametrize(
    ("since_ms", "from_ms", "known"),
    [
        (WINDOW_FROM_MS - 300_000, WINDOW_FROM_MS, True),
        (WINDOW_FROM_MS - 299_999, WINDOW_FROM_MS, False),
        (WINDOW_FROM_MS + 5, WINDOW_FROM_MS + 5, False),
        (AT_MS + 5, AT_MS, False),
    ],
)
def test_of_a_job_that_does_not_tell_the_beginning_of_its_totals_says_enough(
    since_ms: int, from_ms: int, known: bool
) -> None:
    event = event_of(DEFAULT, total={**SNAPSHOT["total"], "since_ms": since_ms})
    assert event["coverage"] == {"from_ms": from_ms, "missing_ms": 0}
    assert (event["posts_before"] is not None) is known


@pytest.mark.parametrize(
    ("configured", "view", "total", "expected"),
    [
        (["demo"], DEFAULT, None, ["demo", "x"]),
        (["replay"], DEFAULT, None, ["demo", "replay", "x"]),
        (["replay"], View(source="x"), None, ["replay", "x"]),
        (["x", "demo"], View(source="x"), None, ["x"]),
        (["x"], View("batch"), None, ["demo", "x"]),
        (["x"], View("total"), ["bluesky", "x"], ["bluesky", "x"]),
        (["x"], View("total"), [], ["x"]),
        (["x"], View("total"), None, ["demo", "x"]),
    ],
)
def test_numbers_name_where_they_are_from(
    configured: list[str], view: View, total: list[str] | None, expected: list[str]
) -> None:
    health = feeder.health(AT_MS, [feeder.source(name=name) for name in configured])
    event = event_of(view, health=health, total={**SNAPSHOT["total"], "sources": total})
    assert event["sources"] == expected
