"""While the pointer or the keyboard focus is in the list, the rows stay at their places."""

from __future__ import annotations

import random
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.support.animation import during_animation, wrong_bars

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TAGS = {f"tag{number}": 500 - 20 * number for number in range(16)}
REVERSED_COUNTS = dict(zip(TAGS, reversed(TAGS.values()), strict=True))
TAGS_BY_PLACE = """() => [...document.querySelectorAll("#rows .row:not([inert])")]
  .map((row) => [row.getBoundingClientRect().top, row.querySelector(".tag").textContent])
  .sort(([one], [other]) => one - other).map(([, tag]) => tag)"""
WATCH_TAGS_AT_POINT = """([x, y]) => {
  const seen = window.tags_at_point = new Set();
  const look = () => {
    const row = document.elementFromPoint(x, y)?.closest(".row");
    if (row) seen.add(row.querySelector(".tag").textContent);
    window.watching = requestAnimationFrame(look);
  };
  look();
}"""


def push(page: Page, dashboard: Dashboard, posts: dict[str, int]) -> None:
    """Push a snapshot and wait until the page displays it."""
    dashboard.push(posts)
    expect(page.locator("#window-posts")).to_have_text(f"{sum(posts.values()):,} posts")


def open_page(visit: Callable[..., Page], dashboard: Dashboard, query: str = "", **options: object) -> Page:
    page = visit(query, **options)
    push(page, dashboard, TAGS)
    assert wrong_bars(page) == []
    return page


def order(page: Page) -> list[str]:
    """The tags from top to bottom, once they don't move."""
    assert wrong_bars(page) == []
    found: list[str] = page.evaluate(TAGS_BY_PLACE)
    return found


def point_at(page: Page, place: int) -> tuple[float, float]:
    box = page.locator("#rows").bounding_box()
    assert box
    x, y = box["x"] + 150, box["y"] + (place - 0.5) * box["height"] / 10
    page.mouse.move(x, y)
    return x, y


RANKED = [f"#tag{number}" for number in range(10)]
REVERSED = [f"#tag{number}" for number in range(15, 5, -1)]


def test_the_tag_under_a_resting_mouse_stays_for_thirty_seconds(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page, rng = open_page(visit, dashboard), random.Random(3)
    dashboard.push({tag: rng.randint(3, 900) for tag in TAGS})
    during_animation(page, 0)
    at = point_at(page, 4)
    page.evaluate(WATCH_TAGS_AT_POINT, list(at))
    until = time.monotonic() + 30
    while time.monotonic() < until:
        push(page, dashboard, {tag: rng.randint(3, 900) for tag in TAGS})
    under = page.evaluate("[...window.tags_at_point]")
    assert len(under) == 1, under


def test_while_the_order_is_held_numbers_are_updated_and_the_page_says_so(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = open_page(visit, dashboard)
    expect(page.locator("#order-held")).to_be_hidden()
    point_at(page, 3)
    expect(page.locator("#order-held")).to_have_text(
        "The order is held while you point at the list. It updates when you leave the list."
    )
    push(page, dashboard, REVERSED_COUNTS)
    assert order(page) == RANKED
    third = page.locator("#rows .row:not([inert])", has_text="#tag2")
    expect(third.locator(".posts")).to_have_text("240")
    expect(third.locator(".rank")).to_have_text("14")
    expect(third.locator(".mark")).to_have_text("OUT")
    expect(page.locator("#rows .row:not([inert])", has_text="#tag9").locator(".mark")).to_have_text("")
    page.mouse.move(5, 5)
    expect(page.locator("#order-held")).to_be_hidden()
    assert order(page) == REVERSED
    assert page.locator("#rows .row.left:not([inert])").count() == 0


@pytest.mark.parametrize("leave", ["Escape", "blur", "view"])
def test_the_order_is_by_rank_again_at_once(dashboard: Dashboard, visit: Callable[..., Page], leave: str) -> None:
    page = open_page(visit, dashboard)
    point_at(page, 3)
    push(page, dashboard, REVERSED_COUNTS)
    assert order(page) == RANKED
    if leave == "Escape":
        page.keyboard.press("Escape")
    elif leave == "blur":
        page.evaluate("window.dispatchEvent(new Event('blur'))")
    else:
        page.evaluate("document.querySelector('#ranking input[value=total]').click()")
        expect(page.locator("#window-name")).to_have_text("Since start")
    assert order(page) == REVERSED


def test_keyboard_focus_holds_the_order_and_is_never_lost(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = open_page(visit, dashboard)
    page.locator("#compare, #save-board").last.focus()
    focused = "() => document.activeElement.closest('#rows') ? document.activeElement.textContent : ''"
    while page.evaluate(focused) == "":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#order-held")).to_be_visible()
    push(page, dashboard, REVERSED_COUNTS)
    assert order(page) == RANKED
    assert page.evaluate(focused) == "#tag1"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "#tag2"
    page.keyboard.press("Escape")
    assert order(page) == REVERSED
    assert page.evaluate(focused) != ""


def test_a_touch_that_has_ended_does_not_hold_the_order(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = open_page(visit, dashboard, has_touch=True, viewport={"width": 390, "height": 844})
    page.locator("#rows .row:not([inert]) .pin").first.tap()
    expect(page.locator("#compare")).not_to_have_attribute("hidden", "")
    expect(page.locator("#order-held")).to_be_hidden()
    push(page, dashboard, REVERSED_COUNTS)
    assert order(page) == REVERSED


def test_a_mouse_does_not_hold_the_order_on_a_wall(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = open_page(visit, dashboard, "?wall", viewport={"width": 1920, "height": 1080})
    point_at(page, 3)
    push(page, dashboard, REVERSED_COUNTS)
    assert order(page) == REVERSED
    expect(page.locator("#order-held")).to_be_hidden()


def test_a_viewer_who_is_away_does_not_hold_the_order(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = open_page(visit, dashboard)
    point_at(page, 3)
    page.evaluate("""() => {
      const now = performance.now.bind(performance);
      performance.now = () => now() + 400_000;
    }""")
    push(page, dashboard, REVERSED_COUNTS)
    assert order(page) == REVERSED
    expect(page.locator("#order-held")).to_be_hidden()
