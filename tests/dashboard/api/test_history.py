"""What the routes that look back answer, from panes and snapshots that were pushed."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.dashboard.api.conftest import PANE_MS, START_MS, TOKEN, get, pane
from tests.dashboard.support import feeder

from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask.testing import FlaskClient


def test_posts_over_time_are_added_up_to_as_many_points_as_are_wanted(
    client: FlaskClient, push: Callable[..., None]
) -> None:
    push(panes=[pane(0, {"a": 1}), pane(1, {"a": 2, "b": 1}), pane(4, {"b": 5})])
    whole = {"from_ms": START_MS, "to_ms": START_MS + 50_000, "step_ms": 10_000, "posts": [1, 3, 0, 0, 5]}
    assert get(client, "/api/timeline") == whole
    assert get(client, "/api/timeline?points=3") == {**whole, "step_ms": 20_000, "posts": [4, 0, 5]}


def test_before_the_first_pane_there_is_no_time(client: FlaskClient) -> None:
    assert get(client, "/api/timeline") == {"from_ms": None, "to_ms": None, "step_ms": 0, "posts": []}


@pytest.mark.parametrize("points", ["0", "1", "2001", "many", "-1", "9" * 30, ""])
def test_points_that_are_no_number_of_points_are_named(client: FlaskClient, points: str) -> None:
    answer = get(client, f"/api/timeline?points={points}", 400)
    assert answer == {"error": f"points must be a number from 2 to 2000, and is {points!r}."}


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, push: Callable[..., None]) -> None:
    push(panes=[pane(0, {"a": 1})])
    for path in ("/api/timeline", "/api/tags/a"):
        first = client.get(path)
        assert first.headers["Cache-Control"] == "no-cache"
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        assert "Content-Security-Policy" in again.headers
    push(panes=[pane(1, {"a": 1})])
    assert client.get("/api/timeline", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


WINDOWS = [
    pane(0, {"Rain": 4}, window={"Sun": 9, "Rain": 8}),
    pane(29, {"Rain": 2, "Sun": 1}, window={"Sun": 7, "Rain": 6}),
    pane(30, {"Rain": 5, "Fog": 1}, window={"Rain": 13, "Sun": 7, "Fog": 1}),
    pane(31, {"Rain": 1}),
]


@pytest.mark.parametrize("after_ms", [0, 19_999], ids=["at its end", "until the next one that is known"])
def test_a_window_of_the_past_is_the_one_that_ended_with_a_pane(
    client: FlaskClient, push: Callable[..., None], after_ms: int
) -> None:
    push(panes=[pane(-29), *WINDOWS])
    to_ms = START_MS + 31 * PANE_MS
    assert get(client, f"/api/windows?at_ms={to_ms + after_ms}") == {
        "epoch": 1,
        "seq": None,
        "produced_at_ms": to_ms,
        "age_ms": None,
        "top_n": 10,
        "pane_seconds": 10.0,
        "window_seconds": 300.0,
        "view": {"ranking": "window", "source": None, "lang": None, "by": "posts"},
        "from_ms": to_ms - 300_000,
        "to_ms": to_ms,
        "posts": 21,
        "posts_before": 17,
        "top": [
            past_tag(1, 2, "Rain", 13, 8, [0] * 28 + [2, 5]),
            past_tag(2, 1, "Sun", 7, 9, [0] * 28 + [1, 0]),
            past_tag(3, None, "Fog", 1, None, [0] * 29 + [1]),
        ],
        "coverage": {"from_ms": to_ms - 300_000, "missing_ms": 0},
        "sources": None,
        "choices": {"source": [], "lang": []},
        "total": None,
        "health": None,
        "authors": None,
        "rising": None,
        "rising_topics": None,
        "taken_back": None,
        "topics": None,
        "muted": None,
        "alerts": None,
    }


def past_tag(
    rank: int, previous_rank: int | None, label: str, posts: int, posts_before: int | None, panes: list[int]
) -> dict[str, Any]:
    return {
        "rank": rank,
        "previous_rank": previous_rank,
        "key": label.casefold(),
        "label": label,
        "posts": posts,
        "posts_before": posts_before,
        "first_seen_ms": None,
        "panes": panes,
        "authors": None,
    }


def test_what_came_before_a_window_is_null_where_it_is_not_kept(client: FlaskClient, push: Callable[..., None]) -> None:
    push(panes=WINDOWS)
    event = get(client, f"/api/windows?at_ms={START_MS + PANE_MS}")
    assert (event["posts"], event["posts_before"]) == (17, None)
    assert event["top"][0] == past_tag(1, None, "Sun", 9, None, [0] * 30)


def test_a_window_before_that_is_kept_in_part_is_nothing_to_compare_with(
    client: FlaskClient, push: Callable[..., None]
) -> None:
    push(panes=WINDOWS)
    event = get(client, f"/api/windows?at_ms={START_MS + 31 * PANE_MS}")
    assert (event["posts"], event["posts_before"]) == (21, None)
    assert [tag["posts_before"] for tag in event["top"]] == [None] * 3


def test_the_newest_window_may_still_change_and_an_earlier_one_hardly(
    client: FlaskClient, push: Callable[..., None]
) -> None:
    push(panes=WINDOWS)
    for number, caching in ((29, "max-age=60"), (32, "no-cache")):
        answer = client.get(f"/api/windows?at_ms={START_MS + (number + 1) * PANE_MS}")
        assert answer.headers["Cache-Control"] == caching


@pytest.mark.parametrize("panes", [[], [pane(0, {"a": 1})], [pane(5, {"a": 1}, window={"a": 1})]])
def test_a_window_that_is_not_kept_is_not_found(
    client: FlaskClient, push: Callable[..., None], panes: list[dict[str, Any]]
) -> None:
    push(panes=panes)
    at_ms = START_MS + PANE_MS
    answer = get(client, f"/api/windows?at_ms={at_ms}", 404)
    assert answer == {"error": f"No window that ended by {at_ms} is kept."}


@pytest.mark.parametrize("query", ["", "?at_ms=", "?at_ms=noon"])
def test_a_window_needs_a_moment(client: FlaskClient, query: str) -> None:
    answer = get(client, f"/api/windows{query}", 400)
    assert answer["error"].startswith("at_ms must be milliseconds since 1970, and is '")


def test_a_tag_has_what_the_snapshot_and_the_history_know(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"WorldCup": 30, "Rain": 10}, panes=[pane(0, {"WorldCup": 3}), pane(1, {"Rain": 4}), pane(3, {"WorldCup": 5})])
    window = {
        "rank": 1,
        "posts": 30,
        "share": 0.75,
        "from_ms": START_MS + PANE_MS - 300_000,
        "to_ms": START_MS + 7_000,
        "counted_from_ms": START_MS + PANE_MS - 300_000,
        "panes": [0] * 29 + [30],
        "authors": None,
        "taken_back": None,
    }
    known = {
        "key": "worldcup",
        "label": "WorldCup",
        "epoch": 1,
        "seq": 1,
        "pairs": None,
        "window": window,
        "total": {"rank": 1, "posts": 30},
        "first_seen_ms": 1_795_170_000_000,
        "rising": None,
        "held_back": None,
        "history": [[START_MS, 3], [START_MS + 3 * PANE_MS, 5]],
        "history_step_ms": PANE_MS,
        "sources": ["demo"],
        "links": [],
    }
    for name in ("worldcup", "WorldCup", "ＷＯＲＬＤＣＵＰ"):
        assert get(client, f"/api/tags/{name}") == known


def test_a_tag_of_the_history_alone_is_named_as_it_was_last(client: FlaskClient, push: Callable[..., None]) -> None:
    sources = [feeder.source(name="bluesky"), feeder.source(name="demo")]
    later = pane(1, {"RAIN": 4})
    push({"WorldCup": 1}, panes=[pane(0, {"Rain": 3}), later], health=feeder.health(START_MS, sources))
    assert get(client, "/api/tags/rain") == {
        "key": "rain",
        "label": "RAIN",
        "epoch": 1,
        "seq": 1,
        "pairs": None,
        "window": None,
        "total": None,
        "first_seen_ms": None,
        "rising": None,
        "held_back": None,
        "history": [[START_MS, 3], [START_MS + PANE_MS, 4]],
        "history_step_ms": PANE_MS,
        "sources": [],
        "links": [{"source": "bluesky", "url": "https://bsky.app/hashtag/RAIN"}],
    }


def test_a_tag_that_leads_in_one_language_only_is_known(client: FlaskClient, push: Callable[..., None]) -> None:
    facet = {"posts": 2, "top": [{"key": "niebla", "label": "Niebla", "posts": 2}]}
    push({"WorldCup": 1}, facets={"source": {"x": facet}, "lang": {"es": facet}})
    tag = get(client, "/api/tags/Niebla")
    assert (tag["label"], tag["window"], tag["total"], tag["history"]) == ("Niebla", None, None, [])
    assert (tag["history_step_ms"], tag["sources"]) == (0, ["x"])
    assert tag["links"] == [{"source": "x", "url": "https://x.com/hashtag/Niebla"}]


def test_before_the_first_snapshot_of_a_run_the_history_still_knows_a_tag(tmp_path: Path) -> None:
    def opened() -> Any:
        return create_app(Settings(push_token=SecretStr(TOKEN), data_dir=tmp_path), lambda: START_MS, lambda: 0)

    app = opened()
    body = feeder.snapshot({}, START_MS, panes=[pane(0, {"Rain": 3}, window={"Rain": 3})])
    app.test_client().post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
    app.extensions["dashboard.history"].close()
    app = opened()
    client = app.test_client()
    assert get(client, "/api/tags/rain")["history"] == [[START_MS, 3]]
    assert get(client, "/api/timeline")["posts"] == [3]
    assert get(client, f"/api/windows?at_ms={START_MS + PANE_MS}")["top"][0]["label"] == "Rain"
    app.extensions["dashboard.history"].close()


def test_a_tag_may_have_a_slash(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"24/7": 1})
    assert get(client, "/api/tags/24%2F7")["label"] == "24/7"


@pytest.mark.parametrize("written", ["%23WorldCup", "%EF%BC%83worldcup", "WORLDCUP"])
def test_a_tag_may_be_written_with_its_sign(client: FlaskClient, push: Callable[..., None], written: str) -> None:
    push({"WorldCup": 1})
    assert get(client, f"/api/tags/{written}")["label"] == "WorldCup"


def test_a_tag_that_never_led_is_not_found(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"WorldCup": 1}, panes=[pane(0, {"Rain": 3})])
    assert get(client, "/api/tags/Snow", 404) == {"error": "#Snow was not among the leading tags of the last 24 hours."}


def test_a_long_history_is_thinned_by_adding_neighbours_up(client: FlaskClient, push: Callable[..., None]) -> None:
    for first in range(0, 2040, 60):
        push(panes=[pane(number, {"Rain": 1}) for number in range(first, first + 60)])
    tag = get(client, "/api/tags/rain")
    assert tag["history_step_ms"] == 2 * PANE_MS
    assert tag["history"] == [[START_MS + number * 2 * PANE_MS, 2] for number in range(1020)]


def test_a_whole_day_is_searched_in_a_moment(client: FlaskClient, push: Callable[..., None]) -> None:
    others = {f"tag{number}": 100 - number for number in range(49)}
    for first in range(0, 8640, 60):
        numbers = range(first, first + 60)
        push(panes=[pane(number, {**others, f"only{number}": 1}, window=others) for number in numbers])
    middle_ms = START_MS + 4321 * PANE_MS
    for path in ("/api/tags/tag7", "/api/tags/only4000", f"/api/windows?at_ms={middle_ms}", "/api/timeline"):
        assert fastest_seconds(client, path) < 0.05, path


def fastest_seconds(client: FlaskClient, path: str) -> float:
    """Of some tries, since the machine may do something else."""
    seconds = []
    for _ in range(10):
        before = time.process_time()
        get(client, path)
        seconds.append(time.process_time() - before)
    return min(seconds)


def test_a_window_of_the_past_names_its_sources_and_where_counting_began(
    client: FlaskClient, push: Callable[..., None]
) -> None:
    kept = pane(3, {"Rain": 4}, window={"Rain": 4})
    kept["window"] |= {"sources": ["demo", "x"], "counted_from_ms": START_MS}
    push(panes=[kept])
    told = get(client, f"/api/windows?at_ms={START_MS + 4 * PANE_MS}")
    assert told["sources"] == ["demo", "x"]
    assert told["coverage"] == {"from_ms": START_MS, "missing_ms": 0}
