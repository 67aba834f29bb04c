from __future__ import annotations

import json

import pytest
from tests.dashboard.conftest import ROOT

from dashboard.figure import THEMES, Theme, bars, figures, lines


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_texts_read_and_bars_and_curves_stand_out(theme: Theme) -> None:
    assert contrast(theme.ink, theme.page) >= 4.5
    assert contrast(theme.muted, theme.page) >= 4.5
    for colour in (theme.bar, *theme.pins):
        assert contrast(colour, theme.page) >= 3


def test_the_colours_are_those_of_the_style_sheet() -> None:
    sheet = (ROOT / "dashboard/dashboard/static/page.css").read_text(encoding="utf-8")
    light, dark = THEMES["light"], THEMES["dark"]
    for name in ("page", "ink", "muted", "line", "bar"):
        assert f"--{name}: light-dark({getattr(light, name)}, {getattr(dark, name)});" in sheet


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


@pytest.mark.parametrize(("top_n", "sizes"), [(10, [10, 20]), (5, [5, 10, 20]), (20, [10, 20])])
def test_the_page_gets_both_themes_and_how_to_move_them_as_plain_json(top_n: int, sizes: list[int]) -> None:
    given = json.loads(json.dumps(figures(top_n)))
    assert (given["top_n"], given["sizes"], given["transition_ms"]) == (top_n, sizes, 600)
    assert given["light"]["bars"]["layout"]["yaxis"]["range"] == [top_n + 0.5, 0.5]
    assert given["light"]["bars"]["data"][0]["marker"]["color"] == "#35a18d"
    assert len(given["dark"]["pins"]) == 5
