"""The slider reaches back over the archive by hour and by day, if there is one."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.accessibility import violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page, Route
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
STEP_MS = {"hour": HOUR_MS, "day": DAY_MS}
TAGS = ["Rain", "Oscars2026", "NASA"]


class Archive:
    """Answers for six days: in the n-th hour since 1970 the tags have 1000, 500 and 250 + n % 100 posts."""

    def __init__(self, page: Page, hours: int = 6 * 24) -> None:
        now_ms = int(time.time() * 1000)
        self.newest_ms = now_ms - now_ms % HOUR_MS - HOUR_MS
        self.oldest_ms = self.newest_ms - (hours - 1) * HOUR_MS
        self.asked: list[tuple[int, str]] = []
        page.route("**/api/archive?*", self.hours)
        page.route("**/api/archive/leaders?*", self.leaders)

    def hours(self, route: Route) -> None:
        found = [[at_ms, 1750] for at_ms in range(self.oldest_ms, self.newest_ms + 1, HOUR_MS)]
        route.fulfill(json={"hours": found})

    def leaders(self, route: Route) -> None:
        query = {name: values[0] for name, values in parse_qs(urlsplit(route.request.url).query).items()}
        at_ms, step = int(query["at_ms"]), query["step"]
        self.asked.append((at_ms, step))
        route.fulfill(json=self.answer(at_ms, step))

    def answer(self, at_ms: int, step: str) -> dict[str, Any]:
        from_ms = at_ms - at_ms % STEP_MS[step]
        hours = sum(self.oldest_ms <= one <= self.newest_ms for one in range(from_ms, from_ms + STEP_MS[step], HOUR_MS))
        top = [
            {
                "key": tag.casefold(),
                "label": tag,
                "posts": posts,
                "authors": 7 if step == "hour" else None,
                "taken_back": 0,
            }
            for tag, posts in zip(TAGS, posts_in(from_ms), strict=True)
        ]
        return {"from_ms": from_ms, "to_ms": from_ms + STEP_MS[step], "hours": hours, "top": top if hours else []}


def posts_in(from_ms: int) -> list[int]:
    return [1000 + from_ms // HOUR_MS % 100, 500, 250]


def push(dashboard: Dashboard, stream: SampleStream, **changes: Any) -> None:
    body = stream.snapshot(int(time.time() * 1000))
    body["health"] |= {"archived": feeder.archived(**changes)}
    feeder.push(dashboard.url, TOKEN, body)


def rows(page: Page) -> list[list[str]]:
    """The hashtags of the table with their posts and people."""
    script = "() => [...leaders.tBodies[0].rows].map((row) => [1, 2, 3].map((n) => row.cells[n].textContent))"
    cells: list[list[str]] = page.evaluate(script)
    return cells


def shown(from_ms: int, people: str = "7") -> list[list[str]]:
    return [[f"#{tag}", f"{posts:,}", people] for tag, posts in zip(TAGS, posts_in(from_ms), strict=True)]


def parameters(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


@pytest.fixture
def page(dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]) -> Page:
    """A page of a job with an archive."""
    opened = visit("?table")
    expect(opened.locator("#leaders tbody tr").first).to_be_visible()
    push(dashboard, stream)
    expect(opened.locator("#span")).to_be_visible()
    return opened


def test_the_slider_steps_back_by_hour_and_by_day(page: Page) -> None:
    archive = Archive(page)
    slider = page.locator("#slider")
    page.locator("#span").select_option("hour")
    expect(slider).to_have_attribute("min", str(archive.oldest_ms))
    expect(page.locator("body")).to_have_attribute("data-mode", "live")
    # Nothing but the keyboard.
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#window-name")).to_have_text("One hour of the archive")
    expect(page.locator("body")).to_have_attribute("data-mode", "past")
    assert rows(page) == shown(archive.newest_ms)
    assert parameters(page) | {"table": ""} == {"table": "", "at": str(archive.newest_ms), "step": "hour"}
    page.keyboard.press("Home")
    expect(page.locator("#leaders tbody tr td").nth(1)).to_have_text(f"{posts_in(archive.oldest_ms)[0]:,}")
    assert rows(page) == shown(archive.oldest_ms)
    assert violations(page) == []
    # By day: the day of that hour.
    page.locator("#span").select_option("day")
    expect(page.locator("#window-name")).to_have_text("One day of the archive (UTC)")
    day_ms = archive.oldest_ms - archive.oldest_ms % DAY_MS
    assert rows(page) == shown(day_ms, "")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#leaders tbody tr td").nth(1)).to_have_text(f"{posts_in(day_ms + DAY_MS)[0]:,}")
    assert archive.asked[-1] == (day_ms + DAY_MS, "day")
    page.keyboard.press("End")
    expect(page.locator("body")).to_have_attribute("data-mode", "live")
    # A paused moment is in no step of the archive.
    page.locator("#pause").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "paused")
    expect(page.locator("#span")).to_have_value("")
    expect(slider).to_have_attribute("step", "10000")
    page.locator("#pause").click()
    page.locator("#span").select_option("day")
    expect(slider).to_have_attribute("step", str(DAY_MS))
    page.locator("#span").select_option("")
    expect(slider).to_have_attribute("step", "10000")
    assert "step" not in parameters(page)


def test_a_slider_that_is_dragged_asks_for_one_step_after_the_other(page: Page) -> None:
    archive = Archive(page)
    page.locator("#span").select_option("hour")
    slider = page.locator("#slider")
    expect(slider).to_have_attribute("min", str(archive.oldest_ms))
    running = most = 0
    held: list[Route] = []

    def hold(route: Route) -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        held.append(route)

    page.unroute("**/api/archive/leaders?*")
    page.route("**/api/archive/leaders?*", hold)
    box = slider.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    for part in range(9, 0, -1):
        page.mouse.move(box["x"] + box["width"] * part / 10, box["y"] + box["height"] / 2)
    page.mouse.up()
    # A request may come some time after what it follows from.
    while len(archive.asked) < 2:
        page.evaluate("fetch('/healthz').then((response) => response.text())")
        if held:
            running -= 1
            archive.leaders(held.pop())
    for _ in range(2):
        page.evaluate("fetch('/healthz').then((response) => response.text())")
    assert held == []
    assert most == 1
    assert len(archive.asked) == 2
    at_ms = int(parameters(page)["at"])
    assert archive.asked[-1] == (at_ms, "hour")
    expect(page.locator("#leaders tbody tr td").nth(1)).to_have_text(f"{posts_in(at_ms)[0]:,}")


def test_a_link_opens_the_hour_with_its_panel_in_spanish(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    blank = visit("?table")
    archive = Archive(blank)
    at_ms = archive.newest_ms - 30 * HOUR_MS
    blank.goto(f"{dashboard.url}/?table&locale=es&at={at_ms}&step=hour#/tag/rain")
    expect(blank.locator("#window-name")).to_have_text("Una hora del archivo")
    assert rows(blank)[0][1:] == [f"{posts_in(at_ms)[0]}", "7"]
    expect(blank.locator("#span option:checked")).to_have_text("Últimos 7 días, por hora")
    # The numbers of the panel are those of now: of an hour of the archive the share is not known.
    expect(blank.locator("#panel-title")).to_have_text("#Rain")
    expect(blank.locator("#tag-share")).not_to_contain_text("%")


def test_a_link_to_a_moment_that_the_history_has_no_more_opens_its_hour(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    blank = visit("?table")
    archive = Archive(blank)
    at_ms = archive.newest_ms - 40 * HOUR_MS + 7 * 60_000
    blank.goto(f"{dashboard.url}/?table&at={at_ms}")
    expect(blank.locator("#window-name")).to_have_text("One hour of the archive")
    assert rows(blank) == shown(at_ms - at_ms % HOUR_MS)
    assert parameters(blank) == {"at": str(at_ms), "step": "hour"}


def test_an_hour_that_is_not_archived_says_so(page: Page) -> None:
    archive = Archive(page)
    page.goto(f"{page.url}&at={archive.oldest_ms - HOUR_MS}&step=hour")
    expect(page.locator("#empty-text")).to_have_text("No hashtags at that time.")
    expect(page.locator("#window-missing")).to_have_text("1 h not archived")


def test_without_an_archive_nothing_of_it_is_shown_or_requested(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit("")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    expect(page.locator("#rows .row:not([inert])").first).to_be_visible()
    expect(page.locator("#span")).to_be_hidden()
    assert [url for url in asked if "/api/archive" in url] == []
