"""The help dialog, which the button "?" opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.support.accessibility import violations

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.support.sample_stream import SampleStream


@pytest.mark.parametrize(
    ("locale", "button", "sentence"),
    [("en-GB", "What is counted?", "of the last 5 min"), ("es-ES", "¿Qué se cuenta?", "de los últimos 5 min")],
)
def test_the_help_works_by_keyboard_and_escape_closes_only_the_help(
    stream: SampleStream, visit: Callable[..., Page], locale: str, button: str, sentence: str
) -> None:
    page = visit("#/tag/worldcup", locale=locale)
    page.wait_for_selector("#leaders tbody tr")
    page.get_by_role("button", name=button).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#help")).to_be_visible()
    expect(page.locator("#help-close")).to_be_focused()
    expect(page.locator("#help-window")).to_contain_text(sentence)
    expect(page.locator("#help a[href='/api']")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#help")).to_be_hidden()
    expect(page.locator("#panel")).to_be_visible()
    expect(page.get_by_role("button", name=button)).to_be_focused()


@pytest.mark.parametrize(
    "options",
    [
        {"color_scheme": "light"},
        {"color_scheme": "dark"},
        {"viewport": {"width": 390, "height": 844}},
        {"forced_colors": "active"},
    ],
    ids=["light", "dark", "phone", "forced colours"],
)
def test_the_help_is_accessible_and_fits(
    stream: SampleStream, visit: Callable[..., Page], options: dict[str, object]
) -> None:
    page = visit(**options)
    page.wait_for_selector("#leaders tbody tr")
    if not page.locator("#help-open").is_visible():
        page.locator("#more-switch").click()
    page.locator("#help-open").click()
    expect(page.locator("#help")).to_be_visible()
    assert violations(page) == []
    box = page.locator("#help").bounding_box()
    view = page.viewport_size
    assert box is not None
    assert view is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= view["width"]
    assert box["y"] + box["height"] <= view["height"]
    drawn = page.locator("#help svg").bounding_box()
    assert drawn is not None
    assert drawn["height"] > 40
