"""Copied links, in a real browser."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from tests.dashboard.support.held_requests import HeldRequests
from tests.dashboard.support.page_content import displayed_rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream


def copied(page: Page, button: str) -> str:
    if page.locator("#save-menu").is_hidden():
        page.locator("#save-board").click()
    page.locator(button).click()
    expect(page.locator("#save-status")).to_have_text("Link copied.")
    return str(page.evaluate("navigator.clipboard.readText()"))


def test_a_link_to_this_moment_opens_the_same_page(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    at_ms = stream.first_ms + 40 * 10_000
    query = f"?top=20&at={at_ms + 3_000}&pin=worldcup&table#/tag/worldcup"
    seen = visit(query, permissions=["clipboard-read", "clipboard-write"])
    expect(seen.locator("#mode")).to_contain_text("In the past")
    link = copied(seen, "#save-moment")
    assert f"at={at_ms}&" in link
    for _ in range(2):
        dashboard.push({"Later": 9}, epoch=stream.epoch + 1)
    opened = visit(link.removeprefix(f"{dashboard.url}/"))
    expect(opened.locator("#mode")).to_contain_text("In the past")

    def looks(page: Page) -> list[Any]:
        expect(page.locator("#panel-title")).to_have_text("#WorldCup")
        cells = page.locator("#leaders tbody :is(th, td)").all_text_contents()
        states = [page.locator(button).get_attribute("aria-pressed") for button in ("#table-switch", "#panel-pin")]
        return [cells, states, page.locator("#window").text_content(), page.locator("#compare").text_content()]

    assert looks(opened) == looks(seen)
    assert len(opened.locator("#leaders tbody tr").all()) == 20


def test_a_link_to_a_live_moment_leads_to_the_newest_stored_window(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("?top=20", permissions=["clipboard-read", "clipboard-write"], timezone_id="UTC")
    displayed_rows(page, 20)
    stored_ms = stream.open_ms
    clock = time.strftime("%H:%M:%S", time.gmtime(stored_ms // 1000))
    page.locator("#save-board").click()
    expect(page.locator("#save-moment-note")).to_have_text(f"shows the window at {clock}")
    assert copied(page, "#save-moment").endswith(f"/?top=20&at={stored_ms}")
    assert copied(page, "#save-live").endswith("/?top=20")


def test_a_link_to_this_moment_is_of_the_last_opening(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("", timezone_id="UTC")
    displayed_rows(page)
    held = HeldRequests(page, "**/api/windows**", times=1).routes
    page.locator("#save-board").click()
    expect(page.locator("#save-moment-note")).to_have_text("Loading …")
    page.keyboard.press("Escape")
    expect(page.locator("#slider")).to_be_enabled()
    page.locator("#slider").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#mode")).to_contain_text("In the past")
    page.locator("#save-board").click()
    note = str(page.locator("#save-moment-note").text_content())
    assert note.startswith("shows the window at")
    with page.expect_response("**/api/windows**") as response:
        held[0].continue_()
    assert response.value.ok
    # What waits for it goes on before the next response.
    page.evaluate("fetch('/healthz').then((response) => response.text())")
    expect(page.locator("#save-moment-note")).to_have_text(note)


def test_a_view_without_history_has_only_a_live_link(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("?lang=es", permissions=["clipboard-read", "clipboard-write"])
    displayed_rows(page)
    page.locator("#save-board").click()
    expect(page.locator("#save-moment")).to_be_disabled()
    expect(page.locator("#save-moment-note")).to_have_text(
        "History is stored for the window of all posts and for Rising only."
    )
    assert copied(page, "#save-live").endswith("/?lang=es")


def test_a_browser_without_clipboard_displays_the_link(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit()
    displayed_rows(page)
    # Browsers have no clipboard on a page without TLS, except on localhost.
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.locator("#save-board").click()
    page.locator("#save-live").click()
    expect(page.get_by_role("textbox", name="Link")).to_have_value(page.url)
    assert page.evaluate("getSelection().toString()") == page.url


def test_a_time_that_is_not_stored_says_so_and_goes_live(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit(f"?at={stream.first_ms - 600_000}")
    expect(page.locator("#mode")).to_have_text("No history is stored for that time.")
    displayed_rows(page)
    assert "at=" not in page.url
