from __future__ import annotations

import json
import re
from itertools import combinations

import pytest
from tests.dashboard.conftest import ROOT
from tests.dashboard.support.colour_vision import VISIONS, contrast, distance

from dashboard.page.figures import THEMES, Theme, bars, curves_picture, figures, lines, ranking_picture

SHEET = (ROOT / "dashboard/dashboard/static/styles/page.css").read_text(encoding="utf-8")
#: Texts, by what they stand on. `edge`, `bar` and the pins are no texts, but must be seen.
READ_ON = {
    "page": ("ink", "muted", "accent", "down", "alarm", "past"),
    "surface": ("ink", "muted", "accent"),
    "accent": ("page",),
    "past": ("on-past",),
}


def sheet(theme: str) -> dict[str, str]:
    """The colours of the style sheet, by the name of their custom property."""
    pairs = re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", SHEET)
    return {name: dark if theme == "dark" else light for name, light, dark in pairs}


@pytest.mark.parametrize("theme", THEMES)
def test_what_the_style_sheet_colours_is_read_and_seen(theme: str) -> None:
    colours = sheet(theme)
    for ground, texts in READ_ON.items():
        for text in texts:
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for shape in (*(colours[name] for name in ("edge", "bar", "accent", "past")), *THEMES[theme].pins):
        for ground in ("page", "surface"):
            assert contrast(shape, colours[ground]) >= 3, (shape, ground)


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_pins_and_bars_are_told_apart_by_every_eye(theme: Theme, vision: str) -> None:
    for one, other in combinations((*theme.pins, theme.bar), 2):
        assert distance(one, other, vision) >= 20, (one, other)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_texts_read_and_bars_and_curves_stand_out(theme: Theme) -> None:
    assert contrast(theme.ink, theme.page) >= 4.5
    assert contrast(theme.muted, theme.page) >= 4.5
    for colour in (theme.bar, *theme.pins):
        assert contrast(colour, theme.page) >= 3


def test_the_colours_are_those_of_the_style_sheet() -> None:
    light, dark = THEMES["light"], THEMES["dark"]
    for name in ("page", "ink", "muted", "line", "bar"):
        assert f"--{name}: light-dark({getattr(light, name)}, {getattr(dark, name)});" in SHEET


def test_the_bars_are_one_trace_that_the_page_fills() -> None:
    (trace,) = bars(10, THEMES["light"]).data
    assert (trace.type, trace.orientation, trace.cliponaxis) == ("bar", "h", True)
    assert (list(trace.x), list(trace.y)) == ([], [])


def test_the_axes_do_not_change_while_bars_move() -> None:
    layout = bars(10, THEMES["light"]).layout
    assert tuple(layout.xaxis.range) == (0, 1)
    assert tuple(layout.yaxis.range) == (10.5, 0.5)
    assert layout.template.layout.xaxis.fixedrange is True


def test_curves_begin_at_zero_and_break_where_nothing_is_known() -> None:
    drawn = lines(THEMES["dark"])
    assert drawn.layout.yaxis.rangemode == "tozero"
    assert drawn.data[0].connectgaps is False


def test_a_picture_of_bars_has_a_pattern_for_each_text_of_a_row_on_a_ground_of_its_own() -> None:
    theme = THEMES["dark"]
    layout = ranking_picture(theme).layout
    assert [text.name for text in layout.annotations] == ["rank", "tag", "posts", "share"]
    assert {text.x for text in layout.annotations} == {0, 1}
    assert (layout.paper_bgcolor, layout.title.font.color) == (theme.page, theme.ink)
    assert layout.height == layout.margin.t + layout.margin.b
    # What the longest tag may take leaves a bar to be seen.
    assert layout.width - layout.margin.l - layout.margin.r - layout.meta["label_px"] >= 300


def test_a_picture_of_curves_has_two_plots_with_axes_of_their_own() -> None:
    layout = curves_picture(THEMES["light"]).layout
    assert [text.name for text in layout.annotations] == ["window", "history", "gaps"]
    assert layout.yaxis.domain[0] > layout.yaxis2.domain[1]
    assert (layout.xaxis2.anchor, layout.yaxis2.anchor) == ("y2", "x2")
    assert layout.xaxis2.type == "linear"


@pytest.mark.parametrize(("top_n", "sizes"), [(10, [10, 20]), (5, [5, 10, 20]), (20, [10, 20])])
def test_the_page_gets_both_themes_and_how_to_move_them_as_plain_json(top_n: int, sizes: list[int]) -> None:
    given = json.loads(json.dumps(figures(top_n)))
    assert (given["top_n"], given["sizes"], given["transition_ms"]) == (top_n, sizes, 600)
    assert given["light"]["bars"]["layout"]["yaxis"]["range"] == [top_n + 0.5, 0.5]
    assert given["light"]["bars"]["data"][0]["marker"]["color"] == "#35a18d"
    assert len(given["dark"]["pins"]) == 5
    assert given["dark"]["pictures"].keys() == {"ranking", "curves"}
