"""What is not on the list, although it has many posts."""

import pytest
from tests.spark_job.support.rising_stream import (
    DAY_MS,
    DE,
    EN,
    FACETS,
    HOUR_MS,
    JA,
    MINUTE_MS,
    WINDOW_MS,
    Facet,
    Post,
    Stream,
    held_back,
    listed,
    people,
)


@pytest.fixture
def stream() -> Stream:
    stream = Stream()
    stream.warm(HOUR_MS)
    return stream


@pytest.mark.parametrize(("accounts", "posts"), [(1, 10_000), (5, 2_000)])
def test_a_few_accounts_with_many_posts_move_nothing(stream: Stream, accounts: int, posts: int) -> None:
    each = [
        Post("buy", 5_000_000 + number, number * posts + post) for number in range(accounts) for post in range(posts)
    ]
    rising = stream.step(each)
    assert listed(rising) == []
    assert held_back(rising) == [("buy", "few people")]
    assert (rising.held_back[0].posts, rising.held_back[0].authors) == (10_000, accounts)


def test_many_accounts_with_one_text_move_nothing(stream: Stream) -> None:
    rising = stream.step([Post("buy", 5_000_000 + number, 77) for number in range(400)])
    assert listed(rising) == []
    assert held_back(rising) == [("buy", "copies")]
    assert (rising.held_back[0].authors, rising.held_back[0].texts) == (400, 1)


def test_many_accounts_with_too_little_text_to_compare_move_nothing(stream: Stream) -> None:
    for minute in range(4):
        rising = stream.step([Post("buy", 5_000_000 + minute * 100 + number, None) for number in range(100)])
        assert listed(rising) == []
        assert held_back(rising) == [("buy", "copies")]
    # They count as four texts.
    assert (rising.held_back[0].authors, rising.held_back[0].texts) == (400, 4)


@pytest.mark.parametrize("facets", [[EN], [EN, DE, JA]], ids=["one language", "three languages"])
def test_a_leader_that_accounts_without_text_hijack_is_as_before(stream: Stream, facets: list[Facet]) -> None:
    rows = [Post("leader-en", 5_000_000 + number, None, facets[number % len(facets)]) for number in range(400)]
    assert listed(stream.step(rows)) == []


def test_a_hashtag_of_pictures_is_as_usual_if_it_always_has_so_many() -> None:
    stream = Stream()
    lists = []
    for minute in range(90):
        rows = [Post("photo", minute * 100 + number, None, (EN, DE)[number % 2]) for number in range(30)]
        lists.append(listed(stream.step(rows)))
    assert lists[40:] == [[]] * 50


def test_copies_are_held_back_although_some_answer_them(stream: Stream) -> None:
    rising = stream.step([*people("buy", 0, 12), *(Post("buy", 5_000_000 + number, 77) for number in range(400))])
    assert listed(rising) == []
    assert held_back(rising) == [("buy", "copies")]


def test_a_campaign_with_twenty_texts_is_held_back_from_its_beginning(stream: Stream) -> None:
    for minute in range(10):
        # Each of the texts comes every second minute.
        rows = [Post("buy", 5_000_000 + minute * 12 + part, (part * 7) % 10 + minute % 2 * 10) for part in range(12)]
        rising = stream.step(rows)
        assert listed(rising) == []
        assert held_back(rising) == [("buy", "copies")]


def test_a_rise_that_copies_take_over_leaves_the_list(stream: Stream) -> None:
    assert listed(stream.step(people("buy", 0, 20))) == [["buy"]]
    rising = stream.step([Post("buy", 5_000_000 + number, 77) for number in range(400)])
    assert listed(rising) == []


def test_a_leader_that_a_few_accounts_hijack_is_as_before(stream: Stream) -> None:
    each = [Post("leader-en", 5_000_000 + number, post * 4 + number) for number in range(4) for post in range(150)]
    assert listed(stream.step(each)) == []


def test_people_who_talk_with_each_other_are_no_rise(stream: Stream) -> None:
    for minute in range(5):
        rising = stream.step([Post("chat", 5_000_000 + post % 12, minute * 100 + post) for post in range(24)])
        assert listed(rising) == []
    assert held_back(rising) == [("chat", "few people")]


def test_a_feed_is_no_rise(stream: Stream) -> None:
    for minute in range(60):
        assert (
            listed(stream.step([Post("weather", 5_000_000 + part % 2, minute * 10 + part) for part in range(4)])) == []
        )


def test_accounts_that_post_each_minute_are_usual_in_each_minute() -> None:
    stream = Stream(pane_ms=10_000)

    def rows() -> list[Post]:
        first = stream.now_ms % MINUTE_MS == 0
        return [Post("clock", 5_000_000 + number, stream.now_ms + number) for number in range(20 if first else 0)]

    for _ in range(40 * 6):
        stream.learn(rows())
    assert [listed(stream.step(rows())) for _ in range(10 * 6)] == [[]] * 60


def _times(factor: int, *facets: Facet) -> dict[Facet, int]:
    return dict.fromkeys(facets, factor)


def test_everything_doubled_is_no_rise(stream: Stream) -> None:
    assert [listed(stream.step(times=_times(2, *FACETS))) for _ in range(30)] == [[]] * 30


def test_a_language_with_four_times_its_posts_is_no_rise(stream: Stream) -> None:
    assert [listed(stream.step(times=_times(4, DE))) for _ in range(30)] == [[]] * 30


def test_a_source_that_was_away_is_no_rise(stream: Stream) -> None:
    lists = [listed(stream.step(times=_times(0, JA))) for _ in range(40)]
    lists += [listed(stream.step()) for _ in range(40)]
    assert lists == [[]] * 80


@pytest.mark.parametrize("with_empty_panes", [True, False])
def test_an_outage_with_a_catch_up_is_no_rise(stream: Stream, with_empty_panes: bool) -> None:
    if with_empty_panes:
        lists = [listed(stream.step(times=_times(0, *FACETS))) for _ in range(20)]
    else:
        stream.skip(20 * MINUTE_MS)
        lists = []
    # Twenty minutes of posts come in one.
    lists.append(listed(stream.step(times=_times(20, *FACETS))))
    lists += [listed(stream.step()) for _ in range(40)]
    assert lists == [[]] * len(lists)


@pytest.mark.parametrize("facet", [("nostr", "en"), ("bluesky", "uk")], ids=["source", "language"])
def test_a_new_facet_is_new_and_does_not_rise(stream: Stream, facet: Facet) -> None:
    stream.more = {facet: 60}
    assert [listed(stream.step()) for _ in range(60)] == [[]] * 60
    # Then it has a voice.
    assert listed(stream.step(people("quake", 0, 10, facet))) == [["quake"]]


@pytest.mark.parametrize("early_ms", [-40 * MINUTE_MS, 0, 40 * MINUTE_MS], ids=["late", "same time", "early"])
def test_a_habit_of_each_day_is_no_rise(early_ms: int) -> None:
    stream = Stream(pane_ms=WINDOW_MS)
    stream.warm(2 * HOUR_MS)
    first = [listed(stream.step(people("lunch", 100 * part, 60))) for part in range(4)]
    assert first[0] == [["lunch"]]
    stream.skip(DAY_MS - 2 * HOUR_MS - 4 * WINDOW_MS - early_ms)
    stream.warm(2 * HOUR_MS)
    assert [listed(stream.step(people("lunch", 100 * part, 70))) for part in range(4)] == [[]] * 4
    # At another time, it is a rise.
    stream.warm(4 * HOUR_MS)
    assert listed(stream.step(people("lunch", 100, 70))) == [["lunch"]]


def test_a_habit_of_each_week_is_no_rise() -> None:
    stream = Stream(pane_ms=WINDOW_MS)
    for day in range(8):
        stream.warm(HOUR_MS)
        monday = day % 7 == 0
        lists = [listed(stream.step(people("monday", 100 * part, 60 if monday else 0))) for part in range(4)]
        assert lists[0] == ([["monday"]] if day == 0 else [])
        stream.skip(DAY_MS - HOUR_MS - 4 * WINDOW_MS)


def test_what_came_more_than_a_week_ago_is_no_habit() -> None:
    stream = Stream(pane_ms=WINDOW_MS)
    for day in range(9):
        stream.warm(HOUR_MS)
        lists = [listed(stream.step(people("fair", 100 * part, 60 if day in {0, 8} else 0))) for part in range(4)]
        assert lists[0] == ([["fair"]] if day in {0, 8} else [])
        stream.skip(DAY_MS - HOUR_MS - 4 * WINDOW_MS)


def test_a_tag_of_many_languages_is_known_although_it_is_rare_in_each() -> None:
    stream = Stream()
    facets = [("bluesky", f"l{number}") for number in range(12)]
    stream.more = dict.fromkeys(facets, 10)
    # One post a minute, each in another language: five in a window, all languages together.
    lists = [listed(stream.step(people("world", minute * 10, 1, facets[minute % 12]))) for minute in range(90)]
    assert lists[40:] == [[]] * 50
    assert listed(stream.step(people("world", 5000, 4))) == []
    assert listed(stream.step(people("new", 6000, 9))) == [["new"]]
