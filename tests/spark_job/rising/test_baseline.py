"""What is expected, in exact numbers."""

import pytest
from tests.spark_job.support.rising_stream import DE, EN, FACETS, HOUR_MS, MINUTE_MS, WINDOW_MS, Stream, people

from spark_job.rising.rises import RisingTag


def expected_of(stream: Stream, key: str) -> RisingTag:
    (tag,) = [tag for topic in stream.step(people(key, 0, 200)).topics for tag in topic if tag.key == key]
    return tag


@pytest.fixture
def stream() -> Stream:
    stream = Stream()
    stream.warm(3 * HOUR_MS)
    return stream


def test_a_tag_is_expected_to_have_its_part_of_the_authors(stream: Stream) -> None:
    tag = expected_of(stream, "leader-en")
    # 12 of the 60 posts of a minute. The window has four usual minutes and the newest one. The authors of this rise
    # don't count: 60 of 300 authors are 60 for each 240 others, of whom there are 240, and 300 in the other facets.
    share, others = 60 / 300, 300
    plain = share * (300 + 200)
    everyone = 5 * sum(FACETS.values()) + 200
    assert everyone == 600 + 200
    assert others == 5 * (FACETS[DE] + 30)
    assert tag.voices == 60 + 200
    assert tag.expected == pytest.approx(plain * (everyone - 260) / (everyone - plain) + 0.5)


def test_what_is_expected_grows_with_its_facet_only(stream: Stream) -> None:
    for _ in range(5):
        stream.step(times={EN: 2})
    tag = expected_of(stream, "leader-de")
    # The pane has 30 usual authors of German and 60 of English. The rise is in English.
    assert (tag.voices, tag.leading.lang) == (30 + 200, "en")
    # 30 in a window, which the greater part of English does not lift.
    everyone = 60 * 2 * 4 + 60 + 200 + 150 + 150
    assert tag.expected == pytest.approx(30 * (everyone - 230) / (everyone - 30) + 0.5 * (everyone - 230) / 600)


def test_the_last_hour_counts_if_it_had_more(stream: Stream) -> None:
    for minute in range(70):
        stream.step(people("cup", minute * 100, 4))
    ((tag,),) = [topic for topic in stream.step(people("cup", 9_000, 60)).topics if topic[0].key == "cup"]
    # 20 in a window and 320 authors there, in the hour that ended ten minutes ago.
    plain = 20 / 320 * (300 + 16 + 60)
    everyone = 600 + 76
    assert tag.expected == pytest.approx(plain * (everyone - 76) / (everyone - plain) + 0.5)


def test_a_rise_is_not_its_own_baseline(stream: Stream) -> None:
    expected = []
    for minute in range(9):
        for topic in stream.step(people("quake", minute * 100, 20)).topics:
            expected += [tag.expected for tag in topic if tag.key == "quake"]
    assert expected == [0.5] * 9


def test_the_beginning_is_the_minute_from_which_on_there_were_more(stream: Stream) -> None:
    begin_ms = stream.now_ms
    for minute in range(1, 4):
        rising = stream.step(people("leader-en", minute * 100, 60))
    ((tag,),) = rising.topics
    assert tag.since_ms == begin_ms
    assert stream.now_ms - begin_ms == 3 * MINUTE_MS < WINDOW_MS
