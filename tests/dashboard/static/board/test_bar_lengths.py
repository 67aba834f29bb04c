"""The lengths of the bars are correct after every change of the page, also during an animation."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from tests.dashboard.support.animation import during_animation, wrong_bars

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

WIDTHS = [(320, 640), (390, 844), (844, 390), (1024, 768), (1366, 768), (1440, 900), (1920, 1080)]
#: Frames after the start of an animation, which has about 36.
FRAMES = (0, 3, 10, 20, 30)

Change = tuple[str, "Callable[[Page], object]"]


def random_counts(rng: random.Random) -> dict[str, int]:
    return {f"tag{number}": rng.randint(3, 900) for number in range(24)}


def show(page: Page, dashboard: Dashboard, rng: random.Random) -> None:
    dashboard.push(random_counts(rng))
    page.wait_for_selector("#leaders tbody tr", state="attached")
    assert wrong_bars(page) == []


def open_panel(page: Page) -> None:
    page.evaluate("location.hash = '#/tag/tag1'")


def close_panel(page: Page) -> None:
    page.evaluate("document.getElementById('panel-close').click()")


def press(selector: str) -> Callable[[Page], object]:
    return lambda page: page.evaluate("(selector) => document.querySelector(selector).click()", selector)


def resize(width: int, height: int) -> Callable[[Page], object]:
    return lambda page: page.set_viewport_size({"width": width, "height": height})


def changes(width: int, height: int) -> list[Change]:
    return [
        ("panel open", open_panel),
        ("panel closed", close_panel),
        ("20 bars", press("#top input[value='20']")),
        ("10 bars", press("#top input[value='10']")),
        ("rotated", resize(height, width)),
        ("rotated back", resize(width, height)),
        ("narrower", resize(width - 37, height)),
        ("wider", resize(width, height)),
        ("lower", resize(width, height - 60)),
        ("higher", resize(width, height)),
        ("dark", lambda page: page.emulate_media(color_scheme="dark")),
        ("light", lambda page: page.emulate_media(color_scheme="light")),
        ("larger text", lambda page: page.evaluate("document.documentElement.style.fontSize = '24px'")),
        ("usual text", lambda page: page.evaluate("document.documentElement.style.fontSize = ''")),
        ("zoom", lambda page: page.evaluate("document.documentElement.style.zoom = '1.5'")),
        ("no zoom", lambda page: page.evaluate("document.documentElement.style.zoom = ''")),
        ("pinned", press("#rows .row:not([inert]) .pin")),
        ("unpinned", press("#rows .pin[aria-pressed=true], #rows .pin")),
        ("total", press("#ranking input[value=total]")),
        ("window", press("#ranking input[value=window]")),
    ]


@pytest.mark.parametrize(("width", "height"), WIDTHS)
def test_bars_are_correct_after_each_change_during_an_animation(
    dashboard: Dashboard, visit: Callable[..., Page], width: int, height: int
) -> None:
    page, rng = visit(viewport={"width": width, "height": height}), random.Random(width)
    show(page, dashboard, rng)
    wrong = {}
    for name, change in changes(width, height):
        dashboard.push(random_counts(rng))
        during_animation(page, rng.choice(FRAMES))
        change(page)
        if problems := wrong_bars(page):
            wrong[name] = problems
    assert wrong == {}


def test_bars_are_correct_each_time_a_panel_was_opened_and_closed(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page, rng = visit(), random.Random(1)
    show(page, dashboard, rng)
    wrong = []
    for number in range(20):
        dashboard.push(random_counts(rng))
        during_animation(page, FRAMES[number % len(FRAMES)])
        open_panel(page)
        for _ in range(number):
            page.evaluate("new Promise(requestAnimationFrame)")
        close_panel(page)
        wrong += wrong_bars(page)
    assert wrong == []
