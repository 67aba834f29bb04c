"""What happens in the demo beside its usual topics: who writes what, when, and in which language."""

from collections import Counter
from datetime import datetime
from itertools import islice, pairwise
from random import Random

import pytest
from tests.ingest.conftest import ManualClock
from tests.ingest.sources.demo.test_source import stream

from ingest.posts import hashtags
from ingest.posts.post import SourcePost
from ingest.sources.demo.events import ROUND_SECONDS, SHAPES, Event, Kind, events
from ingest.sources.demo.generator import PostGenerator
from ingest.sources.demo.topics import MORNINGS


def first_events(seed: int, count: int) -> list[Event]:
    return list(islice(events(Random(seed)), count))


@pytest.fixture(scope="module")
def opening() -> dict[Kind, tuple[Event, list[SourcePost]]]:
    """The first event of each kind with its posts, which come in the first eight minutes."""
    generator = PostGenerator(Random(7), "test", 0)
    posts = [generator.post(number, number / 50) for number in range(50 * 480)]
    found: dict[Kind, tuple[Event, list[SourcePost]]] = {}
    for event in islice(events(Random(Random(7).getrandbits(64))), 7):
        tag = hashtags.fold(event.tags[0])
        since = posts[int(event.begin) * 50 :]
        found[event.kind] = event, [post for post in since if tag in keys(post)]
    return found


def keys(post: SourcePost) -> list[str]:
    return [tag.key for tag in hashtags.tags_of(hashtags.extract(post.text))]


def test_the_first_five_minutes_have_each_kind_of_event_and_each_later_round_too() -> None:
    planned = first_events(3, 70)
    for first in range(0, 70, 7):
        assert {event.kind for event in planned[first : first + 7]} == set(SHAPES)
    assert planned[6].begin < 300
    assert planned[69].begin < 300 + 9 * ROUND_SECONDS + ROUND_SECONDS
    assert all(later.begin - earlier.begin > 14 for earlier, later in pairwise(planned))
    assert all(later.kind != earlier.kind for earlier, later in pairwise(planned))


def test_the_seed_decides_what_happens() -> None:
    assert first_events(3, 50) == first_events(3, 50)
    assert first_events(3, 50) != first_events(4, 50)


def test_nearly_everybody_writes_once_in_a_rise_and_in_other_words(
    opening: dict[Kind, tuple[Event, list[SourcePost]]],
) -> None:
    kinds: tuple[Kind, ...] = ("new", "pair", "language")
    for kind in kinds:
        _, posts = opening[kind]
        assert len(posts) > 150
        assert len({post.author for post in posts}) > 0.95 * len(posts)
        assert len({post.text for post in posts}) > 0.95 * len(posts)


def test_a_pair_of_tags_comes_in_the_same_posts(opening: dict[Kind, tuple[Event, list[SourcePost]]]) -> None:
    event, posts = opening["pair"]
    assert all({hashtags.fold(tag) for tag in event.tags} <= set(keys(post)) for post in posts)


def test_a_rise_of_one_language_has_no_other(opening: dict[Kind, tuple[Event, list[SourcePost]]]) -> None:
    event, posts = opening["language"]
    assert {post.lang for post in posts} == {event.language.code}
    assert len({post.lang for post in opening["new"][1]}) > 5


def test_a_known_topic_has_many_times_its_usual_posts(opening: dict[Kind, tuple[Event, list[SourcePost]]]) -> None:
    event, posts = opening["known"]
    usual = PostGenerator(Random(8), "test", 0, eventful=False)
    before = sum(hashtags.fold(event.tags[0]) in keys(usual.post(number, number / 50)) for number in range(6000))
    assert before > 0
    assert len(posts) > 10 * before


def test_few_accounts_write_the_posts_of_the_bot_and_of_the_group(
    opening: dict[Kind, tuple[Event, list[SourcePost]]],
) -> None:
    wanted: dict[Kind, int] = {"bot": 3, "chat": 7}
    for kind, accounts in wanted.items():
        posts = opening[kind][1]
        assert len({post.author for post in posts}) == accounts
        assert len(posts) > 100
        assert len({post.text for post in posts}) > 0.9 * len(posts)


def test_hundreds_of_accounts_write_one_text(opening: dict[Kind, tuple[Event, list[SourcePost]]]) -> None:
    _, posts = opening["copies"]
    assert len({post.author for post in posts}) > 150
    # Only the account that is mentioned, the link and the case differ.
    assert len({post.text for post in posts}) == len(posts)
    assert len({" ".join(post.text.split()[1:-1]).casefold() for post in posts}) == 1


def test_a_morning_comes_in_the_same_seconds_of_each_minute_also_after_a_restart() -> None:
    key, begin = hashtags.fold("GoodMorning"), MORNINGS["GoodMorning"]
    later = ManualClock()
    later.pass_ms(12_345)
    for clock in (ManualClock(), later):
        posts = [post for post in stream(7, 50 * 300, manual_clock=clock) if key in keys(post)]
        places = Counter((datetime.fromisoformat(str(post.created_at)).second - begin) % 60 // 10 for post in posts)
        assert places[0] > 0.6 * places.total()
        assert places.total() > 50
