"""The view "Rising" in a real browser: its list, its reasons, its default, and what is held back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import wait_until
from tests.dashboard.support.rising import held_back
from tests.dashboard.support.rising_lists import now, push, rising, tag

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

REASON = "12 times its usual 3 people in 5 minutes: 38 people, most in Spanish, since 14:02."
RISING = "() => document.querySelectorAll('#topics .topic').length"


def today(hour: int, minute: int) -> int:
    """A time of today in UTC."""
    day_ms = now() // 86_400_000 * 86_400_000
    return day_ms + (hour * 60 + minute) * 60_000


def tags(page: Page) -> list[str]:
    """The first tag of each topic, in the displayed order."""
    return page.locator("#topics .topic-tag:first-child").all_text_contents()


def test_a_topic_has_its_tags_and_one_sentence_why_it_rises(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising", timezone_id="UTC", reduced_motion="reduce")
    since_ms = today(14, 2)
    push(dashboard, [tag("terremoto", since_ms=since_ms), tag("sismo")], [tag("Nuevo", new=True, since_ms=since_ms)])
    wait_until(page, f"() => ({RISING})() === 2")
    first, second = page.locator("#topics .topic").all()
    expect(first.locator(".topic-tag")).to_have_text(["#terremoto", "#sismo"])
    expect(first.locator(".topic-reason")).to_have_text(REASON)
    expect(first.locator(".topic-times")).to_have_text("12×")
    expect(second.locator(".topic-reason")).to_have_text(
        "Not seen before: 38 people in 5 minutes, most in Spanish, since 14:02."
    )
    curve = first.locator(".trend .line").get_attribute("d") or ""
    assert curve.count("L") == 29
    assert page.title() == "#terremoto · Live hashtags"
    expect(page.locator("#ranking-rising")).to_have_text("Rising (2)")


def test_the_sentence_in_spanish(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?locale=es", timezone_id="UTC", locale="es-ES")
    push(
        dashboard,
        [tag("terremoto", since_ms=today(13, 5))],
        [tag("rara", expected=0.3, authors=9, since_ms=today(1, 5))],
    )
    wait_until(page, f"() => ({RISING})() === 2")
    expect(page.locator(".topic-reason")).to_have_text(
        [
            (
                "12 veces su nivel habitual de 3 personas en 5 minutos: "
                "38 personas, la mayoría en español, desde las 13:05."
            ),
            "Habitualmente menos de una persona en 5 minutos, ahora 9 personas, la mayoría en español, desde la 1:05.",
        ]
    )


def test_rising_is_the_first_view_and_the_one_that_a_page_opens_with(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    push(dashboard, [tag("terremoto")])
    page = visit()
    expect(page.locator("#window-name")).to_have_text("Rising")
    expect(page.locator("#ranking input").first).to_have_value("rising")
    expect(page.locator("#ranking input[value=rising]")).to_be_checked()
    expect(page.locator("#board")).to_be_hidden()
    assert page.url == f"{dashboard.url}/"
    # A view in the address is kept.
    named = visit("?view=window")
    expect(named.locator("#window-name")).to_have_text("Last 5 minutes")
    expect(named.locator("#rising")).to_be_hidden()
    push(dashboard, [tag("terremoto")], [tag("other")])
    expect(named.locator("#ranking-rising")).to_have_text("Rising (2)")
    expect(named.locator("#window-name")).to_have_text("Last 5 minutes")


def test_a_page_that_nobody_has_used_changes_to_rising_and_a_used_one_does_not(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    idle, used = visit(), visit()
    dashboard.push({"WorldCup": 30})
    for page in (idle, used):
        expect(page.locator("#window-name")).to_have_text("Last 5 minutes")
    used.mouse.move(300, 300)
    push(dashboard, [tag("terremoto")])
    expect(idle.locator("#window-name")).to_have_text("Rising")
    expect(used.locator("#ranking-rising")).to_have_text("Rising (1)")
    expect(used.locator("#window-name")).to_have_text("Last 5 minutes")
    expect(used.locator("#board")).to_be_visible()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Nothing rises now: each hashtag is used about as much as usual."),
        (
            {"missing_ms": 1_405_000},
            "To know what is usual, posts have to be counted for another 24 minutes. Then this list begins.",
        ),
    ],
)
def test_an_empty_list_has_a_sentence_and_a_way_to_the_window(
    dashboard: Dashboard, visit: Callable[..., Page], changes: dict[str, Any], sentence: str
) -> None:
    page = visit("?view=rising")
    push(dashboard, **changes)
    expect(page.locator("#rising-none-text")).to_have_text(sentence)
    expect(page.locator("#topics .topic")).to_have_count(0)
    page.locator("#rising-window").click()
    expect(page.locator("#window-name")).to_have_text("Last 5 minutes")
    expect(page.locator("#board")).to_be_visible()


def test_what_is_held_back_can_be_opened_and_has_its_reason(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising")
    copied = held_back("VoteForMe", "copies", texts=3)
    push(dashboard, [tag("terremoto")], held_back=[held_back("BuyNow"), copied])
    expect(page.locator("#held-back-title")).to_have_text("Held back (2)")
    reasons = page.locator("#held-back-list li")
    expect(reasons.first).to_be_hidden()
    page.locator("#held-back-title").focus()
    page.keyboard.press("Enter")
    expect(reasons).to_have_text(
        ["#BuyNow2,000 posts, but only from 5 people.", "#VoteForMe400 people, but only 3 different texts."]
    )
    expect(reasons.first).to_be_visible()
    # It stays open when the list changes.
    push(dashboard, [tag("other")], held_back=[copied])
    expect(reasons).to_have_count(1)
    expect(reasons.first).to_be_visible()


def test_a_hostile_tag_is_text(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising")
    label = "</script><img src=x onerror=alert(1)>"
    push(dashboard, [tag(label)], held_back=[held_back(label)])
    expect(page.locator(".topic-tag")).to_have_text(f"#{label}")
    assert page.locator("#rising :is(img, script)").count() == 0


def test_a_tag_of_the_list_opens_its_panel_with_the_sentence_and_the_band(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit("?view=rising", timezone_id="UTC")
    push(dashboard, [tag("terremoto", since_ms=today(14, 2)), tag("sismo")])
    page.locator(".topic-tag", has_text="#terremoto").click()
    expect(page.locator("#panel-title")).to_have_text("#terremoto")
    expect(page.locator("#tag-reason")).to_have_text(REASON)
    expect(page.locator("#tag-people")).to_have_text("38")
    expect(page.locator("#window-curve-title")).to_have_text("Last minutes: people per 10 seconds. Grey: usual.")
    expect(page.locator("#window-curve .scatterlayer path.js-fill")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#panel")).to_be_hidden()
    expect(page.locator(".topic-tag").first).to_be_focused()
    page.locator(".topic-tag", has_text="#sismo").click()
    expect(page.locator("#panel-title")).to_have_text("#sismo")


def test_the_order_is_held_while_the_pointer_is_on_the_list(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising")
    push(dashboard, [tag("one")], [tag("two")])
    expect(page.locator("#topics .topic")).to_have_count(2)
    page.locator("#topics .topic").first.hover()
    expect(page.locator("#rising-held")).to_be_visible()
    push(dashboard, [tag("three")], [tag("two", authors=55)])
    expect(page.locator("#topics .topic")).to_have_count(3)
    assert tags(page) == ["#one", "#two", "#three"]
    expect(page.locator(".topic.left .topic-tag")).to_have_text("#one")
    expect(page.locator(".topic-reason").nth(1)).to_contain_text("55 people")
    page.keyboard.press("Escape")
    expect(page.locator("#topics .topic")).to_have_count(2)
    assert tags(page) == ["#three", "#two"]


def test_the_same_list_changes_nothing_in_the_document(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising")
    made = rising(now(), [tag("one")], [tag("two")], held_back=[held_back("three")])
    dashboard.push({"WorldCup": 30}, rising=made)
    expect(page.locator("#topics .topic")).to_have_count(2)
    page.evaluate(
        """() => { window.changes = 0; new MutationObserver((all) => { window.changes += all.length; })
          .observe(document.getElementById("rising"),
                   {childList: true, characterData: true, attributes: true, subtree: true}); }"""
    )
    dashboard.push({"WorldCup": 3_000}, rising=made)
    expect(page.locator("#window-posts")).to_have_text("3,000 posts")
    assert page.evaluate("window.changes") == 0
    # Only the topic that changed is written again.
    element = page.locator("#topics .topic").first.element_handle()
    dashboard.push(
        {"WorldCup": 30}, rising={**made, "topics": [{"tags": [tag("one")]}, {"tags": [tag("two", times=7)]}]}
    )
    expect(page.locator(".topic-times").nth(1)).to_have_text("7×")
    assert element is not None
    assert element.evaluate("(topic) => topic.isConnected && topic === document.querySelector('.topic')")


def test_entries_are_announced_with_their_reason(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising", timezone_id="UTC")
    push(dashboard, [tag("terremoto", since_ms=today(14, 2))])
    expect(page.locator("#summary")).to_contain_text(f"#terremoto rises. {REASON}")
    expect(page.locator("#summary")).to_have_attribute("role", "status")


def test_the_table_has_one_row_per_tag(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising&table", timezone_id="UTC")
    push(dashboard, [tag("terremoto", since_ms=today(14, 2)), tag("sismo", since_ms=today(14, 2))])
    expect(page.locator("#rising-table tbody tr")).to_have_count(2)
    cells = page.locator("#rising-table tbody tr").first.locator("th, td").all_text_contents()
    assert cells == ["1", "#terremoto", "12", "38", "3", "52", "14:02", "Spanish"]
    expect(page.locator("#rising")).to_be_hidden()
    expect(page.locator("#leaders")).to_be_hidden()
    page.locator("#rising-table a").first.click()
    expect(page.locator("#panel-title")).to_have_text("#terremoto")
    page.keyboard.press("Escape")
    expect(page.locator("#rising-table a").first).to_be_focused()


def saved(page: Page, extension: str) -> tuple[str, bytes]:
    """Save a file with the menu; its name and content."""
    if page.locator("#save-menu").is_hidden():
        page.locator("#save-board").click()
    with page.expect_download() as download:
        page.locator(f"[data-save={extension}]").click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_the_list_is_saved_as_table_document_and_picture(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?view=rising", timezone_id="UTC")
    push(dashboard, [tag("terremoto", since_ms=today(14, 2))], held_back=[held_back("BuyNow")])
    expect(page.locator("#topics .topic")).to_have_count(1)
    name, content = saved(page, "csv")
    assert name.startswith("hashtags-rising-")
    found = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [(row["hashtag"], row["people"], row["held_back"]) for row in found] == [
        ("#terremoto", "38", ""),
        ("#BuyNow", "5", "few people"),
    ]
    _, content = saved(page, "json")
    document = json.loads(content)
    assert document["topics"][0][0]["expected"] == 3
    assert document["held_back"][0]["hashtag"] == "#BuyNow"
    _, drawing = saved(page, "svg")
    for text in ("#terremoto", REASON, "Rising"):
        assert text in drawing.decode()


def test_the_past_shows_the_list_as_it_was_then(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    panes = stream.closed_panes()
    for pane in panes:
        pane["rising"] = rising(pane["to_ms"], [tag(f"then{pane['to_ms'] // 10_000 % 100}")])
    body = stream.snapshot(now())
    feeder.push(dashboard.url, TOKEN, {**body, "panes": panes, "rising": rising(now(), [tag("now")])})
    at_ms = stream.first_ms + 40 * feeder.PANE_MS
    then = f"#then{at_ms // 10_000 % 100}"
    page = visit(f"?view=rising&at={at_ms}")
    expect(page.locator("#window-name")).to_have_text("Rising, in the past")
    expect(page.locator(".topic-tag")).to_have_text(then)
    page.locator("#pause").click()
    expect(page.locator(".topic-tag")).to_have_text("#now")
    expect(page.locator("#window-name")).to_have_text("Rising")
    # Without a view, a moment is the window of all posts.
    window = visit(f"?at={at_ms}")
    expect(window.locator("#window-name")).to_have_text("5 min in the past")
    # The slider of a page that opened with Rising leads to the list of that time.
    opened = visit()
    expect(opened.locator(".topic-tag")).to_have_text("#now")
    expect(opened.locator("#slider")).to_be_enabled()
    opened.locator("#slider").evaluate(
        "(slider, at_ms) => { slider.value = at_ms; slider.dispatchEvent(new Event('input')); }", at_ms
    )
    expect(opened.locator(".topic-tag")).to_have_text(then)
    assert "view=rising" in opened.url
