from __future__ import annotations

import msgspec
import pytest
from tests.dashboard.support import feeder

from dashboard.api.platform_links import Link, links
from dashboard.snapshots.health_schema import Source


def status(server: object = "https://social.example") -> list[Source]:
    facts = {} if server is None else {"server": server}
    return [msgspec.convert(feeder.source(name="mastodon", facts=facts), Source)]


def test_each_platform_has_its_own_page_of_a_tag_and_demo_and_replay_have_none() -> None:
    assert links("WorldCup", ["x", "bluesky", "mastodon", "demo", "replay"], status()) == [
        Link(source="x", url="https://x.com/hashtag/WorldCup"),
        Link(source="bluesky", url="https://bsky.app/hashtag/WorldCup"),
        Link(source="mastodon", url="https://social.example/tags/WorldCup"),
    ]


@pytest.mark.parametrize("server", [None, "", "social.example", "javascript:alert(1)", "https:", 7])
def test_a_server_that_is_not_known_has_no_link(server: object) -> None:
    assert links("WorldCup", ["mastodon"], status(server)) == []


def test_whatever_a_tag_is_called_it_stays_one_part_of_the_address() -> None:
    (link,) = links("../a?b#c&ñ東", ["x"], [])
    assert link.url == "https://x.com/hashtag/..%2Fa%3Fb%23c%26%C3%B1%E6%9D%B1"
