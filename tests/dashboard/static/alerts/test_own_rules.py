"""Rules of the viewer's own: "tell me when #x reaches the top 3"."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import EPOCH
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import wait_for_locks, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

OTHERS = {f"tag{number:02}": 500 - 20 * number for number in range(20)}
KNOWS_THE_RULE = """() => "3 x" in JSON.parse(localStorage.getItem("alert-rule-states") ?? "{}")"""
REACHED = "#X reached the top 3: 490 posts in 5 minutes."


def push(dashboard: Dashboard, rank: int, ahead_ms: int = 0, **changes: Any) -> None:
    """Push a window of which X has the rank. The window is whole."""
    at_ms = int(time.time() * 1000) + ahead_ms
    coverage = {"from_ms": at_ms // 10_000 * 10_000 - 290_000, "missing_ms": 0, "before": True}
    dashboard.push({**OTHERS, "X": 530 - 20 * rank}, at_ms, coverage=coverage, **changes)


def shows(page: Page, rank: int) -> None:
    """Wait until the page has this rank of X."""
    wait_until(
        page,
        f"""() => [...document.querySelectorAll("#leaders tbody tr")]
          .some(({{cells}}) => cells[0].textContent === "{rank}" && cells[1].textContent === "#X")""",
    )


def make_rule(page: Page, name: str = "the top 3") -> None:
    """Make a rule by keyboard, for the hashtag X, which is on the board."""
    page.locator("#rows a[href='#/tag/x']").focus()
    page.keyboard.press("a")
    expect(page.get_by_role("dialog", name="Tell me when #X reaches")).to_be_visible()
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tag-alert-status")).to_have_text(f"Alert set: #X reaches {name}.")
    page.keyboard.press("Escape")
    expect(page.locator("#rows a[href='#/tag/x']")).to_be_focused()
    page.keyboard.press("Escape")


def with_rule(dashboard: Dashboard, visit: Callable[..., Page], rank: int) -> Page:
    """A page that has X at this rank, and a rule for the top 3."""
    push(dashboard, rank)
    page = visit("?view=window", reduced_motion="reduce")
    shows(page, rank)
    make_rule(page)
    return page


def test_a_rule_fires_once_when_the_hashtag_enters(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = with_rule(dashboard, visit, rank=5)
    badge = page.locator("#bell-badge")
    push(dashboard, 4)
    shows(page, 4)
    expect(badge).to_be_empty()
    push(dashboard, 2)
    expect(badge).to_have_text("1")
    for rank in (5, 3):
        push(dashboard, rank)
        shows(page, rank)
    page.locator("#bell").click()
    expect(page.locator("#alerts-list .alert-sentence")).to_have_text([REACHED])
    expect(page.locator("#alerts-list .alert-rule")).to_have_text(["Your rule"])
    # Another visit knows the alert, that it was seen, and the rule.
    page.reload()
    shows(page, 3)
    expect(badge).to_be_empty()
    page.locator("#bell").click()
    expect(page.locator("#alerts-own > li > span")).to_have_text(["#X reaches the top 3"])


def test_a_state_that_is_true_when_the_rule_is_made_does_not_fire(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = with_rule(dashboard, visit, rank=2)
    for rank in (2, 1, 3):
        push(dashboard, rank)
        shows(page, rank)
    expect(page.locator("#bell-badge")).to_be_empty()
    push(dashboard, 6)
    shows(page, 6)
    push(dashboard, 2)
    expect(page.locator("#bell-badge")).to_have_text("1")


def test_several_tabs_make_one_alert_and_the_next_tab_goes_on(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = with_rule(dashboard, visit, rank=5)
    push(dashboard, 4)
    shows(page, 4)
    other = page.context.new_page()
    other.goto(f"{dashboard.url}/?view=window")
    shows(other, 4)
    # One tab has the lock, the other one waits for it.
    wait_for_locks(other, 1, 1)
    push(dashboard, 3)
    for tab in (page, other):
        expect(tab.locator("#bell-badge")).to_have_text("1")
    other.locator("#bell").click()
    expect(other.locator("#alerts-list > li")).to_have_count(1)
    expect(page.locator("#bell-badge")).to_be_empty()
    # A rule of the other tab is evaluated too, after the first tab was closed.
    other.keyboard.press("Escape")
    make_rule(other, "first place")
    page.close()
    wait_for_locks(other, 1, 0)
    push(dashboard, 3)
    shows(other, 3)
    wait_until(other, """() => "1 x" in JSON.parse(localStorage.getItem("alert-rule-states"))""")
    push(dashboard, 1)
    expect(other.locator("#bell-badge")).to_have_text("1")


@pytest.mark.parametrize("query", ["?view=total", "?lang=en"])
def test_a_rule_is_about_the_window_of_all_posts_whatever_the_page_shows(
    dashboard: Dashboard, visit: Callable[..., Page], query: str
) -> None:
    page = with_rule(dashboard, visit, rank=5)
    push(dashboard, 5)
    wait_until(page, KNOWS_THE_RULE)
    page.goto(f"{dashboard.url}/{query}")
    # The stored window is requested, because the view of the page does not have the ranks.
    at_ms = int(time.time() * 1000) // 10_000 * 10_000
    window = {"X": 490, **{label: posts for label, posts in OTHERS.items() if posts < 490}}
    pane = feeder.pane(at_ms - 10_000, {"X": 3}, EPOCH, window=window)
    # At most one request is made in ten seconds.
    push(dashboard, 9, ahead_ms=11_000, panes=[pane])
    expect(page.locator("#bell-badge")).to_have_text("1")


def test_the_past_makes_no_alert(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    at_ms = int(time.time() * 1000) // 10_000 * 10_000 - 60_000
    pane = feeder.pane(at_ms - 10_000, {"X": 3}, EPOCH, window={"X": 490, "other": 3})
    push(dashboard, 9, panes=[pane])
    page = visit("?view=window", reduced_motion="reduce")
    shows(page, 9)
    make_rule(page)
    push(dashboard, 9)
    wait_until(page, KNOWS_THE_RULE)
    page.goto(f"{dashboard.url}/?at={at_ms}")
    shows(page, 1)
    push(dashboard, 8)
    expect(page.locator("#bell-badge")).to_be_empty()
    # Live snapshots still count while the page shows the past.
    push(dashboard, 2)
    expect(page.locator("#bell-badge")).to_have_text("1")


def test_a_rule_is_removed_from_the_list_and_undone(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    push(dashboard, 5)
    page = visit("?view=window#/tag/x", reduced_motion="reduce")
    button = page.locator("#panel-alert")
    expect(button).to_have_text("Tell me when…")
    button.click()
    for name in ("the top 10", "first place"):
        page.get_by_role("button", name=name, exact=True).click()
    expect(page.get_by_role("button", name="first place", exact=True)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(button).to_have_text("Alert: first place and the top 10")
    page.locator("#bell").click()
    page.get_by_role("button", name="Remove: #X reaches the top 10").focus()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Alert: first place")
    undo = page.get_by_role("button", name="Undo: #X reaches the top 10")
    expect(undo).to_be_focused()
    page.keyboard.press("Enter")
    expect(button).to_have_text("Alert: first place and the top 10")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    page.locator("#bell").click()
    expect(page.locator("#alerts-own > li")).to_have_count(1)
    # The choice removes it too.
    page.keyboard.press("Escape")
    button.click()
    page.get_by_role("button", name="first place", exact=True).click()
    expect(page.locator("#tag-alert-status")).to_have_text("Alert removed: #X reaches first place.")
    expect(button).to_have_text("Tell me when…")


def test_a_hidden_hashtag_makes_no_alert(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = with_rule(dashboard, visit, rank=5)
    push(dashboard, 5)
    wait_until(page, KNOWS_THE_RULE)
    page.locator("#rows a[href='#/tag/x']").focus()
    page.keyboard.press("m")
    push(dashboard, 2)
    wait_until(page, """() => !JSON.parse(localStorage.getItem("alert-rule-states"))["3 x"].armed""")
    expect(page.locator("#bell-badge")).to_be_empty()
