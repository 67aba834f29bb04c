"""The page and the files name the sources, and say how much was counted."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import EPOCH, TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.saved_files import save, table, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TAGS = {"WorldCup": 40, "Rain": 20}
LINES = {
    ("demo",): "Demo · made-up posts",
    ("replay",): "Recording · posts from a file",
    ("bluesky", "demo"): "Sources: bluesky and demo (made-up posts)",
    ("bluesky",): "Source: bluesky",
}


def push(
    dashboard: Dashboard,
    names: tuple[str, ...] = ("demo",),
    counted_seconds: int = 600,
    at_ms: int | None = None,
    **changes: Any,
) -> int:
    """Push a snapshot of posts of these sources, counted for `counted_seconds`; returns the end of its window."""
    at_ms = int(time.time() * 1000) if at_ms is None else at_ms
    body = feeder.snapshot(TAGS, at_ms, changes.pop("seq", 1), EPOCH)
    window = body["window"]
    from_ms = max(window["from_ms"], at_ms - counted_seconds * 1000)
    body["coverage"] = {"from_ms": from_ms, "missing_ms": 0, "before": counted_seconds >= 600}
    facet = {"posts": 60, "posts_before": 30, "top": feeder.named(TAGS)}
    body["facets"] = {"source": {name: facet for name in names if name != "replay"}, "lang": {"en": facet}}
    body["total"]["sources"] = sorted(names)
    body["health"] = feeder.health(at_ms, [feeder.source(name=name) for name in names])
    for name, change in changes.items():
        body[name] = body[name] | change if isinstance(body[name], dict) else change
    feeder.push(dashboard.url, TOKEN, body)
    return at_ms


@pytest.mark.parametrize("names", LINES, ids="+".join)
@pytest.mark.parametrize(
    ("query", "size"),
    [
        ("", (1440, 900)),
        ("", (390, 844)),
        ("?wall", (1920, 1080)),
        ("?embed", (480, 420)),
        ("?view=total", (1440, 900)),
    ],
)
def test_the_page_names_the_sources(
    dashboard: Dashboard, visit: Callable[..., Page], names: tuple[str, ...], query: str, size: tuple[int, int]
) -> None:
    push(dashboard, names)
    page = visit(query, viewport={"width": size[0], "height": size[1]})
    line = page.locator("#window-sources")
    expect(line).to_have_text(LINES[names])
    expect(line).to_be_in_viewport(ratio=1)
    page.emulate_media(media="print")
    expect(line).to_be_visible()


@pytest.mark.parametrize("names", LINES, ids="+".join)
def test_all_saved_files_name_the_sources(
    dashboard: Dashboard, visit: Callable[..., Page], names: tuple[str, ...]
) -> None:
    push(dashboard, names)
    page = visit("#/tag/worldcup")
    expect(page.locator("#tag-posts")).to_have_text("40")
    notes = {"demo": "made-up posts", "replay": "posts of a file"}
    note = ", ".join(notes[name] for name in names if name in notes)
    for button in ("#save-board", "#save-panel"):
        page.keyboard.press("Escape") if page.locator("#save-menu").is_visible() else None
        _, content = save(page, "csv", button)
        assert {(row["sources"], row["note"]) for row in table(content)} == {(" ".join(names), note)}
        document = json.loads(save(page, "json", button)[1])
        assert (document["sources"], document["note"]) == (list(names), note or None)
        assert any(LINES[names] in text for text in texts(save(page, "svg", button)[1]))
        page.mouse.click(5, 5)
        expect(page.locator("#save-menu")).to_be_hidden()


@pytest.mark.parametrize(
    ("names", "line"), [(["demo"], "Demo · made-up posts"), (["replay", "x"], "Recording · posts from a file: x")]
)
def test_a_past_window_names_its_own_sources(
    dashboard: Dashboard, visit: Callable[..., Page], names: list[str], line: str
) -> None:
    from_ms = int(time.time() * 1000) // 10_000 * 10_000 - 60_000
    panes = [feeder.pane(from_ms + number * 10_000, epoch=EPOCH, window={"Rain": 9}) for number in range(2)]
    panes[0]["window"]["sources"] = names
    push(dashboard, ("bluesky",), panes=panes)
    page = visit(f"?at={from_ms + 10_000}")
    expect(page.locator("body")).to_have_attribute("data-mode", "past")
    expect(page.locator("#window-sources")).to_have_text(line)
    assert table(save(page, "csv")[1])[0]["sources"] == " ".join(names)
    page.mouse.click(5, 5)
    page.goto(f"{dashboard.url}/?at={from_ms + 20_000}")
    expect(page.locator("#window-sources")).to_have_text("Source unknown")
    page.locator("#pause").click()
    expect(page.locator("#window-sources")).to_have_text("Source: bluesky")


@pytest.mark.parametrize(
    ("seconds", "name", "curve", "compared"),
    [
        (5, "First seconds so far (window: 5 min)", "10 s", False),
        (33, "Last 30 seconds so far (window: 5 min)", "30 s", False),
        (200, "Last 3 minutes so far (window: 5 min)", "3 min", False),
        (400, "Last 5 minutes", "5 min", False),
        (600, "Last 5 minutes", "5 min", True),
    ],
)
def test_the_first_minutes_say_how_much_is_counted_so_far(
    dashboard: Dashboard, visit: Callable[..., Page], seconds: int, name: str, curve: str, compared: bool
) -> None:
    push(dashboard, counted_seconds=seconds)
    page = visit()
    expect(page.locator("#window-name")).to_have_text(name)
    expect(page.locator("#headings .spark")).to_have_text(curve)
    expect(page.locator("#headings .change")).to_have_text("vs 5 min earlier" if compared else "")
    change = page.locator("#rows .row:not([inert]) .change").first
    expect(change).to_have_text("+100%" if compared else "")
    row = table(save(page, "csv")[1])[0]
    assert row["posts_before"] == ("20" if compared else "")
    page.mouse.click(5, 5)
    page.locator("#table-switch").click()
    expect(page.locator("#leaders th:nth-child(6)")).to_be_visible(visible=compared)


def test_missing_time_is_displayed(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    push(dashboard, coverage={"missing_ms": 80_000})
    page = visit()
    expect(page.locator("#window-missing")).to_have_text("1 min 20 s not counted")
    push(dashboard, coverage={"missing_ms": 1_000}, seq=2)
    expect(page.locator("#window-missing")).to_have_text("")


def test_the_first_seconds_of_the_totals_and_of_a_batch_have_no_change(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    at_ms = int(time.time() * 1000)
    plain = [{**leader, "posts_before": None} for leader in feeder.leaders(TAGS)]
    push(dashboard, counted_seconds=0, batch={"posts": 60, "at_ms": at_ms, "top": plain})
    for query in ("?view=total", "?view=batch"):
        page = visit(query)
        page.wait_for_selector("#leaders tbody tr")
        expect(page.locator("#headings .change")).to_have_text("")
        assert table(save(page, "csv")[1])[0]["posts_before"] == ""


def test_before_the_first_bars_the_steps_of_the_start_are_displayed(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit()
    now = page.locator("#startup-steps [aria-current=step]")
    expect(now).to_contain_text("Spark starts")
    # The page counts the seconds. A busy machine may skip some.
    elapsed = now.locator(".elapsed")
    expect(elapsed).to_have_text(re.compile(r"^\d+ s$"))
    shown = str(elapsed.text_content())
    expect(elapsed).not_to_have_text(shown)
    assert int(str(elapsed.text_content()).split()[0]) > int(shown.split(maxsplit=1)[0])
    at_ms = int(time.time() * 1000)
    body = feeder.snapshot({}, at_ms, 1, EPOCH)
    body["health"] = feeder.health(at_ms, [feeder.source(since_ms=at_ms)], newest_at_ms=None)
    feeder.push(dashboard.url, TOKEN, body)
    expect(now).to_contain_text("The first posts arrive")
    expect(page.locator("#state-sentence")).to_have_text("Counting is running. Waiting for the first posts.")
    # Record the title of the state in every frame with bars.
    page.evaluate(RECORD_STATES)
    push(dashboard, seq=2)
    page.wait_for_selector("#rows .row:not([inert])")
    expect(page.locator("#startup")).to_be_hidden()
    expect(page.locator("#state-name")).to_have_text("Live")
    assert page.evaluate("window.states") == ["Live"]


RECORD_STATES = """() => {
  window.states = [];
  const look = () => {
    const name = document.getElementById("state-name").textContent;
    const bars = document.querySelector("#rows .row:not([inert])");
    if (bars && window.states.at(-1) !== name) window.states.push(name);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_a_source_without_posts_is_quiet(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    at_ms = int(time.time() * 1000)
    body = feeder.snapshot({}, at_ms, 1, EPOCH)
    body["health"] = feeder.health(at_ms, [feeder.source(since_ms=at_ms - 11_000)], newest_at_ms=None)
    feeder.push(dashboard.url, TOKEN, body)
    expect(page.locator("#state-name")).to_have_text("Quiet")


def test_posts_that_wait_for_the_first_batch_are_no_delay(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    expect(page.locator("#filter")).to_have_value("All posts")
    at_ms = int(time.time() * 1000)
    waiting: dict[str, Any] = {"newest_at_ms": None, "lag_posts": 574, "posts_per_second": 0.0}
    for seq, (lag_ms, name) in enumerate([(7_000, "Starting"), (61_000, "Behind")], start=1):
        body = feeder.snapshot({}, at_ms, seq, EPOCH)
        feeder.push(dashboard.url, TOKEN, {**body, "health": feeder.health(at_ms, **waiting, lag_ms=lag_ms)})
        expect(page.locator("#state-name")).to_have_text(name)
    # Without posts there is no window, no time and no rate.
    expect(page.locator("#window-name")).to_be_hidden()
    expect(page.locator("#window-sources")).to_be_visible()
    expect(page.locator("#fact-rate")).to_have_text("–")


def test_a_partial_window_has_the_times_of_its_counted_part(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    push(dashboard, counted_seconds=125, at_ms=EPOCH)
    page = visit(at_ms=EPOCH, timezone_id="UTC", locale="en-GB")
    page.wait_for_selector("#leaders tbody tr")
    page.locator("#pause").click()
    expect(page.locator("#window-range")).to_have_text("11:57:55 – 12:00:00")
