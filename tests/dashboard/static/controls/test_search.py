"""The field that finds a hashtag: by keyboard, by mouse, on a phone, and in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect
from tests.dashboard.support.accessibility import PHONE, SMALL_CONTROLS, violations
from tests.dashboard.support.page_content import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route
    from tests.dashboard.support.sample_stream import SampleStream

HOSTILE = "<img src=x onerror=alert(1)>"
PARTIAL = "The job can't be reached."


def found(label: str, posts: int, rank: int | None) -> dict[str, Any]:
    numbers = {"window_posts": posts, "window_rank": rank, "total_posts": posts + 5, "first_seen_ms": 1}
    return {"key": label.casefold(), "label": label, **numbers, "in_history": False}


def answer(page: Page, *tags: dict[str, Any], partial: str | None = None) -> list[str]:
    """Answer the page's searches with `tags`; returns the searched texts."""
    searched: list[str] = []

    def fulfil(route: Route) -> None:
        searched.extend(parse_qs(urlsplit(route.request.url).query)["q"])
        route.fulfill(json={"q": searched[-1], "tags": list(tags), "partial": partial})

    page.route("**/api/search?**", fulfil)
    return searched


def test_a_tag_that_never_led_is_found_and_opened_by_keyboard(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit()
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    searched = answer(page, found("Weather", 40, 60), found("Wetter", 12, 431), found(HOSTILE, 1, 900))
    window = {"rank": 431, "posts": 12, "share": 0.01, "from_ms": 0, "to_ms": 1, "counted_from_ms": 0, "panes": []}
    page.route(
        "**/api/tags/wetter",
        lambda route: route.fulfill(
            json={"key": "wetter", "label": "Wetter", "window": {**window, "authors": None}, "total": None}
            | {"first_seen_ms": None, "rising": None, "held_back": None, "history": [], "history_step_ms": 0}
            | {"sources": [], "links": []}
        ),
    )
    field, options = page.locator("#search-field"), page.locator("#search-list [role=option]")
    page.keyboard.press("/")
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    # On a busy machine a part of the text may be searched first.
    with page.expect_response(lambda response: parse_qs(urlsplit(response.url).query).get("q") == ["#we/"]):
        page.keyboard.type("#we/")
    # Responses are handled in their order.
    page.evaluate("fetch('/healthz').then((response) => response.text())")
    expect(options.nth(1)).to_have_text("#Wetter 12 posts in the window, rank 431")
    assert searched[-1] == "#we/"
    expect(options.nth(2)).to_contain_text(HOSTILE)
    expect(page.locator("#summary")).to_have_text("3 hashtags found.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", "search-option-1")
    assert violations(page) == []
    # Escape closes the list; the arrow key opens it again.
    page.keyboard.press("Escape")
    expect(page.locator("#search-results")).to_be_hidden()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text("#Wetter")
    expect(page.locator("#tag-posts")).to_have_text("12")
    expect(page.locator("#tag-rank")).to_have_text("431")
    page.keyboard.press("Escape")
    expect(field).to_be_focused()


def test_the_search_on_a_phone_is_in_the_menu_and_says_what_is_missing_in_spanish(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit(**{**PHONE, "locale": "es"})
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    answer(page, partial=PARTIAL)
    page.locator("#more-switch").click()
    field = page.locator("#search-field")
    expect(field).to_have_attribute("placeholder", "Buscar hashtag (/)")
    field.fill("zzz")
    note = page.locator("#search-note")
    expect(note).to_have_text(f"No se ha encontrado ningún hashtag con «zzz». {PARTIAL}")
    assert page.locator("#search-note [lang=en]").text_content() == PARTIAL
    page.unroute("**/api/search?**")
    answer(page, found("WorldCup", 40, 1))
    field.fill("wo")
    option = page.locator("#search-list [role=option]")
    expect(option).to_have_text("#WorldCup 40 publicaciones en la ventana, puesto 1")
    assert page.evaluate(SMALL_CONTROLS) == []
    box = option.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    option.click()
    expect(page.locator("#more")).to_be_hidden()
    expect(page.locator("#panel-title")).to_have_text("#WorldCup")


def test_a_wall_has_no_search(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("?wall")
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    page.keyboard.press("/")
    expect(page.locator("#search-field")).to_be_hidden()
