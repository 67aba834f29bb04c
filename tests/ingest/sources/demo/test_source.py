"""The made-up stream: repeatable, at the right rate, and realistic."""

from collections import Counter, defaultdict
from itertools import islice, pairwise, takewhile
from random import Random
from statistics import mean, pstdev

import pytest
from tests.ingest.conftest import ManualClock, SimulatedStop

from ingest.posts import hashtags
from ingest.posts.post import SourcePost
from ingest.sources.base import NewPost
from ingest.sources.demo.arrivals import arrivals
from ingest.sources.demo.phrasebook import LANGUAGES, SHARED_TOPICS
from ingest.sources.demo.source import Demo


def stream(seed: int, count: int, rate: float = 50, manual_clock: ManualClock | None = None) -> list[SourcePost]:
    manual_clock = manual_clock or ManualClock()
    demo = Demo(
        rate,
        seed,
        wall_ms=manual_clock.wall_ms,
        monotonic_seconds=manual_clock.monotonic_seconds,
        stop=SimulatedStop(manual_clock),
    )
    return [item.post for item in islice(demo.posts(None), count) if isinstance(item, NewPost)]


def tags(posts: list[SourcePost]) -> Counter[str]:
    return Counter(tag.key for post in posts for tag in hashtags.tags_of(hashtags.extract(post.text)))


def test_the_same_seed_at_the_same_time_makes_the_same_posts() -> None:
    assert stream(7, 500) == stream(7, 500)
    assert stream(7, 500) != stream(8, 500)


def test_the_ids_of_two_runs_differ() -> None:
    later = ManualClock()
    later.pass_ms(1)
    assert not {post.id for post in stream(7, 500)} & {post.id for post in stream(7, 500, manual_clock=later)}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("rate", "seconds", "bound"), [(50, 300, 0.05), (50, 1800, 0.02), (2000, 60, 0.25)])
def test_the_mean_rate_is_within_bounds(seed: int, rate: float, seconds: int, bound: float) -> None:
    times = takewhile(lambda at: at < seconds, arrivals(rate, Random(f"course {seed}")))
    assert abs(sum(1 for _ in times) / seconds / rate - 1) < bound


def test_posts_come_when_they_are_due_in_small_ticks() -> None:
    manual_clock = ManualClock()
    stream(7, 1000, 50, manual_clock)
    due = next(islice(arrivals(50, Random("course 7")), 999, None))
    assert 0 <= manual_clock.seconds - 50 - due < 0.05 + 1e-6


def test_the_rate_rises_and_falls_over_time() -> None:
    """Panes of ten seconds differ by more than chance, and smoothly."""
    panes = Counter(int(at // 10) for at in takewhile(lambda at: at < 600, arrivals(50, Random("course 7"))))
    counts = [panes[number] for number in range(60)]
    assert len(set(counts)) > 30
    assert 250 < min(counts) < 430
    assert 570 < max(counts) < 750
    # By chance alone, panes of ten seconds would differ by 22.
    assert pstdev(counts) > 40
    # Neighbouring panes are most similar: the rate changes smoothly and is not noise.
    assert mean(abs(a - b) for a, b in pairwise(counts)) < 0.9 * mean(abs(a - b) for a in counts for b in counts)


def test_seconds_differ_as_much_as_chance_alone_makes_them() -> None:
    seconds = Counter(int(at) for at in takewhile(lambda at: at < 600, arrivals(50, Random("course 7"))))
    assert 6 < pstdev(seconds.values()) < 14


def test_posts_of_a_long_sleep_are_skipped() -> None:
    manual_clock = ManualClock()
    demo = Demo(
        10,
        7,
        wall_ms=manual_clock.wall_ms,
        monotonic_seconds=manual_clock.monotonic_seconds,
        stop=SimulatedStop(manual_clock),
    )
    posts = demo.posts(None)
    next(posts)
    manual_clock.pass_ms(60_000)
    before = manual_clock.seconds
    list(islice(posts, 20))
    assert 0.3 < manual_clock.seconds - before < 2


def test_the_stop_event_ends_it(manual_clock: ManualClock) -> None:
    demo = Demo(
        100,
        7,
        wall_ms=manual_clock.wall_ms,
        monotonic_seconds=manual_clock.monotonic_seconds,
        stop=SimulatedStop(manual_clock, waits=10),
    )
    half_a_second = list(takewhile(lambda at: at <= 0.5 + 1e-9, arrivals(100, Random("course 7"))))
    assert len(list(demo.posts(None))) == len(half_a_second)


def test_posts_are_in_many_languages_by_many_authors_who_come_back() -> None:
    posts = stream(7, 5000)
    assert {post.lang for post in posts} == {"en", "es", "pt-BR", "de", "fr", "ru", "ar", "ja", "ko"}
    authors = Counter(post.author for post in posts)
    assert len(authors) > 2500
    # A few write much: a fifth of the accounts have two fifths of the posts, though most write once.
    assert sum(count for _, count in authors.most_common(len(authors) // 5)) > 0.4 * len(posts)
    assert 0.5 < sum(count == 1 for count in authors.values()) / len(authors) < 0.9
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


def test_the_language_of_a_tag_matches_its_posts() -> None:
    """A tag of one language is mostly in posts of this language; a shared tag is in posts of all languages."""
    languages: dict[str, Counter[str | None]] = defaultdict(Counter)
    for post in stream(7, 40_000, 500):
        for tag in hashtags.tags_of(hashtags.extract(post.text)):
            languages[tag.key][post.lang] += 1
    shared = {hashtags.fold(spellings[0]) for spellings in SHARED_TOPICS}
    for language in LANGUAGES:
        for spellings in language.topics:
            key = hashtags.fold(spellings[0])
            found = languages[key]
            if found.total() >= 100 and key not in shared:
                assert found[language.code] / found.total() > 0.85, spellings
    assert sum(len(found) > 1 for found in languages.values() if found.total() >= 300) >= 10
    for key in shared:
        found = languages[key]
        assert len(found) == len(LANGUAGES)
        assert found.most_common(1)[0][1] / found.total() < 0.5
