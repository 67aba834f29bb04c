"""The layout: on each screen, in each mode, with forced colours and on paper."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import bars, settled, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

NO_MOTION = {"reduced_motion": "reduce"}
TOUCH = {"has_touch": True, "is_mobile": True, **NO_MOTION}
SCREENS = {
    "desktop": (1440, 900),
    "laptop": (1366, 768),
    "tablet": (820, 1180),
    "phone": (390, 844),
    "small phone": (320, 568),
    "phone on its side": (844, 390),
    "desktop at 200 %": (720, 450),
}
PLACES = """() => ["stage", "headings", "chart", "pause", "slider", "strip"].map((id) => {
  const {x, y, width, height} = document.getElementById(id).getBoundingClientRect();
  return id === "strip" ? [id, x, y + scrollY, width] : [id, ...(width ? [x, y + scrollY, width, height] : [])];
})"""
IS_GREEN = """(selector) => {
  const style = getComputedStyle(document.querySelector(selector));
  const green = (colour) => {
    const [red, green, blue, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
    return alpha > 0 && green > red + 30 && green > blue;
  };
  return [style.color, style.backgroundColor, style.borderTopColor].some(green);
}"""


def size(screen: str) -> dict[str, Any]:
    width, height = SCREENS[screen]
    return {"viewport": {"width": width, "height": height}, **(TOUCH if width < 900 else NO_MOTION)}


def push(dashboard: Dashboard, stream: SampleStream, **health: Any) -> None:
    feeder.push(dashboard.url, TOKEN, stream.snapshot(int(time.time() * 1000), **health))


def wait_for_page(page: Page) -> None:
    wait_until(page, "() => document.querySelectorAll('#rows .row:not([inert])').length >= 10")
    wait_until(page, "() => !document.getElementById('slider').disabled")
    settled(page)


@pytest.mark.parametrize("locale", ["en-GB", "es"])
@pytest.mark.parametrize("screen", SCREENS)
def test_no_mode_moves_the_board(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page], screen: str, locale: str
) -> None:
    page = visit(locale=locale, **size(screen))
    wait_for_page(page)
    live = page.evaluate(PLACES)
    page.locator("#pause").click()
    for _ in range(3):
        push(dashboard, stream)
    expect(page.locator("#mode")).to_contain_text("3")
    assert page.evaluate(PLACES) == live
    page.locator("#slider").evaluate("(slider) => { slider.stepDown(20); slider.dispatchEvent(new Event('input')); }")
    expect(page.locator("body")).to_have_attribute("data-mode", "past")
    assert page.evaluate(PLACES) == live
    page.locator("#pause").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "live")
    assert page.evaluate(PLACES) == live


def test_only_the_live_state_is_green(dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit(**NO_MOTION)
    wait_for_page(page)
    is_green = f"() => ({IS_GREEN})('.state .mark')"
    # Only an update of the last ten seconds is live. The browser may have needed as long for the page.
    push(dashboard, stream)
    wait_until(page, is_green)
    expect(page.locator("#meanwhile")).to_be_hidden()
    page.locator("#pause").click()
    for mode in ("paused", "past"):
        push(dashboard, stream)
        expect(page.locator("body")).to_have_attribute("data-mode", mode)
        expect(page.locator(".state-line")).to_contain_text("Status now: Live")
        for part in (".state .mark", "#state-name", "#pause"):
            assert not page.evaluate(IS_GREEN, part), (mode, part)
        page.locator("#slider").press("PageDown")
    push(dashboard, stream)
    page.locator("#pause").click()
    expect(page.locator("#meanwhile")).to_be_hidden()
    wait_until(page, is_green)


@pytest.mark.parametrize(("window_seconds", "pane_seconds"), [(60, 10), (20, 1), (90, 10), (300, 10)])
def test_the_title_of_a_window_does_not_change_each_second(
    dashboard: Dashboard, visit: Callable[..., Page], window_seconds: int, pane_seconds: int
) -> None:
    page = visit(**NO_MOTION)
    page.evaluate(
        """() => { window.names = new Set(); window.spoken = [];
          const note = () => window.names.add(document.getElementById("window-name").textContent);
          const hear = () => window.spoken.push(document.getElementById("summary").textContent);
          const all = {childList: true, characterData: true, subtree: true};
          new MutationObserver(note).observe(document.getElementById("window-name"), all);
          new MutationObserver(hear).observe(document.getElementById("summary"), all); }"""
    )
    started_ms = int(time.time() * 1000) // (pane_seconds * 1000) * pane_seconds * 1000
    for second in range(pane_seconds + 2):
        at_ms = started_ms + second * 1000
        from_ms = at_ms // (pane_seconds * 1000) * pane_seconds * 1000 - (window_seconds - pane_seconds) * 1000
        body = feeder.snapshot({"one": 500, "two": 400}, at_ms, second + 1)
        body |= {"window_seconds": window_seconds, "pane_seconds": pane_seconds}
        body["window"] |= {"from_ms": from_ms, "to_ms": at_ms}
        body["total"] |= {"since_ms": at_ms - 1_000_000}
        feeder.push(dashboard.url, TOKEN, body)
        wait_until(page, f"() => document.querySelector('#leaders tbody tr') && {second} >= 0")
    wait_until(page, "() => window.names.size > 0 && window.spoken.length > 0")
    assert page.evaluate("window.names.size") == 1
    assert page.evaluate("window.spoken.filter((text) => text.includes('leads')).length") == 1


@pytest.mark.parametrize("width", [390, 360, 320])
def test_on_a_phone_the_bars_have_most_of_the_width_and_the_controls_one_line(
    stream: SampleStream, visit: Callable[..., Page], width: int
) -> None:
    page = visit("?top=20", viewport={"width": width, "height": 844}, **TOUCH)
    wait_for_page(page)
    assert bars(page)[0]["width"] >= 0.7 * width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator(".controls").bounding_box()
    assert box is not None
    assert box["height"] <= 844 / 6
    for name in ("rank", "tag", "posts", "pin"):
        expect(page.locator(f"#rows .row:not([inert]) .{name}").first).to_be_visible()


def test_a_phone_on_its_side_has_the_bars_beside_the_controls(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit(**size("phone on its side"))
    wait_for_page(page)
    assert bars(page)[0]["width"] >= 844 / 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 844
    controls, stage = page.locator(".controls").bounding_box(), page.locator("#stage").bounding_box()
    assert controls is not None
    assert stage is not None
    assert controls["height"] <= 390 / 6
    assert controls["x"] + controls["width"] <= stage["x"]
    assert stage["y"] < 30


@pytest.mark.parametrize("screen", ["phone", "small phone", "phone on its side", "desktop at 200 %"])
def test_the_menu_of_a_small_screen_has_the_other_controls(
    stream: SampleStream, visit: Callable[..., Page], screen: str
) -> None:
    page = visit("?pin=ai", **size(screen))
    wait_for_page(page)
    expect(page.locator("#filter")).to_be_hidden()
    page.locator("#more-switch").click()
    width, height = SCREENS[screen]
    for control in ("#filter", "#top", "#table-switch", "#compare", "#save-board", "#languages a"):
        page.locator(control).scroll_into_view_if_needed()
        box = page.locator(control).bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= width - box["width"], control
        assert 0 <= box["y"] <= height - box["height"], control
        assert box["height"] >= 44, control
    page.locator("#top label", has_text="20").click()
    wait_until(page, "() => document.querySelectorAll('#rows .row:not([inert])').length === 20")
    page.locator("#table-switch").click()
    expect(page.locator("#more")).to_be_hidden()
    expect(page.locator("#more-switch")).to_be_focused()
    expect(page.locator("#leaders tbody tr").first).to_be_visible()
    # When a panel that was opened from the menu closes, the menu's button gets the focus.
    page.locator("#more-switch").click()
    page.locator("#compare").click()
    expect(page.locator("#panel-title")).to_be_focused()
    expect(page.locator("#more")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator("#more-switch")).to_be_focused()


def test_the_menu_closes_when_the_screen_becomes_wide(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit(viewport={"width": 390, "height": 844}, **NO_MOTION)
    wait_for_page(page)
    page.locator("#more-switch").click()
    expect(page.locator("#filter")).to_be_visible()
    page.set_viewport_size({"width": 1440, "height": 900})
    expect(page.locator("#more-switch")).to_be_hidden()
    expect(page.locator("#filter")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.getElementById('more')).display") == "contents"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forced_colours_mark_what_is_selected(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page], scheme: str
) -> None:
    page = visit("?pin=worldcup", forced_colors="active", color_scheme=scheme, **NO_MOTION)
    wait_for_page(page)
    look = """(selector) => {
      const style = getComputedStyle(...selector);
      return [style.color, style.backgroundColor, style.borderTopColor, style.fill];
    }"""
    code = f"(texts) => ({look})([document.querySelector(texts[0]), texts[1]])"

    def seen(selector: str, pseudo: str | None = None) -> list[str]:
        found: list[str] = page.evaluate(code, [selector, pseudo])
        return found

    for group in ("ranking", "top"):
        assert seen(f"#{group} input:checked + span")[1] != seen(f"#{group} input:not(:checked) + span")[1]
    pressed, free = ".pin[aria-pressed=true]", ".row:not([inert]) .pin[aria-pressed=false]"
    page_colour = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert seen(pressed)[1] != seen(free)[1]
    assert seen(pressed, "::before")[1] != seen(pressed)[1]
    assert seen(free, "::before")[1] not in {page_colour, "rgba(0, 0, 0, 0)"}
    assert seen("#chart .bars path")[3] != page_colour
    assert seen(".state .mark")[1] not in {page_colour, "rgba(0, 0, 0, 0)"}
    before = seen("#table-switch")[1]
    page.locator("#table-switch").click()
    assert seen("#table-switch")[1] != before
    page.locator("#table-switch").click()
    # After ten seconds without an update the state would be another, with another mark.
    push(dashboard, stream)
    expect(page.locator("#state-name")).to_have_text("Live")
    before = seen("#pause")[1]
    page.locator("#pause").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "paused")
    assert seen("#pause")[1] != before
    assert seen(".state .mark")[1] in {page_colour, "rgba(0, 0, 0, 0)"}


@pytest.mark.parametrize("query", ["?top=20", "?table", "?top=20&pin=ai#/tag/worldcup", "?wall&top=20", "?at={past}"])
def test_a_printed_page_is_one_page_with_heading_and_table(
    stream: SampleStream, visit: Callable[..., Page], query: str
) -> None:
    page = visit(query.format(past=stream.first_ms + 40 * feeder.PANE_MS), color_scheme="dark", **NO_MOTION)
    wait_until(page, "() => document.querySelectorAll('#leaders tbody tr').length >= 10")
    pages = page.pdf(format="A4").count(b"/Type /Page\n")
    assert pages == 1
    page.emulate_media(media="print")
    for part in ("h1", "#window-name", "#window-range", "#leaders tbody tr >> nth=9"):
        expect(page.locator(part)).to_be_visible()
    for part in (".controls", "#board", ".timebar", "#panel", ".state"):
        expect(page.locator(part)).to_be_hidden()
    look = "() => { const style = getComputedStyle(document.querySelector('#leaders tbody th')); return style.color; }"
    assert page.evaluate(look) == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
