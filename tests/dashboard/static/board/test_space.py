"""The space of each screen is used: for long tags, for all rows, and without blank lines."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import EPOCH, TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import bars, wait_for_rows, wait_until
from tests.dashboard.support.sample_stream import SampleStream, with_people

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TOUCH = {"has_touch": True, "is_mobile": True}
CUT_TAGS = """() => [...document.querySelectorAll("#rows .row:not([inert]) .tag")]
  .filter((tag) => tag.scrollWidth > tag.clientWidth).map((tag) => [tag.textContent, tag.title])"""


def fill(dashboard: Dashboard, longest: str) -> None:
    dashboard.push({longest: 2000, **{tag: 1000 - 30 * place for place, tag in enumerate(feeder.TAGS)}})


@pytest.mark.parametrize(
    ("width", "height", "letters", "bar_px"), [(1440, 900, 45, 230), (1366, 768, 40, 230), (820, 1180, 24, 130)]
)
def test_a_long_tag_gets_space_from_the_bars(
    dashboard: Dashboard, visit: Callable[..., Page], width: int, height: int, letters: int, bar_px: int
) -> None:
    page = visit(viewport={"width": width, "height": height}, reduced_motion="reduce")
    tag = ("averylonghashtagthatpeoplereallydowrite" * 2)[:letters]
    fill(dashboard, tag)
    wait_for_rows(page)
    assert page.evaluate(CUT_TAGS) == []
    assert bars(page)[0]["width"] >= bar_px
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    longer = tag * 4
    fill(dashboard, longer)
    expect(page.locator("#rows .row:not([inert]) .tag", has_text=longer)).to_have_count(1)
    wait_for_rows(page)
    # A tag that is cut off has its whole text in its title and, for screen readers, in its text.
    assert page.evaluate(CUT_TAGS) == [[f"#{longer}", f"#{longer}"]]
    assert bars(page)[0]["width"] >= bar_px
    # Its space stays free for a while, since it may come back.
    fill(dashboard, "short")
    expect(page.locator("#rows .row:not([inert]) .tag", has_text="#short")).to_have_count(1)
    wait_for_rows(page)
    assert bars(page)[0]["width"] < 0.3 * width


@pytest.mark.parametrize("locale", ["en-GB", "es"])
@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1440, 900), (1280, 800)])
def test_twenty_rows_need_no_scrolling(
    stream: SampleStream, visit: Callable[..., Page], width: int, height: int, locale: str
) -> None:
    page = visit("?top=20", viewport={"width": width, "height": height}, locale=locale, reduced_motion="reduce")
    wait_for_rows(page, 20)
    assert page.evaluate("document.documentElement.scrollHeight") <= height
    row_px = page.evaluate("document.querySelector('#rows .row').getBoundingClientRect().height")
    assert row_px >= 20
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('#rows .row')).fontSize)") >= 13


@pytest.mark.parametrize("locale", ["en-GB", "es"])
def test_a_tablet_has_its_controls_in_one_line(stream: SampleStream, visit: Callable[..., Page], locale: str) -> None:
    page = visit(viewport={"width": 820, "height": 1180}, locale=locale, **TOUCH)
    wait_for_rows(page)
    tops = page.evaluate(
        """() => [...document.querySelectorAll(".controls :is(fieldset, select, button, a)")]
          .filter((one) => one.checkVisibility()).map((one) => Math.round(one.getBoundingClientRect().top))"""
    )
    assert len(tops) >= 7
    assert len(set(tops)) == 1


@pytest.mark.parametrize("locale", ["en-GB", "en-US", "es"])
@pytest.mark.parametrize("width", [390, 430, 360])
def test_a_phone_has_no_blank_line_and_no_part_moves(
    stream: SampleStream, visit: Callable[..., Page], width: int, locale: str
) -> None:
    page = visit(viewport={"width": width, "height": 844}, locale=locale, reduced_motion="reduce", **TOUCH)
    wait_for_rows(page)
    wait_until(page, "() => !document.getElementById('slider').disabled")
    places = """() => ["window", "stage", "slider", "strip"].map((id) => {
      const {x, y, width} = document.getElementById(id).getBoundingClientRect();
      return [id, x, y + scrollY, width];
    })"""
    live = page.evaluate(places)
    below = """() => {
      const text = document.createRange();
      text.selectNodeContents(document.getElementById("window-sources"));
      return document.getElementById("stage").getBoundingClientRect().top - text.getBoundingClientRect().bottom;
    }"""
    assert page.evaluate(below) < 24
    strip, slider = page.locator("#strip").bounding_box(), page.locator("#slider").bounding_box()
    assert strip is not None
    assert slider is not None
    assert strip["y"] - slider["y"] - slider["height"] < 56
    page.locator("#pause").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "paused")
    assert page.evaluate(places) == live


@pytest.mark.parametrize(
    ("width", "locale", "zone"),
    [
        (430, "en-US", "UTC"),
        (390, "en-GB", "UTC"),
        (390, "es", "UTC"),
        (430, "en-GB", "Asia/Kathmandu"),
        (1280, "en-GB", "UTC"),
    ],
)
def test_the_bars_stay_where_they_are_however_long_the_times_are(
    dashboard: Dashboard, visit: Callable[..., Page], width: int, locale: str, zone: str
) -> None:
    # Of another day: the times have their day.
    made = SampleStream(EPOCH + 58_000, panes=50)
    body = with_people({**made.snapshot(EPOCH + 58_000), "panes": made.closed_panes()})
    for pane in body["panes"]:
        pane["window"]["sources"] = ["bluesky", "mastodon"]
    feeder.push(dashboard.url, TOKEN, body)
    touch = TOUCH if width < 1000 else {}
    page = visit(
        "?view=window",
        viewport={"width": width, "height": 844},
        locale=locale,
        timezone_id=zone,
        reduced_motion="reduce",
        **touch,
    )
    wait_for_rows(page)
    wait_until(page, "() => !document.getElementById('slider').disabled")
    places = """() => ["stage", "slider"].map(
      (id) => document.getElementById(id).getBoundingClientRect().y + scrollY)"""
    live = page.evaluate(places)
    page.locator("#pause").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "paused")
    assert page.evaluate(places) == pytest.approx(live, abs=0.5)
    page.locator("#slider").press("ArrowLeft")
    expect(page.locator("body")).to_have_attribute("data-mode", "past")
    assert page.evaluate(places) == pytest.approx(live, abs=0.5)


@pytest.mark.parametrize("top", [10, 20])
def test_a_printed_page_has_bars_and_the_whole_date(stream: SampleStream, visit: Callable[..., Page], top: int) -> None:
    page = visit(f"?top={top}", timezone_id="UTC", reduced_motion="reduce")
    wait_for_rows(page, top)
    expect(page.locator("#print-time")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator("#print-time")).to_be_visible()
    expect(page.locator("#print-time")).to_have_text(re.compile(r"^\d+ \w+ 20\d\d, \d\d:\d\d:\d\d.* UTC$"))
    found: list[Any] = page.evaluate(
        """() => [...document.querySelectorAll("#leaders tbody tr")].map((row) => {
          const {width, borderTopWidth} = getComputedStyle(row.cells[1], "::after");
          return [parseFloat(width), parseFloat(borderTopWidth), Number(row.cells[2].textContent.replace(/\\D/g, ""))];
        })"""
    )
    assert len(found) == top
    longest, _, most = found[0]
    assert longest > 100
    for length, thick, posts in found:
        assert thick >= 4
        assert abs(length / longest - posts / most) < 0.01


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_more_contrast_applies_to_the_bars_too(stream: SampleStream, visit: Callable[..., Page], scheme: str) -> None:
    page = visit(contrast="more", color_scheme=scheme, reduced_motion="reduce")
    wait_for_rows(page)
    ratio = """(selectors) => {
      const light = (colour) => {
        const parts = colour.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
        const [r, g, b] = parts.map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      };
      const page = light(getComputedStyle(document.documentElement).backgroundColor);
      return selectors.map(([selector, name]) => {
        const own = light(getComputedStyle(document.querySelector(selector))[name]);
        return (Math.max(own, page) + 0.05) / (Math.min(own, page) + 0.05);
      });
    }"""
    parts = [["#chart .bars path", "fill"], [".spark .line", "stroke"], [".pin", "color"], [".window", "color"]]
    assert min(page.evaluate(ratio, parts)) >= 7
