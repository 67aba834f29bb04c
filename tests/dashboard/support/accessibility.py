"""Checks of accessibility, on screens of several kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.conftest import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

AXE = ROOT / "node_modules/axe-core/axe.min.js"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SETUPS: dict[str, dict[str, Any]] = {
    "light, English": {"color_scheme": "light", "locale": "en-GB"},
    "dark, Spanish": {"color_scheme": "dark", "locale": "es-MX"},
    "phone, light, Spanish": {**PHONE, "color_scheme": "light", "locale": "es"},
}
VIOLATIONS = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ["violations"]});
  const where = ({html, failureSummary}) => `${html.slice(0, 200)} ${failureSummary}`;
  return violations.map(({id, nodes}) => `${id}: ${nodes.map(where).join(" | ")}`);
}"""
SMALL_CONTROLS = """() => [...document.querySelectorAll("a, button, select, input, summary")]
  .filter((one) => one.checkVisibility() && !one.closest(".visually-hidden, [inert]"))
  .map((one) => [one.id || one.value || one.textContent, one.closest(".row > .tag") ? one.parentElement : one])
  .map(([name, one]) => [name, one.getBoundingClientRect()])
  .filter(([, {width, height}]) => width < 43.5 || height < 43.5)
  .map(([name, {width, height}]) => [name, width, height])"""


def violations(page: Page) -> list[str]:
    """The violations that axe-core finds on the page, by all of its rules."""
    if not AXE.exists():
        pytest.skip("axe-core is not installed; `npm ci` does")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(VIOLATIONS)
    return found
