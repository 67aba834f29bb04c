"""The bell, its badge, the list of alerts, announcements, and notifications of the browser."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import EPOCH
from tests.dashboard.support import feeder
from tests.dashboard.support.accessibility import SETUPS, SMALL_CONTROLS, violations
from tests.dashboard.support.alerts import SENTENCE, pushed, rules
from tests.dashboard.support.page_content import wait_for_alerts, wait_for_locks

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TAGS = {f"tag{number:02}": 500 - 20 * number for number in range(20)} | {"WorldCup": 450}
#: A browser without permissions and dialogs: it answers a request with `answer`, and stores what is shown.
NOTIFICATIONS = """(() => {
  window.shown = [];
  window.requests = 0;
  window.Notification = class {
    static permission = "default";
    static async requestPermission() { window.requests += 1; return (this.permission = "ANSWER"); }
    constructor(title, {body, tag}) { window.shown.push({title, body, tag}); window.last = this; }
    close() {}
  };
  document.hasFocus = () => false;
})()"""


def alert(number: int, minutes: int = 0, **changes: Any) -> dict[str, Any]:
    """A pushed alert whose pane ended so many minutes ago."""
    pane_ms = int(time.time() * 1000) // 10_000 * 10_000
    return pushed(number, at_ms=pane_ms - minutes * 60_000, **changes)


def sentences(page: Page) -> list[str]:
    return page.locator("#alerts-list .alert-sentence").all_text_contents()


def test_the_badge_has_the_unseen_alerts_and_the_browser_remembers_the_seen_ones(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    dashboard.push(TAGS, alerts=[alert(1, 3), alert(2, 2, rule="Another rule")])
    page = visit()
    bell, badge = page.locator("#bell"), page.locator("#bell-badge")
    expect(badge).to_have_text("2")
    expect(bell).to_have_accessible_name("Alerts: 2 new")
    # Alerts from before the page was opened are not announced.
    expect(page.locator("#summary")).to_contain_text("leads")
    assert "entered the top 3" not in str(page.locator("#summary").text_content())
    board = page.locator("#board").bounding_box()
    bell.click()
    expect(page.get_by_role("dialog", name="Alerts")).to_be_visible()
    expect(page.locator("#alerts-list > li.new")).to_have_count(2)
    expect(page.locator("#alerts-list .alert-rule")).to_have_text(["Another rule", "World Cup"])
    expect(badge).to_be_empty()
    expect(bell).to_have_accessible_name("Alerts")
    assert page.locator("#board").bounding_box() == board
    # An alert that comes while the list is open is seen.
    dashboard.push(TAGS, alerts=[alert(3)])
    expect(page.locator("#alerts-list > li")).to_have_count(3)
    expect(badge).to_be_empty()
    page.keyboard.press("Escape")
    expect(bell).to_be_focused()
    page.reload()
    expect(bell).to_have_accessible_name("Alerts")
    dashboard.push(TAGS, alerts=[alert(4)])
    expect(badge).to_have_text("1")
    bell.click()
    expect(page.locator("#alerts-list > li")).to_have_count(4)
    expect(page.locator("#alerts-list > li.new")).to_have_count(1)
    # Another tab of this browser has seen it too.
    other = page.context.new_page()
    other.goto(dashboard.url)
    expect(other.locator("#rows .row").first).to_be_visible()
    expect(other.locator("#bell-badge")).to_be_empty()


def test_the_list_is_there_without_a_snapshot_and_what_was_seen_stays_seen(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    dashboard.push(TAGS, alerts=[alert(1, 3), alert(2, 2)])
    page = visit()
    bell, badge = page.locator("#bell"), page.locator("#bell-badge")
    expect(badge).to_have_text("2")
    bell.click()
    expect(badge).to_be_empty()
    # The job does not push after a restart of the dashboard.
    dashboard.restart()
    page.reload()
    bell.click()
    expect(page.locator("#alerts-list > li")).to_have_count(2)
    expect(page.locator("#alerts-list > li.new")).to_have_count(0)
    expect(badge).to_be_empty()
    page.keyboard.press("Escape")
    dashboard.push(TAGS, alerts=[alert(3)])
    expect(badge).to_have_text("1")


def test_an_alert_has_links_to_its_moment_and_to_the_panel(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    at_ms = int(time.time() * 1000) // 10_000 * 10_000 - 60_000
    panes = [feeder.pane(at_ms - 10_000, {"WorldCup": 3}, EPOCH, window={"Then": 9, "WorldCup": 5})]
    old = pushed(1, at_ms=at_ms - 2 * 86_400_000, rule="Two days ago")
    dashboard.push(TAGS, alerts=[old, pushed(2, at_ms=at_ms)], panes=panes)
    page = visit("?view=window", timezone_id="UTC")
    page.locator("#bell").click()
    expect(page.locator("#alerts-list > li")).to_have_count(2)
    first, second = page.locator("#alerts-list > li").all()
    # The history has 24 hours.
    expect(second.locator("a")).to_have_text(["#WorldCup"])
    first.locator("a.alert-time").click()
    expect(page.locator("#leaders tbody th").first).to_have_text("#Then")
    assert re.search(rf"at={at_ms}\b", page.url)
    expect(page.locator("#alerts")).to_be_hidden()
    page.locator("#bell").click()
    first.locator("a.alert-tag").click()
    expect(page.locator("#panel-title")).to_have_text("#WorldCup")


def test_new_alerts_are_announced_once_in_the_language_of_the_page(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    dashboard.push(TAGS, alert_rules=rules(sentence_es="Cuando #worldcup entra."))
    page = visit("?view=window", locale="es")
    page.evaluate(
        """() => { window.spoken = [];
        new MutationObserver(() => window.spoken.push(document.getElementById("summary").textContent))
          .observe(document.getElementById("summary"), {childList: true, characterData: true, subtree: true}); }"""
    )
    wait_for_alerts(page)
    for _ in range(2):
        # The job sends an alert again until it knows that it is stored.
        dashboard.push(TAGS, alerts=[alert(1)], alert_rules=rules(sentence_es="Cuando #worldcup entra."))
    expect(page.locator("#summary")).to_contain_text("#WorldCup entró en el top 3", timeout=20_000)
    page.locator("#bell").click()
    assert sentences(page)[0].startswith("#WorldCup entró")
    expect(page.locator("#alerts-rules > li").first).to_have_text("World Cup Cuando #worldcup entra.")
    spoken = page.evaluate("""() => window.spoken.filter((text) => text.includes("#WorldCup entró")).length""")
    assert spoken == 1


def test_alerts_that_were_missed_while_the_connection_was_lost_are_requested(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    dashboard.push(TAGS)
    page = visit()
    expect(page.locator("#rows .row").first).to_be_visible()
    wait_for_alerts(page)
    page.context.set_offline(True)
    expect(page.locator("#fact-connection")).not_to_have_text("connected", timeout=20_000)
    dashboard.push(TAGS, alerts=[alert(1), alert(2)])
    page.context.set_offline(False)
    expect(page.locator("#bell-badge")).to_have_text("2", timeout=20_000)
    expect(page.locator("#summary")).to_contain_text(SENTENCE[:26], timeout=20_000)


def test_a_hidden_hashtag_has_no_alerts(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    stream = alert(2, 1, when="stream", stream="posts lost", key=None, label=None, rule="Lost")
    stream = {name: value for name, value in stream.items() if value is not None}
    dashboard.push(TAGS, alerts=[alert(1, 1), stream])
    page = visit("?view=window#/tag/worldcup")
    expect(page.locator("#bell-badge")).to_have_text("2")
    page.locator("#panel-mute").click()
    expect(page.locator("#bell-badge")).to_have_text("1")
    dashboard.push(TAGS, alerts=[alert(3)])
    page.locator("#bell").click()
    expect(page.locator("#alerts-list .alert-rule")).to_have_text(["Lost"])
    page.keyboard.press("Escape")
    page.locator("#window-muted").click()
    page.get_by_role("button", name="Show again: #WorldCup").click()
    page.locator("#bell").click()
    expect(page.locator("#alerts-list > li")).to_have_count(3)


def test_an_error_of_the_rules_is_an_alarm(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    error = "line 7: top must be from 1 to 20"
    dashboard.push(TAGS, alert_rules=rules(error=error, dropped=1200))
    page = visit(locale="es")
    expect(page.locator("#banner")).to_contain_text(f"Archivo de avisos {error}.")
    expect(page.locator("#fact-alerts")).to_have_text(error)
    page.locator("#bell").click()
    expect(page.locator("#alerts-error-text")).to_have_text(error)
    assert page.locator("#alerts-error-text").get_attribute("lang") == "en"
    dropped = "Se descartaron 1200 avisos: esperaban demasiados mientras el panel no respondía."
    expect(page.locator("#alerts-dropped")).to_have_text(dropped)


@pytest.mark.parametrize("answer", ["granted", "denied", "default"])
def test_the_browser_is_asked_for_notifications_only_after_a_click(
    dashboard: Dashboard, visit: Callable[..., Page], answer: str
) -> None:
    dashboard.push(TAGS)
    page = visit()
    page.context.add_init_script(NOTIFICATIONS.replace("ANSWER", answer))
    page.reload()
    expect(page.locator("#rows .row").first).to_be_visible()
    dashboard.push(TAGS, alerts=[alert(1)])
    expect(page.locator("#bell-badge")).to_have_text("1")
    assert page.evaluate("[window.requests, window.shown]") == [0, []]
    page.locator("#bell").click()
    expect(page.locator("#notify-state")).to_have_text("Notifications are off.")
    page.get_by_role("button", name="Turn on notifications").click()
    said = {
        "granted": "Notifications are on",
        "denied": "This browser blocks notifications of this page",
        "default": "the question of the browser was closed without an answer",
    }
    expect(page.locator("#notify-state")).to_contain_text(said[answer])
    expect(page.locator("#summary")).to_contain_text(said[answer])
    assert page.locator("#notify").is_visible() == (answer != "denied")
    if answer == "denied":
        expect(page.locator("#alerts-close")).to_be_focused()
    page.keyboard.press("Escape")
    wait_for_locks(page, int(answer == "granted"), 0)
    dashboard.push(TAGS, alerts=[alert(2)])
    expect(page.locator("#bell-badge")).to_have_text("1")
    shown = [(one["title"], one["tag"]) for one in page.evaluate("window.shown")]
    assert shown[-1:] == [("World Cup", alert(2)["id"])] * (answer == "granted")
    if answer != "granted":
        return
    # A click on a notification opens the list.
    dashboard.push(TAGS, alerts=[alert(number) for number in range(3, 6)])
    expect(page.locator("#bell-badge")).to_have_text("4")
    page.evaluate("window.last.onclick()")
    expect(page.locator("#alerts")).to_be_visible()
    page.get_by_role("button", name="Turn off notifications").click()
    before = len(page.evaluate("window.shown"))
    dashboard.push(TAGS, alerts=[alert(9)])
    expect(page.locator("#alerts-list > li")).to_have_count(6)
    assert len(page.evaluate("window.shown")) == before


@pytest.mark.parametrize("setup", SETUPS.values(), ids=SETUPS)
def test_the_list_is_accessible_and_fits_the_screen(
    dashboard: Dashboard, visit: Callable[..., Page], setup: dict[str, Any]
) -> None:
    error = "line 7: top must be from 1 to 20"
    body: dict[str, Any] = {"alerts": [alert(number, number) for number in range(8)], "alert_rules": rules(error=error)}
    dashboard.push(TAGS, **body)
    page = visit("?view=window#/tag/worldcup", **setup)
    expect(page.locator("#bell-badge")).to_have_text("8")
    page.locator("#panel-alert").click()
    page.locator("#tag-alert button").nth(1).click()
    assert violations(page) == []
    if "has_touch" in setup:
        assert page.evaluate(SMALL_CONTROLS) == []
    page.keyboard.press("Escape")
    page.locator("#panel-close").click()
    page.locator("#bell").click()
    assert violations(page) == []
    if "has_touch" in setup:
        assert page.evaluate(SMALL_CONTROLS) == []
    inside = """() => { const {left, top, right, bottom} = document.getElementById("alerts").getBoundingClientRect();
      return left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight; }"""
    assert page.evaluate(inside)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_embedded_page_has_no_bell(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    dashboard.push(TAGS, alerts=[alert(1)])
    requests: list[str] = []
    page = visit("?embed&view=window")
    page.on("request", lambda sent: requests.append(sent.url))
    page.reload()
    expect(page.locator("#rows .row").first).to_be_visible()
    dashboard.push(TAGS, alerts=[alert(2)])
    expect(page.locator("#bell")).to_be_hidden()
    page.locator("#rows a").first.focus()
    page.keyboard.press("a")
    expect(page.locator("#tag-alert")).to_be_hidden()
    assert [url for url in requests if "/api/alerts" in url] == []
