"""Every frame of an animation is correct, not only the last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.support.animation import record, recorded, wrong_bars

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

pytestmark = pytest.mark.alone

SIZES = [(390, 844), (844, 390), (1440, 900), (1920, 1080)]
TAGS = {f"tag{number}": 500 - 20 * number for number in range(24)}


def faults(page: Page, same: tuple[str, ...] = ()) -> list[str]:
    """What was wrong in any frame since `record`. `same`: tags whose place did not change."""
    frames = recorded(page)
    assert len(frames) >= 2
    found = {f"skewed: {path}" for frame in frames for path in frame["skewed"]}
    found |= {f"clip {f['clip']} of {f['width']} px" for f in frames if f["clip"] and abs(f["clip"] - f["width"]) > 1}
    for tag in same:
        places = [(row["y"], row["bar"]) for frame in frames for row in frame["rows"] if row["tag"] == f"#{tag}"]
        for kind, values in zip(("row", "bar"), zip(*places, strict=True), strict=True):
            if max(values) - min(values) > 1:
                found.add(f"{kind} of {tag} moves from {min(values)} to {max(values)}")
    return sorted(found)


def push(page: Page, dashboard: Dashboard, posts: dict[str, int]) -> None:
    """Push a snapshot and wait until the page displays it."""
    dashboard.push(posts)
    expect(page.locator("#window-posts")).to_have_text(f"{sum(posts.values()):,} posts")


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_no_frame_of_an_animation_has_a_slanted_bar_a_clipped_bar_or_a_row_that_jumps(
    dashboard: Dashboard, visit: Callable[..., Page], width: int, height: int
) -> None:
    page = visit(viewport={"width": width, "height": height})
    record(page)
    found = {}

    def check(name: str, same: tuple[str, ...] = ()) -> None:
        assert wrong_bars(page) == [], name
        if problems := faults(page, same):
            found[name] = problems
        record(page)

    push(page, dashboard, TAGS)
    page.wait_for_selector("#leaders tbody tr", state="attached")
    check("first use of each slot")
    push(page, dashboard, {**TAGS, "tag1": 0, "fresh": 490})
    check("one tag enters and one leaves", ("tag0", "tag5"))
    push(page, dashboard, {**TAGS, "tag3": 450, "tag2": 430})
    check("two tags change places", ("tag0", "tag5", "tag9"))
    push(page, dashboard, {"tag0": 500, "tag1": 400, "tag2": 0})
    check("fewer than places, one without posts", ("tag0", "tag1"))
    push(page, dashboard, TAGS)
    check("more again", ("tag0", "tag1"))
    page.evaluate("document.querySelector('#top input[value=\"20\"]').click()")
    check("20 bars")
    page.evaluate("document.querySelector('#top input[value=\"10\"]').click()")
    check("10 bars")
    push(page, dashboard, {**TAGS, "tag9": 600})
    page.evaluate("document.querySelector('#rows .row:not([inert]) .pin').click()")
    check("a pin during an animation")
    push(page, dashboard, TAGS)
    page.evaluate("location.hash = '#/tag/tag1'")
    check("a panel during an animation")
    assert found == {}


def test_bars_are_correct_after_the_page_loaded_without_animations_or_in_a_hidden_tab(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit(reduced_motion="reduce")
    push(page, dashboard, TAGS)
    page.wait_for_selector("#leaders tbody tr", state="attached")
    assert wrong_bars(page) == []
    page.emulate_media(reduced_motion="no-preference")
    push(page, dashboard, {**TAGS, "tag7": 900})
    page.evaluate("new Promise(requestAnimationFrame)")
    page.emulate_media(reduced_motion="reduce")
    push(page, dashboard, {**TAGS, "tag8": 1800})
    assert wrong_bars(page) == []
    page.emulate_media(reduced_motion="no-preference")
    hide = """(hidden) => {
      Object.defineProperty(document, "hidden", {configurable: true, get: () => hidden});
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    push(page, dashboard, TAGS)
    page.evaluate("new Promise(requestAnimationFrame)")
    page.evaluate(hide, True)
    push(page, dashboard, {**TAGS, "tag3": 700})
    page.set_viewport_size({"width": 1024, "height": 700})
    page.evaluate(hide, False)
    push(page, dashboard, {**TAGS, "tag4": 700})
    assert wrong_bars(page) == []
