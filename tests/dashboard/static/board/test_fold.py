"""Hashtags that are one topic are folded into one row, which can be opened."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.dashboard.support import feeder
from tests.dashboard.support.accessibility import PHONE, SMALL_CONTROLS, violations
from tests.dashboard.support.page_content import rows, settled, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TAGS = {f"tag{number:02}": 500 - 20 * number for number in range(20)}


def shown(page: Page) -> list[str]:
    # Before the first snapshot, bars and rows are at their places too.
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    settled(page)
    return [row["tag"].removeprefix("#tag") for row in sorted(rows(page), key=lambda row: float(row["middle"]))]


def test_a_topic_is_one_row_that_can_be_opened(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    at_ms = int(time.time() * 1000)
    window = {**feeder.snapshot(TAGS, at_ms)["window"], "topics": [["tag00", "tag02", "tag05"]]}
    dashboard.push(TAGS, at_ms, window=window)
    page = visit("?view=window", reduced_motion="reduce")
    switch, more = page.locator("#fold"), page.locator("#rows .row:not([inert]) .topic-more:visible")
    assert shown(page)[:3] == ["00", "01", "02"]
    expect(more).to_have_count(0)
    switch.check()
    # The list is full, each row has the rank and the posts of its first hashtag.
    assert shown(page) == ["00", "01", "03", "04", "06", "07", "08", "09", "10", "11"]
    assert [row["rank"] for row in rows(page)][:3] == [1, 2, 4]
    expect(more).to_have_text(["+2 ▸"])
    expect(more).to_have_accessible_name("+2 ▸: 2 more hashtags of the topic #tag00")
    assert violations(page) == []
    # By keyboard: from the hashtag over its pin to the button.
    page.locator("#rows .tag[tabindex='0']").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    assert shown(page)[:4] == ["00", "02", "05", "01"]
    more.click()
    assert shown(page)[:2] == ["00", "01"]
    # The address has it, also for a wall and an embedded page; other views have no topics.
    assert "fold" in page.url
    for query in ("?view=window&fold&wall", "?view=window&fold&embed"):
        page.goto(f"{dashboard.url}/{query}")
        expect(more).to_have_text(["+2 ▸"])
        assert shown(page)[:3] == ["00", "01", "03"]
    page.goto(f"{dashboard.url}/?view=total&fold")
    expect(page.locator("#window-name")).to_have_text("Since start")
    expect(switch).to_be_hidden()
    assert shown(page)[:3] == ["00", "01", "02"]
    phone = visit("?view=window&fold&locale=es", **PHONE)
    expect(phone.locator("#rows .row:not([inert]) .topic-more:visible")).to_have_count(1)
    assert phone.evaluate(SMALL_CONTROLS) == []
