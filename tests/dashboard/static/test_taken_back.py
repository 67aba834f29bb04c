"""Rows, table, panel and Rising say which part of a hashtag's posts was taken back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from playwright.sync_api import expect
from tests.dashboard.support import feeder, rising
from tests.dashboard.support.accessibility import violations
from tests.dashboard.support.page_content import settled, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

POSTS = {"Faked": 100, "Honest": 90, "القاهرة": 80, "Small": 19, **{f"tag{number}": 15 - number for number in range(8)}}
#: Half of the posts of `Small` are too few to say so, and a tenth of those of `Honest` is usual.
DELETED = {"Faked": 41, "Honest": 9, "القاهرة": 76, "Small": 10}
#: No badge lies over the text of its row's tag or over its bar.
OVERLAPS = """() => [...document.querySelectorAll("#rows .row.with-extras:not([inert])")].filter((row) => {
  const {top, bottom} = row.getBoundingClientRect();
  const badge = row.querySelector(".taken-back").getBoundingClientRect();
  const text = document.createRange();
  text.selectNodeContents(row.querySelector(".tag"));
  const tag = text.getBoundingClientRect();
  const inside = badge.top >= top - 1 && badge.bottom <= bottom + 1;
  return !inside || badge.left < Math.min(tag.right, row.querySelector(".tag").getBoundingClientRect().right) - 1;
}).map((row) => row.textContent)"""


def push(dashboard: Dashboard) -> None:
    at_ms = int(time.time() * 1000)
    top = feeder.leaders(POSTS)
    for leader in top:
        leader |= {"taken_back": DELETED.get(leader["label"], 0)}
    listed = [rising.rising_tag("Faked", at_ms, authors=75, taken_back=40), rising.rising_tag("Other", at_ms, 60)]
    window = {**feeder.snapshot(POSTS, at_ms)["window"], "top": top, "taken_back": 136}
    dashboard.push(POSTS, at_ms, window=window, rising=rising.rising(at_ms // 10_000 * 10_000, listed))


def test_what_was_taken_back_is_said_in_row_table_panel_and_rising(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    push(dashboard)
    page = visit("?view=window", reduced_motion="reduce")
    badges = page.locator("#rows .row:not([inert]) .extras:visible .long")
    expect(badges).to_have_text(["41% taken back", "95% taken back"])
    settled(page)
    assert violations(page) == []
    for width in (1440, 820, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        wait_until(page, f"() => innerWidth === {width}")
        settled(page)
        assert page.evaluate(OVERLAPS) == [], width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#rows .tag", has_text="#Faked").click()
    sentence = page.locator("#tag-taken-back")
    expect(sentence).to_have_text("41% taken back: 41 of 100 posts in the window are deleted.")
    page.evaluate("location.hash = '#/tag/small'")
    expect(page.locator("#panel-title")).to_have_text("#Small")
    expect(sentence).to_be_hidden()
    page.locator("#table-switch").click()
    expect(page.locator("#leaders tbody .taken-back")).to_have_text(["41% taken back", "95% taken back"])
    page.goto(f"{dashboard.url}/?view=rising&locale=es")
    expect(page.locator(".topic-taken-back")).to_have_text(
        "#Faked: 40 % retiradas: de 100 publicaciones en la ventana, 40 se han borrado."
    )
    for query in ("wall", "embed"):
        page.goto(f"{dashboard.url}/?view=window&{query}")
        expect(badges).to_have_count(2)
        settled(page)
        assert page.evaluate(OVERLAPS) == [], query
        page.goto(f"{dashboard.url}/?view=rising&{query}")
        expect(page.locator(".topic-taken-back")).to_be_visible()
