"""Times are in the viewer's time zone and format, and every axis is linear in real time."""

from __future__ import annotations

import itertools
import re
from datetime import datetime
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import EPOCH, TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.saved_files import save

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

MINUTE_MS = 60_000
BERLIN = ("Europe/Berlin", "2026-10-25T01:00:00Z")
NEW_YORK = ("America/New_York", "2026-11-01T06:00:00Z")
SPRING = ("Europe/Berlin", "2026-03-29T01:00:00Z")


def push_hour(dashboard: Dashboard, changes_at: str) -> int:
    """Push an hour of panes of one minute around a change of the clock; returns its end."""
    middle_ms = round(datetime.fromisoformat(changes_at).timestamp() * 1000)
    end_ms = middle_ms + 30 * MINUTE_MS
    panes = []
    for number in range(60):
        from_ms = middle_ms + (number - 30) * MINUTE_MS
        pane = feeder.pane(from_ms, {"Rain": 10 + 7 * (number % 2)}, EPOCH)
        panes.append({**pane, "to_ms": from_ms + MINUTE_MS, "window": None})
    body = feeder.snapshot({"Rain": 40}, end_ms, 1, EPOCH, panes=panes)
    feeder.push(dashboard.url, TOKEN, body)
    return end_ms


def steps(path: str) -> list[float]:
    """The horizontal distances between neighbouring points of a line."""
    x = [float(value) for value in re.findall(r"[ML](-?[0-9.]+),", path)]
    assert len(x) == 60
    return [after - before for before, after in itertools.pairwise(x)]


def expect_real_time(path: str) -> None:
    """The curve goes to the right, with the same distance for each minute."""
    found = steps(path)
    assert min(found) > 0, found
    assert max(found) - min(found) < 0.1


@pytest.mark.parametrize(
    ("place", "locale", "ticks"),
    [
        (BERLIN, "en-GB", ["02:30|CEST", "02:45|CEST", "02:00|CET", "02:15|CET"]),
        (BERLIN, "en-US", ["2:30 AM|GMT+2", "2:45 AM|GMT+2", "2:00 AM|GMT+1", "2:15 AM|GMT+1"]),
        (BERLIN, "es-ES", ["2:30|CEST", "2:45|CEST", "2:00|CET", "2:15|CET"]),
        (NEW_YORK, "en-US", ["1:30 AM|EDT", "1:45 AM|EDT", "1:00 AM|EST", "1:15 AM|EST"]),
        (NEW_YORK, "es-ES", ["1:30|GMT-4", "1:45|GMT-4", "1:00|GMT-5", "1:15|GMT-5"]),
        (SPRING, "en-GB", ["01:30|CET", "01:45|CET", "03:00|CEST", "03:15|CEST"]),
    ],
)
def test_a_curve_never_runs_backwards_at_a_change_of_the_clock(
    dashboard: Dashboard, visit: Callable[..., Page], place: tuple[str, str], locale: str, ticks: list[str]
) -> None:
    push_hour(dashboard, place[1])
    page = visit("#/tag/rain", timezone_id=place[0], locale=locale)
    line = page.locator("#history-curve .scatterlayer .js-line")
    expect(line).to_have_count(1)
    expect_real_time(str(line.get_attribute("d")))
    # The two lines of a label are two spans.
    labels = page.locator("#history-curve .xaxislayer-above text").evaluate_all(
        "texts => texts.map((text) => [...text.querySelectorAll('tspan')].map((part) => part.textContent).join('|'))"
    )
    assert [plain(text) for text in labels] == ticks
    _, drawing = save(page, "svg", "#save-panel")
    root = ElementTree.fromstring(drawing)
    lines = [str(part.get("d")) for part in root.iter() if "js-line" in str(part.get("class"))]
    expect_real_time(max(lines, key=len))
    written = [plain("|".join("".join(part.itertext()) for part in text)) for text in root.iter() if len(text)]
    # The picture has space for more labels, ten minutes apart.
    assert {ticks[0], ticks[2]} <= set(written)


def plain(text: str) -> str:
    """The text without the kinds of spaces and signs that differ between versions of the Unicode data."""
    return text.replace("\u202f", " ").replace("\u00a0", " ").replace("\u2212", "-")


@pytest.mark.parametrize(
    ("locale", "clock"),
    [
        ("en-US", r"\d{1,2}:\d\d [AP]M"),
        ("en-GB", r"\d\d:\d\d"),
        ("es-ES", r"\d{1,2}:\d\d"),
        ("es-MX", r"\d{1,2}:\d\d [ap]\.m\."),
    ],
)
def test_all_times_of_the_page_have_one_format(
    noon_stream: SampleStream, visit: Callable[..., Page], locale: str, clock: str
) -> None:
    page = visit("?table#/tag/worldcup", at_ms=EPOCH, locale=locale, timezone_id="America/New_York")
    expect(page.locator("#window-curve .scatterlayer .js-line")).to_have_count(1)
    expect(page.locator("#slider-from")).not_to_be_empty()
    text = plain(str(page.locator("#window-range").text_content()))
    assert re.fullmatch(rf"{clock}( – {clock})?", text), text
    # The zone is there once, beside the window's times.
    expect(page.locator("#window-zone")).to_have_text(re.compile(r"^(EST|EDT|GMT[-−−][45])$"))
    axes = page.locator(".curve .xaxislayer-above text").all_text_contents()
    assert axes
    for text in axes:
        assert re.fullmatch(clock, plain(text)), text
    exact = clock.replace(r":\d\d", r":\d\d:\d\d", 1)
    for end in ("#slider-from", "#slider-to"):
        text = plain(str(page.locator(end).text_content()))
        assert re.fullmatch(exact, text), text
    for first_seen in page.locator("#leaders td:nth-child(8)").all_text_contents():
        assert re.search(rf"{clock}$", plain(first_seen)), first_seen
    assert re.search(rf"{clock}$", plain(str(page.locator("#tag-first").text_content())))


def test_times_of_a_paused_page_have_seconds(noon_stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit(at_ms=EPOCH, locale="en-GB", timezone_id="UTC")
    page.wait_for_selector("#leaders tbody tr")
    page.locator("#pause").click()
    expect(page.locator("#window-range")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d – \d\d:\d\d:\d\d$"))


def test_a_window_across_the_end_of_summer_time_has_both_zones(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    at_ms = round(datetime.fromisoformat(BERLIN[1]).timestamp() * 1000) + 60_000
    feeder.push(dashboard.url, TOKEN, feeder.snapshot({"Rain": 4}, at_ms, 1, EPOCH))
    page = visit(locale="en-GB", timezone_id="Europe/Berlin")
    expect(page.locator("#window-range")).to_have_text(re.compile(r"02:56 CEST – (25 Oct, )?02:01$"))
    expect(page.locator("#window-zone")).to_have_text("CET")
