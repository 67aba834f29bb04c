"""Panel and board display one snapshot; the open row is marked; Escape closes one thing at a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import rows, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

TAGS = {f"tag{number}": 500 - 20 * number for number in range(12)}
ROW_AND_PANEL = """() => {
  const text = (part) => part?.textContent;
  const row = document.querySelector("#rows .row:not([inert]):has(.tag[aria-current])");
  const names = ["rank", "posts", "share"];
  return [names.map((name) => text(row?.querySelector(`.${name}`))),
          names.map((name) => text(document.getElementById(`tag-${name}`)))];
}"""
ARE_EQUAL = f"() => {{ const [row, panel] = ({ROW_AND_PANEL})(); return row[0] && row.join() === panel.join(); }}"

ARE_EQUAL_OR_NO_ROW = (
    f"() => {{ const [row, panel] = ({ROW_AND_PANEL})(); return !row[0] || row.join() === panel.join(); }}"
)


def push(dashboard: Dashboard, stream: SampleStream, later_ms: int = 0) -> None:
    feeder.push(dashboard.url, TOKEN, stream.snapshot(int(time.time() * 1000) + later_ms))


@pytest.mark.parametrize("query", ["", "?view=total", "?view=batch", "?lang=en", "?source=bluesky", "?top=20"])
def test_panel_and_board_have_the_same_numbers_after_each_snapshot(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page], query: str
) -> None:
    page = visit(query)
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    page.locator("#rows .row:not([inert]) .tag").first.evaluate("(tag) => tag.click()")
    wait_until(page, ARE_EQUAL)
    expect(page.locator("#tag-posts-at")).to_have_text("")
    for number in range(1, 6):
        before = page.locator("#window").text_content()
        # The heading has whole seconds. Two pushes in one second may have the same text: each is a second later.
        push(dashboard, stream, later_ms=1000 * number)
        expect(page.locator("#window")).not_to_have_text(before or "")
        # A tag may have left the board after a second.
        assert page.evaluate(ARE_EQUAL_OR_NO_ROW)


def test_paused_and_in_the_past_the_panel_has_the_numbers_of_the_board(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("#/tag/worldcup")
    wait_until(page, ARE_EQUAL)
    page.locator("#pause").evaluate("(button) => button.click()")
    paused = page.locator("#tag-posts").text_content()
    for _ in range(3):
        push(dashboard, stream)
    page.evaluate("document.getElementById('panel-pin').click()")
    wait_until(page, ARE_EQUAL)
    assert page.locator("#tag-posts").text_content() == paused
    past_ms = stream.first_ms + 40 * feeder.PANE_MS
    past = visit(f"?at={past_ms}#/tag/worldcup")
    wait_until(past, ARE_EQUAL)
    # Numbers that the board does not have are displayed with their time.
    expect(past.locator("#tag-total-at")).to_contain_text("at ")
    wait_until(past, "() => document.querySelector('#window-curve .js-line')?.getAttribute('d')")


def test_the_numbers_of_a_tag_that_is_not_on_the_board_have_their_time(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit("?view=batch#/tag/tag7")
    dashboard.push(TAGS)
    expect(page.locator("#tag-posts")).to_have_text("360", timeout=40_000)
    expect(page.locator("#tag-posts-at")).to_contain_text("at ")
    expect(page.locator("#tag-posts-label")).to_have_text("Posts in the window")


def test_a_tag_on_the_board_has_numbers_even_if_the_dashboard_does_not_respond(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit()
    dashboard.push(TAGS)
    page.route("**/api/tags/**", lambda route: route.abort())
    page.evaluate("location.hash = '#/tag/tag3'")
    expect(page.locator("#tag-posts")).to_have_text("440")
    expect(page.locator("#panel-status")).to_have_text("The dashboard does not respond.")


def test_compared_tags_have_the_numbers_of_the_board_and_their_chips_are_reused(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit("?pin=tag1&pin=tag2#/compare")
    dashboard.push(TAGS)
    expect(page.locator(".chip-posts")).to_have_text(["480", "460"])
    chip = page.locator(".chip").first.element_handle()
    dashboard.push({**TAGS, "tag1": 481})
    expect(page.locator(".chip-posts").first).to_have_text("481")
    assert chip.evaluate("(chip) => chip.isConnected")


@pytest.mark.parametrize("query", ["", "?table"])
def test_only_the_row_of_the_open_panel_is_marked(dashboard: Dashboard, visit: Callable[..., Page], query: str) -> None:
    page = visit(query, forced_colors="active")
    dashboard.push(TAGS)
    page.evaluate("location.hash = '#/tag/tag3'")
    marked = page.locator(
        "#leaders a[aria-current=true]" if query else "#rows .row:not([inert]) .tag[aria-current=true]"
    )
    expect(marked).to_have_text(["#tag3"])
    outline = "(tag) => getComputedStyle(tag.closest('.row, tr')).outlineStyle"
    assert marked.evaluate(outline) == "solid"
    page.keyboard.press("Escape")
    expect(marked).to_have_count(0)
    assert [row["rank"] for row in rows(page)] == list(range(1, 11))


def test_one_escape_closes_one_thing(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("#/tag/tag3")
    dashboard.push(TAGS)
    menu, panel = page.locator("#save-menu"), page.locator("#panel")
    page.locator("#save-panel").click()
    expect(menu).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_hidden()
    expect(panel).to_be_visible()
    page.locator("#filter").focus()
    page.keyboard.press("Alt+ArrowDown")
    wait_until(page, "() => document.querySelector('select:open')")
    page.keyboard.press("Escape")
    wait_until(page, "() => !document.querySelector('select:open')")
    expect(panel).to_be_visible()
    page.locator("#rows").hover(position={"x": 200, "y": 200})
    expect(page.locator("#order-held")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.locator("#order-held")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#order-held")).to_be_hidden()
