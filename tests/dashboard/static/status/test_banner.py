"""An alarm moves no part of the board, and covers no text and no control."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import settled, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

TOUCH = {"has_touch": True, "is_mobile": True}
SCREENS: dict[str, tuple[str, int, int, dict[str, Any]]] = {
    "desktop": ("", 1440, 900, {}),
    "desktop with 20 bars": ("?top=20", 1440, 900, {}),
    "Spanish desktop": ("", 1440, 900, {"locale": "es"}),
    "laptop": ("?top=20", 1366, 768, {}),
    "tablet": ("", 820, 1180, TOUCH),
    "phone": ("", 390, 844, TOUCH),
    "small phone": ("", 320, 568, TOUCH),
    "phone on its side": ("", 844, 390, TOUCH),
    "wall": ("?wall", 1920, 1080, {}),
    "upright wall": ("?wall&top=20", 1080, 1920, {}),
    "embed": ("?embed", 480, 420, {}),
    "forced colours": ("", 1440, 900, {"forced_colors": "active"}),
}
PLACES = """() => ["#stage", "#rows", "#chart", "#headings", "#slider", "#pause", "#strip", "#window", ".controls",
  "#clock"].map((part) => {
  const {x, y, width, height} = document.querySelector(part).getBoundingClientRect();
  return [part, x, y, width, part === "#strip" ? 0 : height];
})"""
COVERED = """() => {
  const banner = document.getElementById("banner").getBoundingClientRect();
  const parts = "#window > *, #clock, #open-full, .controls :is(button, input, select), #headings > *, #slider, "
    + ".row:not([inert])";
  return [...document.querySelectorAll(parts)].filter((one) => one.checkVisibility()).filter((one) => {
    const {left, top, right, bottom} = one.getBoundingClientRect();
    return right > left && left < banner.right && right > banner.left && top < banner.bottom && bottom > banner.top;
  }).map((one) => one.id || one.className);
}"""
LONG = "401 " + "the key that was given is not the key of this account " * 4


def push(dashboard: Dashboard, stream: SampleStream, error: str | None = None) -> None:
    at_ms = int(time.time() * 1000)
    if error is None:
        feeder.push(dashboard.url, TOKEN, stream.snapshot(at_ms))
        return
    names = ("bluesky", "mastodon")
    sources = [feeder.source(name=name, terms=[], state="refused", error=error) for name in names]
    health = feeder.health(at_ms, sources)
    health["ingest"]["status"]["track_error"] = "line 1: the term is empty"
    feeder.push(dashboard.url, TOKEN, stream.snapshot(at_ms, **health))


@pytest.mark.parametrize("error", ["401 no", LONG], ids=["short", "long"])
@pytest.mark.parametrize("screen", SCREENS)
def test_an_alarm_moves_no_part_and_covers_no_control(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page], screen: str, error: str
) -> None:
    query, width, height, options = SCREENS[screen]
    page = visit(query, viewport={"width": width, "height": height}, reduced_motion="reduce", **options)
    push(dashboard, stream)
    wait_until(page, "() => document.querySelectorAll('#rows .row:not([inert])').length >= 10")
    settled(page)
    before = page.evaluate(PLACES)
    # Under the pointer, the banner displays its whole text. Some browsers begin with the pointer in the corner.
    page.mouse.move(width / 2, height - 1)
    push(dashboard, stream, error)
    expect(page.locator("#banner")).to_be_in_viewport(ratio=1)
    expect(page.locator("#banner-more")).to_be_in_viewport(ratio=1)
    assert page.evaluate(PLACES) == before
    assert page.evaluate(COVERED) == []
    push(dashboard, stream)
    expect(page.locator("#banner")).to_be_hidden()
    assert page.evaluate(PLACES) == before


def test_the_controls_work_during_an_alarm(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit()
    push(dashboard, stream, LONG)
    expect(page.locator("#banner")).to_be_visible()
    page.locator("#ranking input").last.check()
    page.locator("#top label", has_text="20").click()
    wait_until(page, "() => document.querySelectorAll('#rows .row:not([inert])').length === 20")
    # After ten seconds without an update the banner would say that instead.
    push(dashboard, stream, LONG)
    # The whole text is displayed while the pointer or the focus is on the banner.
    cut = (
        "() => { const text = document.querySelector('#banner p'); return text.scrollHeight > text.clientHeight + 1; }"
    )
    wait_until(page, cut)
    page.locator("#banner").focus()
    assert not page.evaluate(cut)
    page.locator("#help-open").focus()
    assert page.evaluate(cut)
    page.locator("#banner").hover()
    assert not page.evaluate(cut)


def test_a_wall_displays_an_alarm_once(dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("?wall", viewport={"width": 1920, "height": 1080})
    push(dashboard, stream, "401 no")
    expect(page.locator("#banner-sentence")).to_have_text("bluesky rejected the connection: 401 no.")
    seen = """() => [...document.querySelectorAll("body *")].filter((one) => !one.children.length
      && one.checkVisibility({visibilityProperty: true}) && !one.closest(".visually-hidden")
      && one.textContent.includes("401 no")).length"""
    assert page.evaluate(seen) == 1
    push(dashboard, stream)
    expect(page.locator("#state-name")).to_be_visible()
