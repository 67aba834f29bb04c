"""Pause and past: each view is restored, whichever way leads back to live."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.held_requests import HeldRequests

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

VIEWS = {
    "": ("window", "All posts"),
    "?view=batch": ("batch", "All posts"),
    "?view=total": ("total", "All posts"),
    "?source=bluesky": ("window", "bluesky"),
    "?lang=es": ("window", "Spanish"),
}
WITHOUT_HISTORY = "so the page shows the window of all posts"


def selected_view(page: Page) -> tuple[str, str]:
    """The ranking and the filter that the controls display."""
    ranking = page.locator("#ranking input:checked").get_attribute("value")
    chosen = page.locator("#filter option:checked").text_content()
    assert ranking is not None
    assert chosen is not None
    return ranking, chosen.partition(" (")[0]


def state(page: Page) -> dict[str, Any]:
    """The displayed view, rows and window."""
    return {
        "view": selected_view(page),
        "rows": page.locator("#leaders tbody th").all_text_contents(),
        "window": page.locator("#window-name").text_content(),
    }


def state_in_mode(page: Page, mode: str) -> dict[str, Any]:
    expect(page.locator("body")).to_have_attribute("data-mode", mode)
    page.wait_for_selector("#leaders tbody tr")
    return state(page)


def step(dashboard: Dashboard, stream: SampleStream) -> None:
    """Push one more snapshot."""
    feeder.push(dashboard.url, TOKEN, stream.snapshot(int(time.time() * 1000)))


def pause(page: Page) -> None:
    page.locator("#pause").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "paused")


def go_into_the_past(page: Page) -> None:
    expect(page.locator("#slider")).to_be_enabled()
    page.locator("#slider").focus()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("body")).to_have_attribute("data-mode", "past")


def reload(page: Page) -> None:
    page.reload()


def open_a_panel_and_go_back(page: Page) -> None:
    page.locator("#rows .row:not([inert]) .tag").first.click()
    expect(page.locator("#panel")).to_be_visible()
    page.go_back()
    expect(page.locator("#panel")).to_be_hidden()


def go_forward_and_close(page: Page) -> None:
    open_a_panel_and_go_back(page)
    page.go_forward()
    expect(page.locator("#panel")).to_be_visible()
    page.locator("#panel-close").click()
    expect(page.locator("#panel")).to_be_hidden()


def leave_and_come_back(page: Page) -> None:
    page.goto("about:blank")
    page.go_back()


WAYS_BACK = [None, reload, open_a_panel_and_go_back, go_forward_and_close, leave_and_come_back]


@pytest.mark.parametrize("query", VIEWS)
@pytest.mark.parametrize("way", WAYS_BACK, ids=lambda way: way.__name__ if way else "stay")
@pytest.mark.parametrize("enter", [pause, go_into_the_past])
def test_back_to_live_restores_ranking_and_filter(
    dashboard: Dashboard,
    stream: SampleStream,
    visit: Callable[..., Page],
    query: str,
    way: Callable[[Page], None] | None,
    enter: Callable[[Page], None],
) -> None:
    page = visit(query)
    expect(page.locator("#filter option:checked")).to_contain_text(VIEWS[query][1])
    before = state_in_mode(page, "live")
    assert before["view"] == VIEWS[query]
    enter(page)
    paused = state(page)
    step(dashboard, stream)
    if way:
        way(page)
    reloaded = way in (reload, leave_and_come_back)
    mode = "paused" if enter is pause and not reloaded else "past"
    expect(page.locator("body")).to_have_attribute("data-mode", mode)
    page.wait_for_selector("#leaders tbody tr")
    if mode == "paused":
        # The paused rows and their view stay unchanged.
        assert state(page) == paused
        assert paused["view"] == VIEWS[query]
        expect(page.locator("#mode")).not_to_contain_text(WITHOUT_HISTORY)
    else:
        # The history has only the window of all posts. If the view was another, a sentence says why.
        expect(page.locator("#filter option:checked")).to_have_text("All posts")
        assert selected_view(page) == ("window", "All posts")
        expect(page.locator("#window-name")).to_have_text("5 min in the past")
        if query:
            expect(page.locator("#mode")).to_contain_text(WITHOUT_HISTORY)
        else:
            expect(page.locator("#mode")).not_to_contain_text(WITHOUT_HISTORY)
    page.locator("#pause").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "live")
    expect(page.locator("#filter option:checked")).to_contain_text(VIEWS[query][1])
    assert selected_view(page) == VIEWS[query]
    expect(page.locator("#window-name")).to_have_text(str(before["window"]))
    assert page.url.removeprefix(f"{dashboard.url}/") == query
    step(dashboard, stream)
    expect(page.locator("#mode")).to_have_text("")


@pytest.mark.parametrize("query", [query for query in VIEWS if query])
def test_the_link_of_a_paused_view_says_why_it_opens_another_view(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page], query: str
) -> None:
    page = visit(query)
    state_in_mode(page, "live")
    pause(page)
    address = page.url.removeprefix(f"{dashboard.url}/")
    opened = visit(address)
    expect(opened.locator("body")).to_have_attribute("data-mode", "past")
    name = {"batch": "Just now", "total": "Since start"}.get(
        VIEWS[query][0], f"{'Source' if 'source' in query else 'Language'}: {VIEWS[query][1]}"
    )
    expect(opened.locator("#mode")).to_contain_text(f"“{name}”")
    expect(opened.locator("#summary")).to_contain_text(f"“{name}”")
    # A reload changes nothing.
    opened.reload()
    expect(opened.locator("#mode")).to_contain_text(f"“{name}”")


@pytest.mark.parametrize("query", VIEWS)
def test_a_new_filter_in_the_past_goes_live(stream: SampleStream, visit: Callable[..., Page], query: str) -> None:
    page = visit(query)
    state_in_mode(page, "live")
    go_into_the_past(page)
    page.locator("#filter").select_option(label=str(page.locator("#filter option", has_text="Japanese").text_content()))
    expect(page.locator("body")).to_have_attribute("data-mode", "live")
    assert selected_view(page)[0] == "window"
    assert page.url.endswith("?lang=ja")


def test_a_pause_ignores_a_late_response_for_a_past_time(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("?view=total")
    state_in_mode(page, "live")
    page.route("**/api/windows**", lambda route: route.abort())
    expect(page.locator("#slider")).to_be_enabled()
    page.locator("#slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#mode")).to_have_text("The dashboard does not respond.")
    pause(page)
    assert selected_view(page) == ("total", "All posts")
    expect(page.locator("body")).to_have_attribute("data-mode", "paused")


def test_the_slider_stays_where_it_was_put_while_its_time_is_requested(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("?view=window")
    state_in_mode(page, "live")
    held = HeldRequests(page, "**/api/windows**", times=2).routes
    slider = page.locator("#slider")
    expect(slider).to_be_enabled()
    slider.focus()
    newest, step = slider.evaluate("(slider) => [Number(slider.max), Number(slider.step)]")
    for number in (1, 2):
        page.keyboard.press("ArrowLeft")
        # The page shows its state again each second.
        page.wait_for_timeout(1_500)
        assert slider.input_value() == str(newest - number * step)
    for route in held:
        route.continue_()
    expect(page.locator("body")).to_have_attribute("data-mode", "past")
    assert slider.input_value() == str(newest - 2 * step)
    page.locator("#pause").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "live")
    assert int(slider.input_value()) >= newest


def test_a_late_response_for_a_past_time_changes_nothing_of_the_address(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("?view=window")
    state_in_mode(page, "live")
    held = HeldRequests(page, "**/api/archive/leaders**").routes
    with page.expect_request("**/api/archive/leaders**"):
        page.goto(f"{page.url.partition('?')[0]}?view=window&at={stream.first_ms - 600_000}")
    pause(page)
    address = page.url
    leaders = [{"key": "old", "label": "Old", "posts": 3}]
    held[0].fulfill(json={"from_ms": 0, "to_ms": 3_600_000, "hours": 1, "posts": 3, "top": leaders})
    # Responses are handled in their order.
    page.evaluate("fetch('/healthz').then((response) => response.text())")
    assert page.url == address


def test_a_time_that_is_not_stored_opens_the_requested_view_live(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit(f"?view=total&at={stream.first_ms - 600_000}")
    expect(page.locator("#mode")).to_have_text("No history is stored for that time.")
    assert state_in_mode(page, "live")["view"] == ("total", "All posts")
    assert page.url == f"{dashboard.url}/?view=total"


def test_links_from_a_past_time_lead_to_the_displayed_view_or_the_live_view(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("?view=total", permissions=["clipboard-read", "clipboard-write"])
    state_in_mode(page, "live")
    go_into_the_past(page)
    page.locator("#save-board").click()
    page.locator("#save-moment").click()
    expect(page.locator("#save-status")).to_have_text("Link copied.")
    link = str(page.evaluate("navigator.clipboard.readText()"))
    assert link.startswith(f"{dashboard.url}/?at=")
    page.locator("#save-live").click()
    expect(page.locator("#save-status")).to_have_text("Link copied.")
    page.wait_for_function("async () => (await navigator.clipboard.readText()).endsWith('/?view=total')")
