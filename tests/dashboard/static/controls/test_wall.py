"""The wall display: everything is visible at any size, a clock, a QR code, a screen that stays on, and full screen."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN, Dashboard
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import bars, settled, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page
    from tests.dashboard.support.sample_stream import SampleStream

SIZES = [(1920, 1080), (3840, 2160), (1280, 720), (1080, 1920), (1366, 768), (800, 480)]
WAKE_LOCK = """window.locks = [];
window.visible = "visible";
Object.defineProperty(Document.prototype, "visibilityState", {get: () => window.visible});
Object.defineProperty(Navigator.prototype, "wakeLock", {value: {request: async (kind) => {
  const lock = {kind, released: false, release: async () => { lock.released = true; }};
  window.locks.push(lock);
  return lock;
}}});"""
PARTS_OUTSIDE = """() => {
  const parts = "h1, #window, #clock, .row:not([inert]) > *, #chart, .state-line, .facts > div, #qr, #qr svg";
  return [...document.querySelectorAll(parts)].filter((one) => one.checkVisibility()).filter((one) => {
    const {left, top, right, bottom} = one.getBoundingClientRect();
    return left < -0.5 || top < -0.5 || right > innerWidth + 0.5 || bottom > innerHeight + 0.5;
  }).map((one) => one.id || one.className);
}"""
CUT_TEXTS = """() => [...document.querySelectorAll(".row:not([inert]) > *")]
  .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
  .filter((one) => !(one.title === one.textContent && getComputedStyle(one).textOverflow === "ellipsis"))
  .map((one) => one.className)"""


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Dashboard]:
    """A dashboard with a public URL."""
    running = Dashboard(tmp_path, PUBLIC_URL="https://trends.example.org")
    yield running
    running.kill()


def open_wall(
    browser: Browser, dashboard: Dashboard, query: str = "?wall", width: int = 1920, height: int = 1080
) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height}, reduced_motion="reduce", locale="en-GB")
    page.goto(f"{dashboard.url}/{query}")
    return page


def fill(dashboard: Dashboard) -> None:
    tags = {tag: 1_000_000 - 30_000 * place for place, tag in enumerate(feeder.TAGS)}
    dashboard.push({"W" * 100: 2_000_000, "長" * 60: 1_900_000, **tags})


@pytest.mark.parametrize("top", [10, 20])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_everything_is_visible_and_the_bars_have_most_of_the_width(
    public: Dashboard, browser: Browser, width: int, height: int, top: int
) -> None:
    page = open_wall(browser, public, f"?wall&top={top}", width, height)
    fill(public)
    wait_until(page, f"() => document.querySelectorAll('#rows .row:not([inert])').length === {top}")
    expect(page.locator("#qr svg")).to_be_visible()
    settled(page)
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        width,
        height,
    ]
    assert page.evaluate(PARTS_OUTSIDE) == []
    assert page.evaluate(CUT_TEXTS) == []
    assert max(bar["width"] for bar in bars(page)) > 0.5 * width
    assert len(bars(page)) == top
    page.close()


def test_the_clock_has_the_viewers_time_zone_and_format(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    for locale, zone, pattern in (
        ("en-GB", "Asia/Tokyo", r"^\d\d:\d\d$"),
        ("en-US", "Asia/Tokyo", r"^\d\d?:\d\d\s[AP]M$"),
    ):
        page = visit("?wall", locale=locale, timezone_id=zone)
        expect(page.locator("#clock")).to_have_text(re.compile(pattern))
        # The clock goes on while the page loads, which takes seconds on a busy machine.
        page.clock.install(time="2026-11-28T15:59:20Z")
        page.reload()
        expect(page.locator("#clock")).to_have_text(re.compile("^(00:59|12:59)"))
        page.clock.fast_forward(41_000)
        expect(page.locator("#clock")).to_have_text(re.compile("^(01:00|1:00)"))
    expect(visit().locator("#clock")).to_be_hidden()


def test_the_qr_code_leads_to_the_page_and_has_a_text(public: Dashboard, browser: Browser) -> None:
    page = open_wall(browser, public, "?wall&top=20&locale=es")
    code = page.locator("#qr svg")
    expect(code).to_be_visible()
    expect(code).to_have_attribute("aria-label", "Código QR: https://trends.example.org/?top=20")
    expect(page.locator("#qr-address")).to_have_text("trends.example.org")
    read = """async (svg) => {
      const box = svg.viewBox.baseVal.width, scale = 8;
      const canvas = Object.assign(document.createElement("canvas"), {width: box * scale, height: box * scale});
      const paper = canvas.getContext("2d");
      paper.fillRect(0, 0, 0, 0);
      const {generate} = await import("/static/vendor/lean-qr-2.7.4.min.js");
      const wanted = generate("https://trends.example.org/?top=20");
      const drawn = new Path2D(svg.querySelector("path").getAttribute("d"));
      for (let y = 0; y < box; y += 1) for (let x = 0; x < box; x += 1) {
        if (paper.isPointInPath(drawn, x + 0.5, y + 0.5) !== wanted.get(x - 4, y - 4)) return `${x} ${y}`;
      }
      return wanted.size + 8 === box;
    }"""
    assert code.evaluate(read) is True
    page.close()


def test_there_is_no_qr_code_for_an_address_that_a_phone_cannot_open(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit("?wall")
    dashboard.push({"one": 1})
    expect(page.locator("#rows .row:not([inert])")).to_have_count(1)
    expect(page.locator("#qr")).to_be_hidden()


def test_the_screen_stays_on_while_the_wall_is_visible(dashboard: Dashboard, browser: Browser) -> None:
    page = browser.new_page()
    page.add_init_script(WAKE_LOCK)
    page.goto(f"{dashboard.url}/?wall")
    wait_until(page, "() => window.locks.length === 1")
    # The system releases the lock of a hidden page.
    page.evaluate(
        """() => { window.visible = "hidden"; window.locks[0].released = true;
          document.dispatchEvent(new Event("visibilitychange")); }"""
    )
    assert page.evaluate("window.locks.length") == 1
    page.evaluate("() => { window.visible = 'visible'; document.dispatchEvent(new Event('visibilitychange')); }")
    wait_until(page, "() => window.locks.length === 2")
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    assert page.evaluate("window.locks.map(({kind, released}) => [kind, released])") == [["screen", True]] * 2
    page.goto("about:blank")
    page.goto(dashboard.url)
    expect(page.locator("#fact-connection")).to_have_text("connected")
    assert page.evaluate("window.locks.length") == 0
    page.close()


@pytest.mark.parametrize(
    "lock", ["undefined", "{request: async () => { throw new DOMException('No.', 'NotAllowedError'); }}"]
)
def test_a_browser_without_a_wake_lock_causes_no_error(dashboard: Dashboard, browser: Browser, lock: str) -> None:
    page = browser.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.extend([message.text] if message.type == "error" else []))
    page.add_init_script(f"Object.defineProperty(Navigator.prototype, 'wakeLock', {{value: {lock}}})")
    page.goto(f"{dashboard.url}/?wall")
    expect(page.locator("#clock")).not_to_have_text("")
    assert problems == []
    page.close()


def test_full_screen_by_key_and_by_double_click(
    dashboard: Dashboard, visit: Callable[..., Page], stream: SampleStream
) -> None:
    page = visit("?wall", reduced_motion="reduce")
    hint = page.locator("#wall-hint")
    # It is visible for six seconds from the start, and a busy machine may need as long until the page is connected.
    page.reload(wait_until="commit")
    expect(hint).to_be_visible()
    page.keyboard.press("f")
    wait_until(page, "() => document.fullscreenElement === document.documentElement")
    expect(hint).to_be_hidden()
    page.keyboard.press("f")
    wait_until(page, "() => document.fullscreenElement === null")
    expect(hint).to_be_visible()
    expect(hint).to_be_hidden(timeout=15_000)
    page.mouse.move(300, 300)
    expect(hint).to_be_visible()
    # By now the page may say that nothing new comes, above the heading.
    feeder.push(dashboard.url, TOKEN, stream.snapshot(int(time.time() * 1000)))
    expect(page.locator("#banner")).to_be_hidden()
    page.locator("h1").dblclick()
    wait_until(page, "() => document.fullscreenElement === document.documentElement")
    other = visit()
    other.keyboard.press("f")
    assert other.evaluate("document.fullscreenElement") is None
    assert TOKEN not in other.content()
