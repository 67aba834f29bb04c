"""The made-up stream: repeatable, paced, and alive."""

from collections import Counter
from itertools import islice

from tests.ingest.conftest import Hands, PatientStop

from ingest import hashtags
from ingest.post import SourcePost
from ingest.sources.base import Sighting
from ingest.sources.demo import Demo


def stream(seed: int, count: int, rate: float = 50, hands: Hands | None = None) -> list[SourcePost]:
    hands = hands or Hands()
    demo = Demo(rate, seed, now_ms=hands.wall_ms, monotonic=hands.monotonic, stop=PatientStop(hands))
    return [item.post for item in islice(demo.posts(None), count) if isinstance(item, Sighting)]


def tags(posts: list[SourcePost]) -> Counter[str]:
    return Counter(tag.key for post in posts for tag in hashtags.tags_of(hashtags.extract(post.text)))


def test_the_same_seed_at_the_same_time_makes_the_same_posts() -> None:
    assert stream(7, 500) == stream(7, 500)
    assert stream(7, 500) != stream(8, 500)


def test_the_ids_of_two_runs_differ() -> None:
    later = Hands()
    later.pass_ms(1)
    assert not {post.id for post in stream(7, 500)} & {post.id for post in stream(7, 500, hands=later)}


def test_it_keeps_its_rate_in_small_ticks() -> None:
    hands = Hands()
    stream(7, 1000, 50, hands)
    assert round(hands.seconds - 50, 3) == 20.0
    stream(7, 20_000, 20_000, hands)
    assert round(hands.seconds - 70, 3) == 1.0


def test_a_long_sleep_is_not_made_up_for() -> None:
    hands = Hands()
    demo = Demo(10, 7, now_ms=hands.wall_ms, monotonic=hands.monotonic, stop=PatientStop(hands))
    posts = demo.posts(None)
    next(posts)
    hands.pass_ms(60_000)
    before = hands.seconds
    list(islice(posts, 20))
    assert 0.9 < hands.seconds - before < 1.1


def test_it_stops_when_told(hands: Hands) -> None:
    demo = Demo(100, 7, now_ms=hands.wall_ms, monotonic=hands.monotonic, stop=PatientStop(hands, waits=10))
    assert len(list(demo.posts(None))) == 50


def test_posts_are_in_many_languages_by_many_authors_who_come_back() -> None:
    posts = stream(7, 5000)
    assert {post.lang for post in posts} == {"en", "es", "pt-BR", "de", "fr", "ru", "ar", "ja", "ko"}
    authors = Counter(post.author for post in posts)
    assert len(authors) > 500
    assert authors.most_common(1)[0][1] > 100
    assert {post.source for post in posts} == {"demo"}
    assert posts[0].created_at == "1970-01-01T00:16:40Z"


def test_a_fifth_of_the_posts_has_no_tag_and_a_fifth_has_two() -> None:
    numbers = Counter(len(hashtags.extract(post.text)) for post in stream(7, 5000))
    assert 0.17 < numbers[0] / 5000 < 0.23
    assert 0.17 < numbers[2] / 5000 < 0.23


def test_a_tag_is_spelled_in_several_ways() -> None:
    posts = stream(7, 5000)
    labels = {label for post in posts for label in hashtags.extract(post.text) if not label[-1].isdigit()}
    keys = {hashtags.fold(label) for label in labels}
    assert len(labels) > 1.5 * len(keys)


def test_the_leaders_change_within_minutes_as_bursts_rise_and_fade() -> None:
    posts = stream(7, 50 * 240)
    leaders = [tags(posts[begin : begin + 1500]).most_common(1)[0][0] for begin in range(0, len(posts), 1500)]
    assert len(set(leaders)) >= 3


def test_over_a_long_time_a_few_tags_have_most_of_the_posts() -> None:
    counts = sorted(tags(stream(7, 30_000, 20)).values(), reverse=True)
    assert sum(counts[:10]) > 0.3 * sum(counts)
    assert len(counts) > 1000
