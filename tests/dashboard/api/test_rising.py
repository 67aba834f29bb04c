"""What the API says of rising tags now: the newest list, and a tag that is on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.dashboard.api.conftest import START_MS, get, pane
from tests.dashboard.support import feeder
from tests.dashboard.support.rising import rising, sample, with_authors

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

LISTED = sample(START_MS)


def test_the_newest_list_is_as_it_was_pushed(client: FlaskClient, push: Callable[..., None]) -> None:
    assert "error" in get(client, "/api/rising", 503)
    push({"Rain": 3})
    assert get(client, "/api/rising", 404) == {"error": "The job has not sent a list of rising tags."}
    push({"Rain": 3}, rising=rising(START_MS, missing_ms=600_000))
    assert get(client, "/api/rising") == {"at_ms": START_MS, "missing_ms": 600_000, "topics": [], "held_back": []}
    push({"Rain": 3}, rising=LISTED)
    assert get(client, "/api/rising") == LISTED


def test_a_list_that_has_not_changed_is_not_sent_again(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"Rain": 3}, rising=LISTED)
    first = client.get("/api/rising")
    push({"Rain": 4}, rising=LISTED)
    again = client.get("/api/rising", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_tag_that_rises_is_known_even_if_it_does_not_lead(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"Rain": 3}, rising=LISTED)
    tag = get(client, "/api/tags/smallandnew")
    assert (tag["label"], tag["window"], tag["total"], tag["held_back"]) == ("SmallAndNew", None, None, None)
    assert tag["rising"] == LISTED["topics"][2]["tags"][0]
    second_of_a_topic = get(client, "/api/tags/Sismo")["rising"]
    assert (second_of_a_topic["expected"], second_of_a_topic["spread"], second_of_a_topic["authors"]) == (4.0, 0.2, 90)


def test_a_tag_that_is_held_back_says_why(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"WinAPhone": 2_000}, rising=LISTED)
    tag = get(client, "/api/tags/winaphone")
    assert (tag["rising"], tag["held_back"]) == (None, LISTED["held_back"][0])
    assert (tag["held_back"]["why"], tag["held_back"]["texts"]) == ("copies", 1)
    assert tag["window"]["rank"] == 1


def test_a_tag_of_the_window_has_its_authors_if_they_are_counted(
    client: FlaskClient, push: Callable[..., None]
) -> None:
    push({"Rain": 30, "Sun": 12})
    assert get(client, "/api/tags/rain")["window"]["authors"] is None
    body = with_authors(feeder.snapshot({"Rain": 30, "Sun": 12}, START_MS))
    push(window=body["window"], panes=[pane(0)])
    assert [get(client, f"/api/tags/{key}")["window"]["authors"] for key in ("rain", "sun")] == [15, 4]


@pytest.mark.parametrize("where", ["window", "facet"])
def test_a_tag_that_leads_only_by_accounts_is_known(client: FlaskClient, push: Callable[..., None], where: str) -> None:
    body = with_authors(feeder.snapshot({"Rain": 30}, START_MS))
    counted = body["window"] if where == "window" else body["facets"]["lang"]["en"]
    fog = {**feeder.leaders({"Fog": 7})[0], "authors": 7}
    counted["by_authors"] = [counted["by_authors"][0], {**fog, "rank": 2}]
    push(window=body["window"], facets=body["facets"])
    tag = get(client, "/api/tags/fog")
    assert (tag["label"], tag["window"]) == ("Fog", None)
