"""What is on the list."""

import pytest
from tests.spark_job.support.rising_stream import (
    DE,
    EN,
    HOUR_MS,
    JA,
    MINUTE_MS,
    WINDOW_MS,
    Post,
    Stream,
    listed,
    people,
)

TEN_SECONDS_MS = 10_000


@pytest.fixture
def stream() -> Stream:
    stream = Stream()
    stream.warm(HOUR_MS)
    return stream


def test_a_new_tag_with_enough_voices_is_listed_with_its_numbers(stream: Stream) -> None:
    assert listed(stream.step(people("quake", 0, 6))) == []
    begin_ms = stream.now_ms - MINUTE_MS
    rising = stream.step(people("quake", 6, 6))
    ((tag,),) = rising.topics
    assert (tag.key, tag.posts, tag.authors, tag.voices, tag.since_ms) == ("quake", 12, 12, 12, begin_ms)
    # Nothing is known of it.
    assert (tag.expected, tag.times) == (0.5, 24)
    assert tag.score > 10
    assert (tag.new, tag.copies) == (True, 0.0)
    assert (tag.leading.source, tag.leading.source_part, tag.leading.lang, tag.leading.lang_part) == (
        "bluesky",
        1,
        "en",
        1,
    )


def test_a_sudden_rise_is_found_by_its_newest_minute() -> None:
    stream = Stream(pane_ms=TEN_SECONDS_MS)
    stream.warm(HOUR_MS)
    assert listed(stream.step(people("quake", 0, 4))) == []
    assert listed(stream.step(people("quake", 4, 4))) == [["quake"]]


def test_a_known_tag_that_multiplies_is_listed_as_known(stream: Stream) -> None:
    # 30 posts a minute, a fifth of them with this tag: 30 in a window.
    for minute in range(3):
        rising = stream.step(people("leader-de", minute * 30, 30, DE))
    ((tag,),) = rising.topics
    assert tag.key == "leader-de"
    assert (tag.voices, tag.new, tag.peak_voices) == (30 + 90, False, 30)
    assert tag.leading.lang == "de"


def test_a_steady_leader_that_doubles_is_listed() -> None:
    # 60 in a window; a doubled one is no surprise for a tag of which nothing is known.
    stream = Stream()
    stream.warm(6 * HOUR_MS)
    lists = [listed(stream.step(people("leader-en", minute * 18, 18))) for minute in range(10)]
    assert [["leader-en"]] in lists


def test_a_gradual_rise_is_found(stream: Stream) -> None:
    lists = [listed(stream.step(people("slow", minute * 100, minute // 5))) for minute in range(60)]
    assert lists[0] == []
    assert lists[-1] == [["slow"]]


def test_a_rise_in_one_language_is_found(stream: Stream) -> None:
    rising = stream.step(people("matsuri", 0, 9, JA))
    ((tag,),) = rising.topics
    assert (tag.leading.source, tag.leading.lang) == ("mastodon", "ja")


def test_a_rise_leaves_the_list_when_it_has_ended(stream: Stream) -> None:
    stream.step(people("quake", 0, 40))
    assert listed(stream.usual(WINDOW_MS - MINUTE_MS)) == [["quake"]]
    assert listed(stream.usual(MINUTE_MS)) == []


def test_a_rise_that_comes_again_hours_later_is_listed_again(stream: Stream) -> None:
    stream.step(people("quake", 0, 40))
    assert listed(stream.usual(2 * WINDOW_MS)) == []
    stream.warm(3 * HOUR_MS)
    ((tag,),) = stream.step(people("quake", 100, 40)).topics
    assert (tag.new, tag.peak_voices) == (False, 40)


def test_a_tag_does_not_flicker(stream: Stream) -> None:
    # 8 voices or more enter; fewer stay while they are at least 0.4 of the most.
    lists = [listed(stream.step(people("quake", minute * 10, 3 - minute % 3))) for minute in range(20)]
    first = lists.index([["quake"]])
    assert lists[first:] == [[["quake"]]] * (20 - first)


def test_tags_of_the_same_people_are_one_topic(stream: Stream) -> None:
    both = [*people("final", 0, 20), *people("cup", 0, 12), *people("quake", 500, 15)]
    assert listed(stream.step(both)) == [["final", "cup"], ["quake"]]


def test_the_most_surprising_comes_first_and_there_are_ten_topics(stream: Stream) -> None:
    extra = [post for number in range(12) for post in people(f"new{number:02}", 100 * number, 20 + number)]
    rising = stream.step(extra)
    assert listed(rising) == [[f"new{number:02}"] for number in range(11, 1, -1)]
    scores = [topic[0].score for topic in rising.topics]
    assert scores == sorted(scores, reverse=True)


def test_posts_without_author_are_voices_of_their_own(stream: Stream) -> None:
    rows = [Post("quake", None, 7_000_000 + number) for number in range(10)]
    assert listed(stream.step(rows)) == [["quake"]]


@pytest.mark.parametrize("many", [12, 20, 40, 200])
def test_a_rise_of_which_every_third_post_is_only_a_picture_counts_in_full(stream: Stream, many: int) -> None:
    rows = [Post("goal", 7_000_000 + number, None if number % 3 == 0 else number) for number in range(many)]
    ((tag,),) = stream.step(rows).topics
    assert (tag.key, tag.authors, tag.voices, tag.copies) == ("goal", many, many, 0.0)


def test_a_rise_of_pictures_is_listed_if_half_of_the_people_write_something(stream: Stream) -> None:
    rows = [Post("goal", 7_000_000 + number, None if number % 2 else number) for number in range(200)]
    ((tag,),) = stream.step(rows).topics
    assert (tag.key, tag.authors, tag.voices) == ("goal", 200, 100 + 50 + 4)


def test_the_first_people_of_a_rise_write_once(stream: Stream) -> None:
    first = people("quake", 0, 8)
    assert listed(stream.step([*first, Post("quake", first[0].author, 99)])) == []
    assert listed(stream.step(people("quake", 8, 2))) == [["quake"]]


def test_a_rise_begins_when_its_people_come_although_the_stream_has_become_busier(stream: Stream) -> None:
    for _ in range(2):
        # More of everything, also of the leader.
        stream.step(times={EN: 2, DE: 2, JA: 2})
    begin_ms = stream.now_ms
    ((tag,),) = stream.step(people("leader-en", 0, 150), times={EN: 2, DE: 2, JA: 2}).topics
    assert (tag.key, tag.since_ms) == ("leader-en", begin_ms)


def test_nothing_rises_when_nothing_happens() -> None:
    stream = Stream()
    lists = [listed(stream.step()) for _ in range(90)]
    assert lists == [[]] * len(lists)
