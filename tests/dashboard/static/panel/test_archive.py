"""The panel of a hashtag has its posts of the last days, if the job has an archive."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.accessibility import violations
from tests.dashboard.support.page_content import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

DAY_MS = 86_400_000


class Archive:
    """Answers the page's requests with 10 posts a step, and notes the days and steps that were requested."""

    def __init__(self, page: Page) -> None:
        self.asked: list[tuple[int, str]] = []
        page.route("**/api/archive/tags/*", self.answer)

    def answer(self, route: Route) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(route.request.url).query).items()}
        from_ms, to_ms, step = int(query["from_ms"]), int(query["to_ms"]), query["step"]
        self.asked.append(((to_ms - from_ms) // DAY_MS, step))
        step_ms = DAY_MS if step == "day" else DAY_MS // 24
        steps: list[Any] = [[at_ms - at_ms % step_ms, 10, 7, 0] for at_ms in range(from_ms, to_ms, step_ms)]
        route.fulfill(json={"key": "worldcup", "label": "WorldCup", "step_ms": step_ms, "steps": steps})


def test_a_hashtag_has_its_posts_of_the_last_days_by_hour_or_by_day(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("?locale=es")
    archive = Archive(page)
    page.evaluate("location.hash = '#/tag/worldcup'")
    expect(page.locator("#archive-title")).to_have_text("Días anteriores")
    expect(page.locator("#archive-summary")).to_contain_text("Máximo en una hora: 10")
    wait_until(page, "() => document.querySelector('#archive-curve .js-line')?.getAttribute('d')")
    assert violations(page) == []
    # Nothing but the keyboard.
    page.locator("#archive-span").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#archive-summary")).to_contain_text("Máximo en un día (UTC): 10")
    expect(page.locator("#archive-summary")).to_contain_text("300")
    assert archive.asked == [(7, "hour"), (30, "day")]


def test_without_an_archive_the_panel_has_nothing_of_it(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("")
    with page.expect_response("**/api/archive/tags/*") as response:
        page.evaluate("location.hash = '#/tag/worldcup'")
    assert not response.value.ok
    expect(page.locator("#tag-posts")).not_to_have_text("")
    expect(page.locator("#archive-box")).to_be_hidden()


@pytest.mark.parametrize(("status", "hours", "requested"), [(404, None, 1), (503, None, 2), (404, 168, 2)])
def test_a_page_learns_once_that_there_is_no_archive_and_asks_again_if_it_is_away_or_a_hashtag_is_muted(
    dashboard: Dashboard,
    stream: SampleStream,
    visit: Callable[..., Page],
    status: int,
    hours: int | None,
    requested: int,
) -> None:
    body = stream.snapshot(int(time.time() * 1000))
    body["health"]["archived"] = hours and feeder.archived(hours=hours)
    feeder.push(dashboard.url, TOKEN, body)
    page = visit("")
    expect(page.locator("#rows .row").first).to_be_visible()
    seen: list[str] = []

    def refuse(route: Route) -> None:
        seen.append(route.request.url.partition("?")[0].rpartition("/")[2])
        route.fulfill(status=status, json={"error": "There is none."})

    page.route("**/api/archive/tags/*", refuse)
    for label in ("Oscars2026", "NASA"):
        with page.expect_response(f"**/api/tags/{label.lower()}"):
            page.evaluate(f"location.hash = '#/tag/{label.lower()}'")
        # The label comes with the facts, and with them the request to the archive.
        expect(page.locator("#panel-title")).to_have_text(f"#{label}")
        wait_until(page, "() => document.querySelector('#window-curve .js-line')?.getAttribute('d')")
        # Requests arrive in their order, so those of the panel are here now.
        page.evaluate("fetch('/api/archive/tags/last').then((response) => response.text())")
    assert [tag for tag in seen if tag != "last"] == ["oscars2026", "nasa"][:requested]
