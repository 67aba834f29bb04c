"""Hashtags that the viewer hides, with undo, and the number of those that the operator has muted."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.dashboard.conftest import EPOCH, TOKEN
from tests.dashboard.support import feeder, panel, rising
from tests.dashboard.support.accessibility import PHONE, SMALL_CONTROLS, violations
from tests.dashboard.support.page_content import rows, settled, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

TAGS = {f"tag{number:02}": 500 - 20 * number for number in range(20)}


def shown(page: Page) -> list[str]:
    # Before the first snapshot, bars and rows are at their places too.
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    settled(page)
    return [row["tag"] for row in rows(page)]


def test_a_tag_is_hidden_from_panel_and_row_and_undone(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    at_ms = int(time.time() * 1000)
    topics = rising.rising(
        at_ms // 10_000 * 10_000, [rising.rising_tag("tag00", at_ms)], [rising.rising_tag("x", at_ms)]
    )
    dashboard.push(TAGS, at_ms, rising=topics)
    page = visit("?view=window#/tag/tag00", reduced_motion="reduce")
    undo, line = page.locator("#undo-button"), page.locator("#window-muted")
    expect(line).to_be_hidden()
    page.locator("#panel-mute").click()
    expect(page.locator("#panel")).to_be_hidden()
    expect(undo).to_be_focused()
    expect(page.locator("#undo-text")).to_have_text("#tag00 is hidden in this browser.")
    expect(line).to_have_text("1 hidden")
    # The list is full, and the others have their ranks.
    assert shown(page) == [f"#tag{number:02}" for number in range(1, 11)]
    assert rows(page)[0]["rank"] == 2
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(line).to_be_hidden()
    assert shown(page)[0] == "#tag00"
    assert page.evaluate("document.activeElement.textContent") == "#tag00"
    # The key "m" hides the focused tag; also in the table, and in Rising.
    page.keyboard.press("ArrowDown")
    page.keyboard.press("m")
    assert "#tag01" not in shown(page)
    page.locator("#table-switch").click()
    page.locator("#leaders tbody a").first.focus()
    page.keyboard.press("m")
    expect(page.locator("#leaders tbody th").first).to_have_text("#tag02")
    page.locator("#table-switch").click()
    # The browser remembers them, and another tab follows.
    other = page.context.new_page()
    other.goto(f"{dashboard.url}/?view=rising")
    expect(other.locator("#topics .topic-tag")).to_have_text(["#x"])
    expect(other.locator("#window-muted")).to_have_text("2 hidden")
    line.click()
    expect(page.locator("#mutes-list li > span")).to_have_text(["#tag01", "#tag00"])
    assert violations(page) == []
    page.get_by_role("button", name="Show again: #tag00").click()
    expect(other.locator("#topics .topic-tag")).to_have_text(["#tag00", "#x"])
    expect(page.get_by_role("button", name="Show again: #tag01")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#mutes-close")).to_be_focused()
    page.keyboard.press("Escape")
    assert shown(page)[:2] == ["#tag00", "#tag01"]


def test_the_list_of_twenty_stays_full_live_and_in_the_past(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    many = {f"tag{number:02}": 500 - 10 * number for number in range(45)}
    at_ms = int(time.time() * 1000)
    pane = feeder.pane(at_ms // 10_000 * 10_000 - 10_000, many, window=many, leaders=40)
    dashboard.push(many, at_ms, panes=[pane])
    page = visit("?view=window&table&top=20", reduced_motion="reduce")
    listed, line = page.locator("#leaders tbody th"), page.locator("#window-muted")
    names = [f"#tag{number:02}" for number in range(45)]

    def hide(*places: int) -> None:
        for place in places:
            page.locator("#leaders tbody a").nth(place).focus()
            page.keyboard.press("m")

    expect(listed).to_have_text(names[:20])
    hide(3, 0)
    expect(line).to_have_text("2 hidden")
    # With the next snapshot, those behind take their places, with their own ranks.
    dashboard.push(many, at_ms + 1_000)
    left = [name for name in names if name not in {"#tag00", "#tag03"}]
    expect(listed).to_have_text(left[:20])
    assert page.locator("#leaders tbody tr").last.locator("td").first.text_content() == "22"
    hide(5)
    left.remove("#tag07")
    expect(listed).to_have_text(left[:20])
    page.goto(f"{dashboard.url}/?view=window&table&top=20&at={pane['to_ms']}")
    expect(listed).to_have_text(left[:20])
    hide(0)
    expect(listed).to_have_text(left[1:21])
    # Who hides nothing any more gets the twenty.
    page.goto(f"{dashboard.url}/?view=window&table&top=20")
    line.click()
    for _ in range(4):
        page.locator("#mutes-list button").first.click()
    page.locator("#mutes-close").click()
    expect(listed).to_have_text(names[:20])


def test_the_page_says_how_many_the_operator_has_muted(
    dashboard: Dashboard, noon_stream: SampleStream, visit: Callable[..., Page]
) -> None:
    error = "line 3: a pattern must have a letter"
    muted = panel.mute("spam", patterns=("buy*",), hidden=1_234, error=error)

    def push(seconds: int) -> None:
        feeder.push(dashboard.url, TOKEN, {**noon_stream.snapshot(EPOCH + seconds * 1000), "mute": muted})

    push(1)
    page = visit(at_ms=EPOCH, **{**PHONE, "locale": "es", "timezone_id": "UTC"})
    line = page.locator("#window-muted")
    expect(line).to_have_text("1234 silenciados")
    assert page.evaluate(SMALL_CONTROLS) == []
    # The large target takes no more space than a line of the heading.
    heading = page.locator("#window").bounding_box()
    assert heading is not None
    assert heading["height"] <= 66
    line.click()
    expect(page.locator("#mutes-operator")).to_contain_text("El operador de esta página ha silenciado 1234 hashtags")
    expect(page.locator("#mutes-own")).to_be_hidden()
    assert page.evaluate(SMALL_CONTROLS) == []
    expect(page.locator("#fact-mute")).to_have_text(error)
    assert page.locator("#fact-mute [lang=en]").text_content() == error
    # After ten seconds without an update the banner would say that instead.
    push(2)
    expect(page.locator("#banner")).to_contain_text("Archivo de silenciados")
    page.goto(f"{dashboard.url}/?view=window&wall")
    expect(line).to_have_text("1234 silenciados")
    wait_until(page, "() => document.documentElement.scrollHeight <= innerHeight")
