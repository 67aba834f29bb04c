"""Views, time, panel, compare, themes and the wall, in a real browser."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import rows, settled, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream


def push(dashboard: Dashboard, stream: SampleStream) -> None:
    feeder.push(dashboard.url, TOKEN, stream.snapshot(int(time.time() * 1000)))


def first_tag(page: Page) -> str:
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    return str(rows(page)[0]["tag"])


def test_each_view_has_its_own_numbers_and_its_own_url(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit()
    for value, name in (("batch", "Just now"), ("total", "Since start"), ("window", "Last 5 minutes")):
        page.locator(f"#ranking input[value={value}]").check()
        expect(page.locator("#window-name")).to_have_text(name)
        # The window is named too: without a name, the page may open with Rising.
        assert f"view={value}" in page.url
    # Select by the displayed text: its counts change each second.
    english = page.locator("#filter option", has_text="English").text_content()
    page.locator("#filter").select_option(label=english)
    wait_until(page, "() => location.search === '?lang=en'")
    expect(page.locator("#window-posts")).not_to_have_text("0 posts")
    wanted = stream.snapshot(int(time.time() * 1000))["facets"]["lang"]["en"]["top"][0]["label"]
    wait_until(page, f"() => document.querySelector('#leaders tbody th').textContent === '#{wanted}'")
    page.reload()
    wait_until(page, f"() => document.querySelector('#leaders tbody th')?.textContent === '#{wanted}'")
    assert [row["mark"] for row in rows(page)] == [""] * 10


def test_ten_or_twenty_bars(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit()
    first_tag(page)
    page.locator("#top input[value='20']").check()
    wait_until(page, "() => document.querySelectorAll('#rows .row:not([inert])').length === 20")
    settled(page)
    assert len(rows(page)) == 20
    page.reload()
    wait_until(page, "() => document.querySelectorAll('#rows .row:not([inert])').length === 20")


def test_a_page_that_is_opened_later_displays_the_same(stream: SampleStream, visit: Callable[..., Page]) -> None:
    early, late = visit(), visit()
    assert first_tag(early) == first_tag(late)


def test_the_panel_of_a_tag_opens_by_keyboard_and_by_url(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit()
    tag = first_tag(page)
    page.locator("#rows .tag[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.textContent")
    assert second == rows(page)[1]["tag"]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text(tag)
    expect(page.locator("#tag-rank")).to_have_text("1")
    expect(page.locator("#tag-links a").first).to_have_attribute("rel", "noopener noreferrer")
    expect(page.locator("#window-curve .scatterlayer path.js-line")).to_have_count(1)
    expect(page.locator("#history-curve .scatterlayer path.js-line")).to_have_count(1)
    page.reload()
    expect(page.locator("#panel-title")).to_have_text(tag)
    page.locator("#panel-title").press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert "#/tag" not in page.url


def test_a_tag_that_never_led_says_so(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("#/tag/never-seen")
    expect(page.locator("#panel-status")).to_contain_text("never-seen")
    expect(page.locator("#panel-body")).to_be_hidden()


def test_at_most_five_tags_are_pinned_and_compared_as_curves(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit()
    first_tag(page)
    pins = page.locator("#rows .row:not([inert]) .pin:not([aria-pressed='true'])")
    for count in range(1, 6):
        pins.first.click()
        expect(page.locator("#compare")).to_have_text(f"Compare ({count})")
    expect(pins.first).to_be_disabled()
    page.locator("#compare").click()
    expect(page.locator("#panel-chips .chip")).to_have_count(5)
    expect(page.locator("#history-curve .scatterlayer path.js-line")).to_have_count(5)
    page.reload()
    expect(page.locator("#panel-chips .chip")).to_have_count(5)
    page.locator("#panel-chips .chip-remove").first.click()
    expect(page.locator("#panel-chips .chip")).to_have_count(4)
    # The first place stays free, so that the others have the same colours as before.
    assert re.findall(r"pin=([^&#]*)", page.url)[0] == ""
    assert page.url.count("pin=") == 5


def test_a_pause_freezes_the_bars_and_counts_newer_updates(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit()
    first_tag(page)
    page.locator("#pause").click()
    paused = page.locator("#window-range").text_content()
    for _ in range(3):
        push(dashboard, stream)
    expect(page.locator("#mode")).to_have_text("Paused · 3 newer updates")
    assert page.locator("#window-range").text_content() == paused
    expect(page.locator("#state-name")).to_have_text("Live")
    page.locator("#pause").click()
    expect(page.locator("#mode")).to_have_text("")
    assert "at=" not in page.url


def test_the_slider_displays_the_past_while_updates_arrive(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit(timezone_id="UTC")
    first_tag(page)
    expect(page.locator("#slider")).to_be_enabled()
    at_ms = stream.first_ms + 40 * feeder.PANE_MS
    page.locator("#slider").evaluate(
        "(slider, at_ms) => { slider.value = at_ms; slider.dispatchEvent(new Event('input')); }", at_ms + 3_000
    )
    clock = time.strftime("%H:%M:%S", time.gmtime(at_ms // 1000))
    expect(page.locator("#window-range")).to_contain_text(clock)
    push(dashboard, stream)
    expect(page.locator("#mode")).to_have_text("In the past · 1 newer update")
    expect(page.locator("#state-name")).to_have_text("Live")
    page.reload()
    expect(page.locator("#window-range")).to_contain_text(clock)
    page.locator("#pause").click()
    expect(page.locator("#window-name")).to_have_text("Last 5 minutes")


def test_a_time_that_is_not_stored_says_so_and_the_page_is_live(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("?at=1000")
    expect(page.locator("#mode")).not_to_have_text("")
    first_tag(page)
    assert "at=" not in page.url


def test_the_line_of_posts_per_second_begins_with_the_history(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit()
    # Two minutes, one point per second.
    wait_until(page, "() => document.querySelector('.rate-line .line').getAttribute('d')?.split('L').length === 120")


def test_on_a_phone_only_an_open_panel_is_reachable_by_keyboard(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("#/tag/worldcup", viewport={"width": 390, "height": 844})
    expect(page.locator("#panel-body")).to_be_visible()
    # The panel may have its numbers before the board has a row that can get the focus.
    first_tag(page)
    assert page.evaluate("document.querySelector('.timebar').inert && document.getElementById('board').inert")
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    assert not page.evaluate("document.querySelector('[inert]:not(.row)')")
    assert page.evaluate("document.activeElement.className") == "tag"


def test_the_table_replaces_the_bars(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit()
    first_tag(page)
    page.locator("#table-switch").click()
    expect(page.locator("#board")).to_be_hidden()
    assert page.locator("#leaders tbody tr").first.bounding_box() is not None
    page.reload()
    expect(page.locator("#board")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "background"), [("light", "rgb(251, 251, 249)"), ("dark", "rgb(14, 20, 19)")])
def test_both_themes(stream: SampleStream, visit: Callable[..., Page], scheme: str, background: str) -> None:
    page = visit(color_scheme=scheme)
    first_tag(page)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == background


def test_a_wall_is_large_dark_and_has_no_controls(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("?wall", viewport={"width": 1920, "height": 1080}, color_scheme="light")
    first_tag(page)
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(14, 20, 19)"
    for control in ("#ranking", "#filter", "#pause", "#slider", "#rows .pin"):
        expect(page.locator(control).first).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollHeight") <= 1080
    expect(page.locator("#window-range")).to_be_visible()


# The updates take seconds, and beside other tests some minutes.
@pytest.mark.timeout(900)
def test_heap_and_document_stay_flat_over_a_thousand_updates(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit()
    first_tag(page)
    devtools = page.context.new_cdp_session(page)

    def measure(updates: int) -> tuple[float, float]:
        posts = 0
        for _ in range(updates):
            body = stream.snapshot(int(time.time() * 1000))
            feeder.push(dashboard.url, TOKEN, body)
            posts = body["window"]["posts"]
        # The page may be behind with what it has received.
        expect(page.locator("#window-posts")).to_have_text(f"{posts:,} posts", timeout=60_000)
        page.evaluate("new Promise(requestAnimationFrame)")
        devtools.send("HeapProfiler.collectGarbage")
        heap_bytes = devtools.send("Runtime.getHeapUsage")["usedSize"]
        return heap_bytes, page.evaluate("document.getElementsByTagName('*').length")

    before_bytes, before_elements = measure(100)
    after_bytes, after_elements = measure(1_000)
    assert after_elements <= before_elements + 5
    assert after_bytes - before_bytes < 3_000_000
