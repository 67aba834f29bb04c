"""The view "Rising" on a wall, on a phone, on paper, by keyboard, and checked by axe-core."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.support.accessibility import PHONE, SETUPS, SMALL_CONTROLS, violations
from tests.dashboard.support.page_content import settled, wait_until
from tests.dashboard.support.rising import held_back
from tests.dashboard.support.rising_lists import push, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard


@pytest.mark.parametrize(("width", "height"), [(1920, 1080), (1280, 720), (1080, 1920), (800, 480), (3840, 2160)])
def test_a_wall_shows_what_has_space_large_and_says_how_many_more(
    dashboard: Dashboard, visit: Callable[..., Page], width: int, height: int
) -> None:
    page = visit("?wall", viewport={"width": width, "height": height}, reduced_motion="reduce")
    push(dashboard, *[[tag(f"topic{number}")] for number in range(10)])
    expect(page.locator("#topics .topic").first).to_be_visible()
    # The strip below has got its texts, and with the next frame the list fits what they leave to it.
    page.evaluate("new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    shown = page.locator("#topics .topic").filter(visible=True).count()
    assert shown >= 1
    if shown < 10:
        expect(page.locator("#rising-more")).to_have_text(f"{10 - shown} more topic{'s' if shown < 9 else ''}")
    box = page.locator("#topics .topic").nth(shown - 1).bounding_box()
    assert box is not None
    strip = page.locator("#strip").bounding_box()
    assert strip is not None
    assert box["y"] + box["height"] <= strip["y"]
    assert page.evaluate("[document.documentElement.scrollWidth, document.documentElement.scrollHeight]") == [
        width,
        height,
    ]
    size = page.locator(".topic-reason").first.evaluate("(reason) => parseFloat(getComputedStyle(reason).fontSize)")
    assert size >= 0.027 * min(width, height)


def test_on_a_phone_nothing_behind_the_panel_gets_the_focus(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("", viewport={"width": 390, "height": 844})
    push(dashboard, *[[tag(f"topic{number}")] for number in range(3)], held_back=[held_back("bots")])
    page.locator("#topics .topic-tag").first.click()
    expect(page.locator("#panel-title")).to_be_focused()
    inside = "document.activeElement === document.body || document.activeElement.closest('#panel, h1') !== null"
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate(inside), page.evaluate("document.activeElement.outerHTML")
    page.keyboard.press("Escape")
    expect(page.locator("#topics .topic-tag").first).to_be_focused()


@pytest.mark.parametrize("query", ["", "?embed", "?table", "#/tag/topic0"])
@pytest.mark.parametrize("locale", ["en-GB", "es"])
def test_a_phone_does_not_scroll_sideways(
    dashboard: Dashboard, visit: Callable[..., Page], query: str, locale: str
) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "locale": locale}
    page = visit(query, **phone)
    long = "AVeryLongHashtagThatSomebodyWroteWithoutASingleSpace" * 2
    push(
        dashboard,
        *[[tag(f"topic{number}"), tag(f"{long}{number}")] for number in range(3)],
        held_back=[held_back(long)],
    )
    wait_until(
        page,
        "() => document.querySelectorAll('#topics .topic').length === 3 || document.querySelector('#rising-table td')",
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_printed_page_has_the_list_and_no_controls(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising", color_scheme="dark")
    push(dashboard, *[[tag(f"topic{number}")] for number in range(10)], held_back=[held_back("BuyNow")])
    expect(page.locator("#topics .topic")).to_have_count(10)
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.emulate_media(media="print")
    for part in ("#window-name", ".topic-reason >> nth=9"):
        expect(page.locator(part)).to_be_visible()
    expect(page.locator(".controls")).to_be_hidden()
    look = "() => getComputedStyle(document.querySelector('.topic-reason')).color"
    assert page.evaluate(look) == "rgb(0, 0, 0)"


def test_rising_with_the_keyboard_only(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=window")
    push(dashboard, [tag("terremoto"), tag("sismo")], held_back=[held_back("BuyNow")])
    settled(page)
    page.locator("#ranking input[value=window]").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#window-name")).to_have_text("Rising")
    assert "view=rising" in page.url
    seen: list[str] = []
    while "#BuyNow" not in seen and len(seen) < 30:
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.textContent.trim()"))
        if seen[-1].startswith("Held back"):
            page.keyboard.press("Enter")
    assert [text for text in seen if text.startswith(("#", "Held"))] == [
        "#terremoto",
        "#sismo",
        "Held back (1)",
        "#BuyNow",
    ]


@pytest.mark.parametrize("setup", SETUPS)
def test_axe_finds_nothing_in_rising(dashboard: Dashboard, visit: Callable[..., Page], setup: str) -> None:
    page = visit("?view=rising", reduced_motion="reduce", **SETUPS[setup])
    found = {}
    for name, topics in {"topics": [[tag("terremoto"), tag("sismo")], [tag("new", new=True)]], "nothing": []}.items():
        push(dashboard, *topics, held_back=[held_back("BuyNow")])
        expect(page.locator("#topics .topic")).to_have_count(len(topics))
        found[name] = violations(page)
    push(dashboard, [tag("terremoto")], held_back=[held_back("BuyNow")])
    page.locator("#held-back-title").click()
    page.locator("#topics .topic-tag").first.click()
    expect(page.locator("#panel-status")).to_have_text("")
    found["panel"] = violations(page)
    for query in ("?view=rising&table", "?view=rising&embed", "?view=rising&wall"):
        page.goto(f"{dashboard.url}/{query}")
        expect(page.locator("#rising-table tbody tr" if "table" in query else "#topics .topic")).to_have_count(1)
        found[query] = violations(page)
    assert found == {name: [] for name in found}


def test_every_control_of_rising_is_large_enough_for_a_finger(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising", **PHONE)
    push(dashboard, [tag("a"), tag("b")], [tag("long" * 20)], held_back=[held_back("x")])
    expect(page.locator("#topics .topic")).to_have_count(2)
    page.locator("#held-back-title").click()
    assert page.evaluate(SMALL_CONTROLS) == []
