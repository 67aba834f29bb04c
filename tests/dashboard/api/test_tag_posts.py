"""The sample posts of a tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.api.conftest import START_MS, get
from tests.dashboard.support import feeder, panel

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.testing import FlaskClient

POST = panel.post(7, START_MS, "WorldCup", "Final")
OLDER = panel.post(3, START_MS - 5_000, "WorldCup", url=None)
FACET = {"posts": 3, "top": feeder.named({"WorldCup": 3})}


def test_a_tag_has_its_posts_newest_first(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"WorldCup": 3}, samples=panel.samples(POST, OLDER))
    for path in ("worldcup", "WORLDCUP", "%23WorldCup", "%EF%BC%83worldcup"):
        assert get(client, f"/api/tags/{path}/posts") == {"key": "worldcup", "posts": [POST, OLDER], "why_none": None}
    assert get(client, "/api/tags/final/posts")["posts"] == [POST]


def test_no_cache_stores_posts(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"WorldCup": 3}, samples=panel.samples(POST))
    answer = client.get("/api/tags/worldcup/posts")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_a_post_that_is_gone_is_gone_with_the_next_snapshot(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"WorldCup": 3}, samples=panel.samples(POST, OLDER))
    push({"WorldCup": 3}, samples=panel.samples(OLDER))
    assert get(client, "/api/tags/worldcup/posts")["posts"] == [OLDER]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//example.org", "HTTPS//x", ""])
def test_an_address_that_is_no_web_page_is_left_out(client: FlaskClient, push: Callable[..., None], url: str) -> None:
    push({"WorldCup": 3}, samples=panel.samples(panel.post(7, START_MS, "WorldCup", url=url)))
    (post,) = get(client, "/api/tags/worldcup/posts")["posts"]
    assert post["url"] is None


def test_a_post_with_a_muted_tag_is_not_shown(client: FlaskClient, push: Callable[..., None]) -> None:
    push({"WorldCup": 3}, samples=panel.samples(POST, OLDER), mute=panel.mute("final"))
    assert get(client, "/api/tags/worldcup/posts")["posts"] == [OLDER]
    assert get(client, "/api/tags/Final/posts", 404) == {"error": "There is no such tag."}


def test_why_there_is_no_post(client: FlaskClient, push: Callable[..., None]) -> None:
    def why(key: str) -> Any:
        answer = get(client, f"/api/tags/{key}/posts")
        assert answer["posts"] == []
        return answer["why_none"]

    assert why("worldcup") == "none yet"
    facets = {"source": {"x": FACET, "demo": {**FACET, "top": feeder.named({"Rain": 3})}}, "lang": {}}
    push({"WorldCup": 3, "Rain": 3}, samples=panel.samples(), facets=facets)
    assert (why("worldcup"), why("rain"), why("unknown")) == ("source", "none yet", "none yet")
    # An operator may have switched on the posts of X.
    shown = panel.post(9, START_MS, "Other", source="x")
    push({"WorldCup": 3}, samples=panel.samples(shown), facets=facets)
    assert why("worldcup") == "none yet"


def test_a_job_without_samples_has_them_switched_off(client: FlaskClient, push: Callable[..., None]) -> None:
    for _ in range(5):
        push({"WorldCup": 3}, mute=panel.mute())
    assert get(client, "/api/tags/worldcup/posts") == {"key": "worldcup", "posts": [], "why_none": "off"}
