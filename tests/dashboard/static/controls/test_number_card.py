"""The card of a number: by mouse and keyboard, on a phone, with a recount, and where nothing is known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import expect
from tests.dashboard.support.accessibility import PHONE, SMALL_CONTROLS, violations
from tests.dashboard.support.page_content import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route
    from tests.dashboard.support.sample_stream import SampleStream

COMMAND = "curl -fsS 'http://localhost:8000/api/number?of=posts&key=%C3%A1'"
EXPLAINED = {
    "value": 0.10497,
    "unit": "posts",
    "from_ms": 1_795_176_000_000,
    "to_ms": 1_795_176_300_000,
    "source": None,
    "lang": None,
    "terms": ["football"],
    "languages": [],
    "sources": ["bluesky"],
    "order": None,
    "counted_until_offset": 1234,
    "lag_posts": 2,
    "lost": 0,
    "skipped": 0,
    "dropped_tags": 0,
    "dropped_posts": 0,
    "muted": None,
    "pane_from_ms": 1_795_176_280_000,
    "is_estimate": False,
    "curl": COMMAND,
}


def explain(page: Page) -> list[dict[str, str]]:
    """Answer the page's requests; returns their queries."""
    requested: list[dict[str, str]] = []

    def fulfil(route: Route) -> None:
        requested.append(dict(parse_qsl(urlsplit(route.request.url).query)))
        order = "posts" if requested[-1]["of"] == "rank" else None
        route.fulfill(json={**EXPLAINED, "of": requested[-1]["of"], "order": order})

    page.route("**/api/explain?**", fulfil)
    return requested


def wait_for_answer(page: Page) -> None:
    """Wait until the open card has its number. The page's request came before."""
    expect(page.locator("#card-value")).not_to_have_text("…")


def test_a_number_opens_its_card_by_click_enter_and_key(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("?view=window", reduced_motion="reduce")
    requested = explain(page)
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    card, tag = page.locator("#number-card"), page.locator("#leaders tbody a").first.text_content()
    share = page.locator("#rows .row:not([inert]) .share").first
    share.click()
    expect(page.locator("#card-value")).to_have_text("10.5%")
    expect(page.locator("#card-exact")).to_have_text("0.10497")
    expect(page.locator("#card-tag")).to_have_text(str(tag))
    expect(page.locator("#card-sentences")).to_contain_text("Search terms: football.")
    expect(page.locator("#card-curl")).to_have_text(COMMAND)
    assert violations(page) == []
    # Nothing was opened behind the card, and Escape closes only the card.
    page.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(page.locator("#panel")).to_be_hidden()
    # The key "i" on a hashtag; then the arrow keys move to its numbers, and Enter opens the card.
    page.locator("#rows .tag[tabindex='0']").focus()
    page.keyboard.press("i")
    expect(card).to_be_visible()
    expect(page.locator("#card-choice")).to_have_value("posts")
    wait_for_answer(page)
    page.locator("#card-choice").select_option("rank")
    wait_until(page, "() => document.getElementById('card-sentences').textContent.includes('Equal numbers')")
    page.keyboard.press("Escape")
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.className").startswith("rank")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    page.keyboard.press("Enter")
    expect(card).to_be_visible()
    wait_for_answer(page)
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate("document.activeElement.className") == "pin"
    assert [query["of"] for query in requested] == ["share", "posts", "rank", "rank"]
    assert len({query["key"] for query in requested}) == 1
    # Numbers of the whole view, of the strip, and of the panel.
    for number, of in (("#window-posts", "posts"), ("#fact-lag", "lag_posts"), ("#fact-inputs", "accepted")):
        page.locator(number).focus()
        page.keyboard.press("i")
        expect(page.locator("#card-choice")).to_have_value(of)
        wait_for_answer(page)
        page.keyboard.press("Escape")
        assert "key" not in requested[-1]
    page.locator("#leaders tbody a").first.evaluate("(link) => { location.hash = link.hash; }")
    page.locator("#tag-share").click()
    expect(page.locator("#card-tag")).to_have_text(str(tag))


def test_a_pane_is_recounted_and_errors_are_said(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("?view=window&locale=es", **PHONE)
    explain(page)
    counted: dict[str, Any] = {"posts": {"counted": 300, "recounted": 300}, "read_posts": 300}
    pane = {"from_ms": 1_795_176_000_000, "to_ms": 1_795_176_010_000, "tag": {"counted": 34, "recounted": 33}}
    page.route("**/api/recount?**", lambda route: route.fulfill(json={**counted, **pane}))
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    page.locator("#rows .row:not([inert]) .posts").first.tap()
    expect(page.locator("#card-title")).to_have_text("¿Cómo se obtuvo este número?")
    expect(page.locator("#card-curl")).to_have_text(COMMAND)
    assert page.evaluate(SMALL_CONTROLS) == []
    assert violations(page) == []
    page.locator("#card-recount").click()
    result = page.locator("#card-result")
    # A screen reader announces it.
    expect(result).to_have_role("status")
    expect(result).to_contain_text("contadas 34 publicaciones, recontadas 33 publicaciones. Los números no coinciden.")
    page.unroute("**/api/recount?**")
    sentence = "Not all posts of this pane are stored any more."
    page.route("**/api/recount?**", lambda route: route.fulfill(status=409, json={"error": sentence}))
    page.locator("#card-recount").click()
    expect(result).to_have_text(sentence)
    assert result.locator("[lang=en]").text_content() == sentence
    page.locator("#card-close").click()
    page.unroute("**/api/explain?**")
    gone = "This snapshot is older than two minutes."
    page.route("**/api/explain?**", lambda route: route.fulfill(status=410, json={"error": gone}))
    page.locator("#window-posts").tap()
    expect(page.locator("#card-error")).to_have_text(gone)
    expect(page.locator("#card-body")).to_be_hidden()


def test_a_wall_and_an_embedded_page_have_no_cards(stream: SampleStream, visit: Callable[..., Page]) -> None:
    for query in ("?view=window&wall", "?view=window&embed"):
        page = visit(query)
        wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
        assert page.locator(".number").count() == 0
        page.locator("#window-posts").click()
        expect(page.locator("#number-card")).to_be_hidden()
