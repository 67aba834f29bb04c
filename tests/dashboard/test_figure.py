from __future__ import annotations

import json

import pytest

from dashboard.figure import THEMES, Theme, figure, figures, slot_count


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_labels_read_on_the_bar_and_beyond_it_and_bars_stand_out(theme: Theme) -> None:
    assert contrast(theme.ink, theme.bar) >= 4.5
    assert contrast(theme.ink, theme.page) >= 4.5
    assert contrast(theme.muted, theme.page) >= 4.5
    assert contrast(theme.bar, theme.page) >= 3


def test_ten_bars_have_twenty_slots_that_wait_out_of_sight() -> None:
    drawn = figure(10, THEMES["light"])
    (bars,) = drawn.data
    assert (bars.type, bars.orientation, bars.width) == ("bar", "h", 0.8)
    assert list(bars.x) == [0] * 20
    assert list(bars.y) == [22] * 20
    assert list(bars.text) == [""] * 20
    assert (bars.textposition, bars.insidetextanchor, bars.constraintext) == ("inside", "start", "none")
    assert bars.cliponaxis is True


@pytest.mark.parametrize(("top_n", "slots"), [(1, 20), (10, 20), (11, 22), (20, 40)])
def test_there_is_a_slot_for_every_bar_that_leaves_and_every_one_that_enters(top_n: int, slots: int) -> None:
    assert slot_count(top_n) == slots
    assert len(figure(top_n, THEMES["dark"]).data[0].x) == slots


def test_the_axes_never_change() -> None:
    layout = figure(10, THEMES["light"]).layout
    assert tuple(layout.xaxis.range) == (0, 1)
    assert tuple(layout.yaxis.range) == (10.5, 0.5)
    assert layout.template.layout.xaxis.fixedrange is True


def test_the_page_gets_both_themes_and_how_to_move_them_as_plain_json() -> None:
    given = json.loads(json.dumps(figures(5)))
    assert (given["top_n"], given["transition_ms"], given["parked_rank"]) == (5, 600, 22)
    assert given["light"]["layout"]["yaxis"]["range"] == [5.5, 0.5]
    assert given["light"]["data"][0]["marker"]["color"] == "#35a18d"
    assert given["dark"]["data"][0]["marker"]["color"] == "#1f7a6b"
