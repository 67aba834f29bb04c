"""Alerts on a wall: a banner for some seconds, which covers no bar and no label."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.support.accessibility import violations
from tests.dashboard.support.alerts import SENTENCE, pushed
from tests.dashboard.support.page_content import wait_for_alerts

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TAGS = {f"tag{number:02}": 500 - 20 * number for number in range(20)} | {"WorldCup": 450}
#: Texts of the board and of the heading that the banner covers, and whether its own text is cut.
COVERED = """() => {
  const banner = document.getElementById("wall-alert");
  const {top, bottom} = banner.getBoundingClientRect();
  const end = document.getElementById("board").getBoundingClientRect().bottom;
  // Bars that wait for a row are below the board.
  const over = (one) => {
    const box = one.getBoundingClientRect();
    return box.height > 0 && box.width > 0 && box.top < end && box.bottom > top && box.top < bottom;
  };
  const parts = document.querySelectorAll("#rows .row:not([inert]) > *, #chart .bars .point path, #window, h1, #clock");
  return {covered: [...parts].filter(over).length, cut: banner.scrollHeight > banner.clientHeight + 1,
    inside: bottom <= innerHeight + 1};
}"""


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720), (800, 480), (720, 1280), (3840, 2160)])
@pytest.mark.parametrize("top", [10, 20])
def test_the_banner_covers_no_bar_and_no_label(
    dashboard: Dashboard, visit: Callable[..., Page], width: int, height: int, top: int
) -> None:
    dashboard.push(TAGS)
    page = visit(f"?wall&view=window&top={top}", viewport={"width": width, "height": height}, reduced_motion="reduce")
    expect(page.locator("#rows .row").first).to_be_visible()
    wait_for_alerts(page)
    dashboard.push(TAGS, alerts=[pushed(1, at_ms=int(time.time() * 1000) // 10_000 * 10_000)])
    banner = page.locator("#wall-alert")
    expect(banner).to_be_visible()
    expect(banner).to_contain_text("World Cup")
    expect(banner).to_contain_text("#WorldCup entered the top 3 at")
    assert page.evaluate(COVERED) == {"covered": 0, "cut": False, "inside": True}
    expect(page.locator("#bell")).to_be_hidden()


def test_the_banner_is_announced_and_respects_reduced_motion(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    dashboard.push(TAGS)
    page = visit("?wall&view=window", reduced_motion="reduce")
    expect(page.locator("#rows .row").first).to_be_visible()
    wait_for_alerts(page)
    dashboard.push(TAGS, alerts=[pushed(1, at_ms=int(time.time() * 1000) // 10_000 * 10_000)])
    banner = page.locator("#wall-alert")
    expect(banner).to_be_visible()
    assert violations(page) == []
    assert banner.evaluate("one => getComputedStyle(one).transitionDuration") == "0s"
    expect(page.locator("#summary")).to_contain_text(SENTENCE[:26], timeout=20_000)
    expect(banner).to_be_hidden(timeout=20_000)
