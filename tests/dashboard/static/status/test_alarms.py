"""Alarms are in the banner, the title and the icon until they are over, and name the part that fails."""

from __future__ import annotations

import os
import re
import signal
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.support import feeder

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TEN_TAGS = {f"tag{number}": 100 - 10 * number for number in range(10)}
RECORD_SPOKEN = """
window.spoken = [];
new MutationObserver(() => {
  const { textContent } = document.querySelector("#banner-spoken");
  if (textContent) window.spoken.push(textContent);
}).observe(document.querySelector("#banner-spoken"), { childList: true, characterData: true, subtree: true });
"""


def now_ms() -> int:
    return int(time.time() * 1000)


def icon(page: Page) -> str:
    return page.locator("link[rel=icon]").get_attribute("href") or ""


def push_source(dashboard: Dashboard, **changes: Any) -> None:
    at_ms = now_ms()
    dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, [feeder.source(**changes)]))


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {}),
        ("", {"viewport": {"width": 390, "height": 844}, "has_touch": True}),
        ("?wall", {"viewport": {"width": 1920, "height": 1080}}),
        ("?embed", {"viewport": {"width": 480, "height": 420}}),
        ("", {"color_scheme": "dark", "forced_colors": "active"}),
    ],
    ids=["desktop", "phone", "wall", "embed", "forced colours"],
)
def test_an_alarm_is_in_the_banner_the_title_and_the_icon_until_it_is_over(
    dashboard: Dashboard, visit: Callable[..., Page], query: str, options: dict[str, Any]
) -> None:
    page = visit(query, **options)
    dashboard.push(TEN_TAGS)
    expect(page).to_have_title(re.compile("^#tag0 · "))
    expect(page.locator("#banner")).to_be_hidden()
    page.evaluate(RECORD_SPOKEN)
    push_source(dashboard, state="refused", error="401 the key is wrong")
    expect(page.locator("#banner")).to_contain_text("demo rejected the connection: 401 the key is wrong.")
    expect(page).to_have_title(re.compile("^⚠ Rejected by source · #tag0 · "))
    assert icon(page).startswith("data:image/svg+xml,")
    # Not with the wheel: that scrolls some time later.
    page.evaluate("scrollTo(0, 2000)")
    expect(page.locator("#banner")).to_be_in_viewport(ratio=1)
    # At the top of the page the banner covers no part of it.
    page.evaluate("scrollTo(0, 0)")
    head, banner = page.locator("#window").bounding_box(), page.locator("#banner").bounding_box()
    assert head is not None
    assert banner is not None
    assert head["y"] >= banner["y"] + banner["height"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    push_source(dashboard)
    expect(page.locator("#banner")).to_be_hidden()
    expect(page).to_have_title(re.compile("^#tag0 · "))
    assert icon(page).endswith("/favicon.svg")
    assert page.evaluate("spoken") == ["Rejected by source. demo rejected the connection: 401 the key is wrong."]


def test_one_alarm_is_displayed_at_a_time_and_spoken_once(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push(TEN_TAGS)
    expect(page.locator("#state-name")).to_have_text("Live")
    page.evaluate(RECORD_SPOKEN)
    sources = [
        feeder.source(name="x", state="refused", error="no"),
        feeder.source(),
        feeder.source(name="m", state="retrying"),
    ]
    for lag_ms in (12_000, 13_000, 14_000):
        at_ms = now_ms()
        dashboard.push(TEN_TAGS, at_ms, health=feeder.health(at_ms, sources, lag_ms=lag_ms, lag_posts=9))
        expect(page.locator("#state-sentence")).to_contain_text(f"{lag_ms // 1000} s behind")
    expect(page.locator("#banner-sentence")).to_have_text("x rejected the connection: no.")
    expect(page.locator("#banner-more")).to_have_text("+2 more alarms")
    assert page.evaluate("spoken") == ["Rejected by source. x rejected the connection: no."]


def test_a_stopped_dashboard_is_an_alarm_of_the_connection(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push(TEN_TAGS)
    expect(page.locator("#state-name")).to_have_text("Live")
    dashboard.stop()
    expect(page.locator("#banner")).to_contain_text("The connection to the dashboard was lost at")
    expect(page).to_have_title(re.compile("^⚠ Disconnected"))
    dashboard.start()
    # The page may wait for 7.5 s until it tries again, and an update of ten seconds ago is an alarm.
    expect(page.locator("#fact-connection")).to_have_text("connected")
    dashboard.push(TEN_TAGS)
    expect(page.locator("#banner")).to_be_hidden()
    assert icon(page).endswith("/favicon.svg")


def test_a_browser_without_a_network_says_so(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push(TEN_TAGS)
    expect(page.locator("#state-name")).to_have_text("Live")
    page.evaluate(RECORD_SPOKEN)
    # If the last update is ten seconds old when the page is connected again, that is another alarm.
    dashboard.push({**TEN_TAGS, "tag0": 101})
    expect(page.locator("#window-posts")).to_have_text("551 posts")
    page.context.set_offline(True)
    expect(page.locator("#state-sentence")).to_contain_text("This browser has been offline since", timeout=3_000)
    expect(page.locator("#fact-connection")).to_have_text("offline")
    page.context.set_offline(False)
    expect(page.locator("#fact-connection")).to_have_text("connected")
    dashboard.push(TEN_TAGS)
    expect(page.locator("#state-name")).to_have_text("Live")
    spoken = page.evaluate("spoken")
    assert len(spoken) == 1
    assert "offline" in spoken[0]


# It is noticed after seven seconds and at the next look, which comes each second.
@pytest.mark.alone
def test_a_dashboard_that_hangs_does_not_look_like_a_stopped_job(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit()
    dashboard.push(TEN_TAGS)
    expect(page.locator("#state-name")).to_have_text("Live")
    page.evaluate(
        """() => {
          window.sentences = new Set();
          const look = () => sentences.add(document.querySelector("#state-sentence").textContent);
          new MutationObserver(look).observe(document.querySelector("#state-sentence"), { childList: true });
        }"""
    )
    os.killpg(dashboard.process.pid, signal.SIGSTOP)
    try:
        expect(page.locator("#state-name")).to_have_text("Disconnected", timeout=9_000)
        # It has asked: without that it would say after ten seconds that nothing was received.
        expect(page.locator("#state-sentence")).to_contain_text("The connection to the dashboard was lost at")
        # Longer than a job may send no snapshot.
        expect(page.locator("#state-for")).to_have_text(re.compile("^for 1[2-9] s$"), timeout=20_000)
        assert not [text for text in page.evaluate("[...sentences]") if "Spark" in text]
    finally:
        os.killpg(dashboard.process.pid, signal.SIGCONT)
    expect(page.locator("#fact-connection")).to_have_text("connected", timeout=30_000)
    dashboard.push(TEN_TAGS)
    expect(page.locator("#state-name")).to_have_text("Live", timeout=20_000)


def refuse(dashboard: Dashboard) -> None:
    body = urllib.request.Request(f"{dashboard.url}/api/snapshots", b"{}", {"Authorization": "Bearer of another"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(body, timeout=10)
    refused.value.close()


def test_refused_pushes_are_displayed(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    refuse(dashboard)
    refused = "The push needs the header 'Authorization: Bearer <PUSH_TOKEN>' with the right token."
    sentence = f"The dashboard rejects the updates of the Spark job: {refused}"
    expect(page.locator("#state-sentence")).to_have_text(sentence, timeout=8_000)
    expect(page.locator("#banner-sentence [lang=en]")).to_have_text(refused)
    dashboard.push(TEN_TAGS)
    expect(page.locator("#state-name")).to_have_text("Live")


def test_a_refused_view_is_displayed_and_the_page_goes_on(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    dashboard.push(TEN_TAGS)
    page = visit(f"?lang={'x' * 101}")
    # After ten seconds without an update the banner would say that instead.
    dashboard.push(TEN_TAGS)
    expect(page.locator("#banner-title")).to_have_text("The dashboard rejected this view.")
    expect(page.locator("#banner-sentence")).to_contain_text("This is not a view")
    expect(page.locator("#rows li").first).to_contain_text("tag0")
    expect(page.locator("#state-name")).to_have_text("Live")
    assert "lang=" not in page.url
    expect(page).to_have_title(re.compile("^#tag0 · "))


def test_an_empty_window_leads_to_the_totals(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    total = feeder.snapshot({"WorldCup": 50_000}, now_ms())["total"]
    health = feeder.health(now_ms(), [feeder.source(state="finished")])
    dashboard.push({}, total=total, health=health)
    expect(page.locator("#empty-text")).to_have_text("No posts arrived in this window. Since start: 50,000 posts.")
    page.locator("#empty-step").click()
    expect(page.locator("#rows li").first).to_contain_text("WorldCup")
    expect(page.locator("#empty")).to_be_hidden()
    assert "total" in page.url
