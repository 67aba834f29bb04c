"""What the bars of a snapshot show."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from hashtags.chart.bars import NO_BAR, axis_end, bars
from hashtags.chart.colours import PALETTE, Colours
from hashtags.chart.shown import html, plain
from hashtags.chart.words import words_of
from hashtags.errors import StreamError
from hashtags.leader import Leader
from hashtags.snapshot import Snapshot
from hashtags.view import View

TO = datetime(2026, 11, 20, 14, 2, 5, tzinfo=timezone.utc)


def snapshot(posts: dict[str, int], number: int = 1, **view: str) -> Snapshot:
    """A snapshot with these posts, the most first; each person wrote two of them."""
    order = sorted(posts.items(), key=lambda item: (-item[1], item[0]))
    leaders = tuple(
        Leader(rank, label.casefold(), label, count, count // 2, None, None, None)
        for rank, (label, count) in enumerate(order, start=1)
    )
    start = TO - timedelta(minutes=5)
    return Snapshot(View(**view), start, TO, sum(posts.values()), None, leaders, (1, number), {})


def test_the_leader_is_the_first_row_and_missing_rows_are_empty() -> None:
    shown = bars(snapshot({"b": 5, "a": 1200}), 4, Colours())
    assert shown.labels == ("#a", "#b", "", "")
    assert shown.lengths == (1200, 5, 0, 0)
    assert shown.texts == ("1,200", "5", "", "")
    assert shown.colours == (PALETTE[0], PALETTE[1], NO_BAR, NO_BAR)
    assert shown.title == "13:57:05 – 14:02:05 UTC · 1,205 posts"


def test_by_people_the_bars_are_people() -> None:
    shown = bars(snapshot({"a": 1200}, by="people"), 1, Colours())
    assert (shown.lengths, shown.texts) == ((600,), ("600",))


def test_in_spanish_words_and_numbers_are_spanish() -> None:
    shown = bars(snapshot({"a": 12_000, "b": 1200}), 2, Colours(), words_of("es"))
    assert shown.title == "13:57:05 – 14:02:05 UTC · 13.200 mensajes"
    assert shown.texts == ("12.000", "1200")
    assert shown.hovers == ("#a<br>12.000 mensajes<br>6000 personas", "#b<br>1200 mensajes<br>600 personas")


def test_a_language_that_a_chart_does_not_speak_is_one_sentence() -> None:
    with pytest.raises(StreamError, match=r"^A chart speaks en or es, not 'fr'\.$"):
        words_of("fr")


def test_text_of_a_post_is_never_markup() -> None:
    shown = bars(snapshot({"<b>x</b>&": 2}), 1, Colours())
    assert shown.labels == ("#&lt;b&gt;x&lt;/b&gt;&amp;",)
    assert "<b>" not in shown.hovers[0]
    assert "<b>" not in html(shown, None)


def test_a_long_hashtag_is_cut() -> None:
    (label,) = bars(snapshot({"a" * 60: 2}), 1, Colours()).labels
    assert len(label) == 28
    assert label.endswith("…")


def test_a_hashtag_keeps_its_colour_when_it_moves_and_gives_it_back_when_it_leaves() -> None:
    colours = Colours()
    assert colours.of(["a", "b"]) == [PALETTE[0], PALETTE[1]]
    assert colours.of(["b", "a", "c"]) == [PALETTE[1], PALETTE[0], PALETTE[2]]
    assert colours.of(["d", "b", "c"]) == [PALETTE[0], PALETTE[1], PALETTE[2]]


def test_each_bar_has_a_colour_of_its_own_as_far_as_there_are_enough() -> None:
    keys = [f"tag{number}" for number in range(2 * len(PALETTE))]
    given = Colours().of(keys)
    assert [given.count(colour) for colour in PALETTE] == [2] * len(PALETTE)


@pytest.mark.parametrize(
    ("longest", "end"), [(0, 1.5), (1, 1.5), (10, 15), (88, 100), (95, 150), (310, 400), (950, 1500)]
)
def test_the_axis_ends_a_little_behind_the_longest_bar(longest: int, end: float) -> None:
    assert axis_end(longest) == end


def test_the_axis_stays_while_the_leader_grows_a_little() -> None:
    assert len({axis_end(posts) for posts in range(300, 340)}) == 1


def test_where_no_figure_can_be_drawn_the_bars_are_text() -> None:
    shown = bars(snapshot({"b": 50, "a": 100}), 3, Colours())
    assert plain(shown, "the connection is lost, trying again").splitlines() == [
        "13:57:05 – 14:02:05 UTC · 150 posts",
        "the connection is lost, trying again",
        f"      100 {'█' * 27} #a",
        f"       50 {'█' * 13} #b",
    ]
