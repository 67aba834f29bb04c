"""The views that the past has: the list of rising tags as it was then, and the window ranked by accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.api.conftest import PANE_MS, START_MS, get, pane
from tests.dashboard.support import feeder
from tests.dashboard.support.rising import rising, rising_tag, sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

Push = "Callable[..., None]"
FIRST_MS, SECOND_MS = START_MS + PANE_MS, START_MS + 2 * PANE_MS
EARLIER = rising(FIRST_MS, [rising_tag("Rain", FIRST_MS)])


def with_authors(one: dict[str, Any], order: dict[str, int], authors: int) -> dict[str, Any]:
    """The pane `one`, whose window was written by `authors` accounts. `order`: label -> accounts."""
    window = one["window"]
    posts = {tag["label"]: tag["posts"] for tag in window["top"]}
    for tag in window["top"]:
        tag["authors"] = order.get(tag["label"])
    by_authors = [{**feeder.named({label: posts.get(label, 1)})[0], "authors": count} for label, count in order.items()]
    return {**one, "window": {**window, "authors": authors, "by_authors": by_authors}}


@pytest.fixture
def past(push: Callable[..., None]) -> None:
    first = pane(0, {"Rain": 4}, window={"Sun": 9, "Rain": 8})
    second = pane(1, {"Rain": 2}, window={"Sun": 9, "Rain": 9, "Fog": 7})
    push(
        panes=[
            with_authors(first, {"Sun": 6, "Rain": 5}, 11) | {"rising": EARLIER},
            with_authors(second, {"Rain": 8, "Wind": 7, "Sun": 6}, 12) | {"rising": sample(SECOND_MS)},
            pane(2, {"Sun": 1}, window={"Sun": 4}),
        ],
        rising=rising(START_MS + 3 * PANE_MS),
    )


@pytest.mark.usefixtures("past")
def test_the_past_has_the_list_of_rising_tags_as_it_was_when_a_pane_closed(client: FlaskClient) -> None:
    for at_ms, listed, topics in ((FIRST_MS, EARLIER, 1), (SECOND_MS + 9_999, sample(SECOND_MS), 3)):
        event = get(client, f"/api/windows?at_ms={at_ms}&view=rising&by=authors")
        assert event["view"] == {"ranking": "rising", "source": None, "lang": None, "by": "posts"}
        assert (event["rising"], event["rising_topics"], event["top"]) == (listed, topics, [])
        assert event["to_ms"] == at_ms // PANE_MS * PANE_MS
    window = get(client, f"/api/windows?at_ms={SECOND_MS}")
    assert (window["rising"], window["rising_topics"]) == (None, 3)
    assert (event["posts"], event["authors"]) == (window["posts"], window["authors"]) == (25, 12)


@pytest.mark.usefixtures("past")
def test_a_pane_without_a_list_has_none_and_says_so(client: FlaskClient) -> None:
    event = get(client, f"/api/windows?at_ms={SECOND_MS + PANE_MS}&view=rising")
    assert (event["rising"], event["rising_topics"], event["authors"]) == (None, None, None)
    assert event["posts"] == 4


@pytest.mark.usefixtures("past")
def test_the_past_can_be_ranked_by_accounts(client: FlaskClient) -> None:
    event = get(client, f"/api/windows?at_ms={SECOND_MS}&by=authors")
    assert event["view"] == {"ranking": "window", "source": None, "lang": None, "by": "authors"}
    assert [
        (tag["rank"], tag["previous_rank"], tag["label"], tag["posts"], tag["authors"]) for tag in event["top"]
    ] == [
        (1, 2, "Rain", 9, 8),
        (2, None, "Wind", 1, 7),
        (3, 1, "Sun", 9, 6),
    ]
    assert event["top"][0]["panes"] == [0] * 28 + [4, 2]
    by_posts = get(client, f"/api/windows?at_ms={SECOND_MS}&by=posts")
    assert [(tag["label"], tag["authors"]) for tag in by_posts["top"]] == [("Sun", 6), ("Rain", 8), ("Fog", None)]


def test_without_an_order_by_accounts_the_leaders_by_posts_are_ranked_by_theirs(
    client: FlaskClient, push: Callable[..., None]
) -> None:
    one = pane(0, {"Rain": 4}, window={"Sun": 9, "Rain": 8, "Fog": 8, "Wind": 2})
    for tag, authors in zip(one["window"]["top"], (3, 6, 6, None), strict=True):
        tag["authors"] = authors
    push(panes=[one])
    event = get(client, f"/api/windows?at_ms={FIRST_MS}&by=authors")
    assert [(tag["rank"], tag["label"], tag["posts"], tag["authors"]) for tag in event["top"]] == [
        (1, "Fog", 8, 6),
        (2, "Rain", 8, 6),
        (3, "Sun", 9, 3),
    ]


@pytest.mark.usefixtures("past")
def test_a_window_whose_accounts_were_not_counted_has_no_order_by_accounts(client: FlaskClient) -> None:
    event = get(client, f"/api/windows?at_ms={SECOND_MS + PANE_MS}&by=authors")
    assert (event["top"], event["authors"], event["posts"]) == ([], None, 4)


@pytest.mark.usefixtures("past")
@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("view=total", "view must be window or rising, and is 'total'."),
        ("view=", "view must be window or rising, and is ''."),
        ("by=people", "by must be posts or authors, and is 'people'."),
    ],
)
def test_a_view_that_the_past_does_not_have_is_an_error(client: FlaskClient, query: str, sentence: str) -> None:
    assert get(client, f"/api/windows?at_ms={SECOND_MS}&{query}", 400) == {"error": sentence}


@pytest.mark.usefixtures("past")
def test_the_history_gives_each_pane_with_its_list(client: FlaskClient) -> None:
    panes = get(client, "/api/history")["panes"]
    assert [one["rising"] for one in panes] == [EARLIER, sample(SECOND_MS), None]
    assert panes[0]["window"]["by_authors"][0] == {"key": "sun", "label": "Sun", "posts": 9, "authors": 6}
    assert panes[0]["top"] == [{"key": "rain", "label": "Rain", "posts": 4}]
