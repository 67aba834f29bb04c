"""Accessibility: keyboard, screen reader, touch, languages, and the checks of axe-core."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.support import feeder
from tests.dashboard.support.accessibility import PHONE, SETUPS, SMALL_CONTROLS, violations
from tests.dashboard.support.lesson import LessonAnswers, trace
from tests.dashboard.support.page_content import wait_until
from tests.dashboard.support.sample_stream import SampleStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

VIEWS = {
    "window": "",
    "batch": "?view=batch",
    "total": "?view=total",
    "language": "?lang=es",
    "twenty": "?top=20",
    "table": "?table",
    "tag": "#/tag/worldcup",
    "tag that never led": "#/tag/never",
    "compare": "?pin=worldcup&pin=&pin=ai#/compare",
    "past": "?at={past}",
    "wall": "?wall",
    "lesson": "?lesson",
}
FOCUSED = """() => {
  const focused = document.activeElement;
  const drawn = [[focused], [focused, "::after"], [focused.nextElementSibling ?? focused]];
  const outlined = drawn.map((of) => getComputedStyle(...of))
    .some(({outlineStyle, outlineWidth}) => outlineStyle !== "none" && parseFloat(outlineWidth) >= 2);
  return {name: focused.id || focused.name || focused.className, text: focused.textContent.trim(),
          visible: focused !== document.body && focused.checkVisibility() && outlined};
}"""


def query_of(view: str, stream: SampleStream) -> str:
    return VIEWS[view].format(past=stream.first_ms + 40 * feeder.PANE_MS)


@pytest.mark.parametrize("setup", SETUPS)
def test_axe_finds_nothing_in_any_view(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page], setup: str
) -> None:
    page = visit(reduced_motion="reduce", **SETUPS[setup])
    LessonAnswers(page, trace())
    found = {}
    for view, query in VIEWS.items():
        page.goto("about:blank")
        page.goto(f"{dashboard.url}/{query_of(view, stream)}")
        wait_until(page, "() => document.querySelectorAll('#leaders tbody tr').length >= 10")
        if "#" in query:
            expect(page.locator("#panel-status")).not_to_have_text(re.compile("Loading|Cargando"))
        found[view] = violations(page)
    page.goto(dashboard.url)
    page.locator("#pause").click()
    found["paused"] = violations(page)
    page.locator("#pause").click()
    dashboard.push({}, epoch=stream.epoch + 1)
    expect(page.locator("#empty")).to_be_visible()
    found["empty"] = violations(page)
    dashboard.stop()
    wait_until(page, "() => document.getElementById('strip').dataset.state === 'disconnected'")
    found["disconnected"] = violations(page)
    assert found == {view: [] for view in found}


def test_axe_finds_nothing_before_the_first_snapshot(visit: Callable[..., Page]) -> None:
    assert violations(visit()) == []


class Keys:
    """A viewer with a keyboard only: after each key the focus must be on a visible element."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.text = ""

    def press(self, key: str) -> str:
        """Press a key; the name of the focused element."""
        self._page.keyboard.press(key)
        focus = self._page.evaluate(FOCUSED)
        assert focus["visible"], (key, focus)
        self.text = focus["text"]
        return str(focus["name"])

    def go(self, name: str, key: str = "Tab") -> None:
        """Press Tab until an element has the focus."""
        passed = []
        while (at := self.press(key)) != name:
            passed.append(at)
            assert len(passed) < 40, f"no {name} among {passed}"


def test_a_whole_session_with_the_keyboard_only(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit()
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    keys = Keys(page)
    name, filtered = page.locator("#window-name"), page.locator("#filter")

    keys.go("ranking")
    keys.press("ArrowRight")
    expect(name).to_have_text("Just now")
    keys.press("ArrowRight")
    expect(name).to_have_text("Since start")
    keys.press("ArrowRight")
    expect(name).to_have_text("Rising")
    keys.press("ArrowRight")
    expect(name).to_have_text("Last 5 minutes")
    keys.go("filter")
    keys.press("ArrowDown")
    wait_until(page, "() => location.search === '?source=bluesky'")
    keys.press("ArrowUp")
    expect(filtered).to_have_js_property("selectedIndex", 0)
    keys.go("top")
    keys.press("ArrowRight")
    wait_until(page, "() => document.querySelectorAll('#rows .row:not([inert])').length === 20")
    keys.press("ArrowLeft")

    # The table, and a tag in it.
    keys.go("table-switch")
    keys.press("Space")
    expect(page.locator("#board")).to_be_hidden()
    for _ in range(2):
        page.keyboard.press("Tab")
    keys.go("", "Tab")
    tag = keys.text
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text(tag)
    expect(page.locator("#panel-title")).to_be_focused()
    keys.press("Escape")
    assert keys.text == tag
    keys.go("table-switch", "Shift+Tab")
    keys.press("Space")
    expect(page.locator("#board")).to_be_visible()

    # A tag on the board: open, pin, close; then two more pins by their buttons, and compare.
    keys.go("tag")
    keys.press("ArrowDown")
    tag = keys.text
    page.keyboard.press("Enter")
    expect(page.locator("#panel-title")).to_have_text(tag)
    expect(page.locator("#panel-title")).to_be_focused()
    keys.go("panel-pin")
    keys.press("Enter")
    expect(page.locator("#panel-pin")).to_have_text("Unpin")
    keys.go("panel-close")
    assert keys.press("Enter") == "tag"
    assert keys.text == tag
    for _ in range(2):
        keys.press("ArrowDown")
        assert keys.press("ArrowRight") == "pin"
        keys.press("Space")
        keys.press("ArrowLeft")
    expect(page.locator("#compare")).to_have_text("Compare (3)")
    keys.go("compare", "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#panel-chips .chip")).to_have_count(3)
    keys.go("chip-remove")
    keys.press("Enter")
    expect(page.locator("#panel-chips .chip")).to_have_count(2)
    keys.press("Tab")
    assert keys.press("Escape") == "compare"

    # Time.
    keys.go("pause")
    keys.press("Enter")
    expect(page.locator("#mode")).to_contain_text("Paused")
    keys.go("slider")
    keys.press("ArrowLeft")
    keys.press("ArrowLeft")
    expect(page.locator("#mode")).to_contain_text("In the past")
    keys.press("End")
    expect(page.locator("#mode")).to_have_text("")
    keys.press("PageDown")
    expect(page.locator("#mode")).to_contain_text("In the past")
    keys.go("pause", "Shift+Tab")
    keys.press("Enter")
    expect(page.locator("#mode")).to_have_text("")

    # The language.
    while keys.press("Shift+Tab") != "control" or keys.text != "Español":
        pass
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(page.locator("#languages a")).to_be_focused()
    expect(page.locator("#compare")).to_have_text("Comparar (2)")


def test_a_summary_is_spoken_at_most_every_ten_seconds(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit()
    summary = page.locator("#summary")
    expect(summary).to_have_attribute("role", "status")
    expect(summary).to_contain_text("#WorldCup leads with")
    page.evaluate(
        """() => { window.spoken = 0; window.began_ms = Date.now(); new MutationObserver(() => { window.spoken += 1; })
          .observe(document.getElementById("summary"), {childList: true, characterData: true, subtree: true}); }"""
    )
    leaders = [f"tag{number}" for number in range(30)]
    for number, leader in enumerate(leaders):
        dashboard.push({leader: 1_000 + number, "other": 5}, epoch=stream.epoch + 1)
    expect(page.locator("#leaders tbody th").first).to_have_text("#tag29")
    # The pushes may take longer than ten seconds.
    assert page.evaluate("window.spoken <= 1 + Math.floor((Date.now() - window.began_ms) / 10_000)")
    live = page.eval_on_selector_all("[role=status], [aria-live]", "all => all.map((one) => one.id)")
    # The other regions respond to actions of the viewer.
    assert live == ["summary", "panel-status", "save-status", "card-error", "card-result"]


@pytest.mark.parametrize("view", ["window", "table", "compare", "tag", "past"])
def test_every_control_is_large_enough_for_a_finger(
    stream: SampleStream, visit: Callable[..., Page], view: str
) -> None:
    page = visit(query_of(view, stream), **PHONE)
    wait_until(page, "() => document.querySelectorAll('#leaders tbody tr').length >= 10")
    if view in {"compare", "tag"}:
        expect(page.locator("#panel-body")).to_be_visible()
    assert page.evaluate("matchMedia('(pointer: coarse)').matches")
    assert page.evaluate(SMALL_CONTROLS) == []


@pytest.mark.parametrize(
    ("locale", "query", "language", "posts", "title"),
    [
        ("en-US", "", "en", "1,234,567 posts", "Live hashtags"),
        ("es-ES", "", "es", "1.234.567 publicaciones", "Hashtags en vivo"),
        ("es-MX", "", "es", "1,234,567 publicaciones", "Hashtags en vivo"),
        ("en-GB", "?locale=es", "es", "1.234.567 publicaciones", "Hashtags en vivo"),
        ("fr-FR", "", "en", "1,234,567 posts", "Live hashtags"),
    ],
)
def test_the_page_has_the_viewers_language_and_number_format(
    dashboard: Dashboard, visit: Callable[..., Page], locale: str, query: str, language: str, posts: str, title: str
) -> None:
    page = visit(query, locale=locale)
    dashboard.push({"one": 1_234_567})
    expect(page.locator("#window-posts")).to_have_text(posts)
    expect(page.locator("h1")).to_have_text(title)
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_a_chosen_language_is_stored_and_the_url_has_priority(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("?top=20")
    page.locator("#languages a").click()
    expect(page.locator("html")).to_have_attribute("lang", "es")
    assert page.url == f"{dashboard.url}/?top=20"
    page.goto(dashboard.url)
    expect(page.locator("h1")).to_have_text("Hashtags en vivo")
    page.goto(f"{dashboard.url}/?locale=en")
    expect(page.locator("h1")).to_have_text("Live hashtags")


def test_texts_of_the_server_are_marked_as_english(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    # Visited before the push: after ten seconds without an update the page says that instead.
    page = visit("?locale=es")
    sources = [feeder.source(state="refused", error="The token is wrong", malformed={"not UTF-8": 2})]
    dashboard.push({"one": 1}, health=feeder.health(int(time.time() * 1000), sources))
    expect(page.locator("#state-sentence")).to_have_text("demo rechazó la conexión: The token is wrong.")
    assert page.locator("#state-sentence [lang=en]").text_content() == "The token is wrong."
    assert page.locator("#fact-malformed [lang=en]").text_content() == "not UTF-8"
