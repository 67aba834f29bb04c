"""The time from `make run` to the first bars, with everything installed."""

import http.client
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.end_to_end.stack import Stack
from tests.processes import wait_until

from bench.finding import Finding, Target
from bench.spread import Spread
from bench.workshop import Workshop

TIMEOUT_SECONDS = 90.0
TARGET = Target(15, at_most=True)


def measure(shop: Workshop) -> list[Finding]:
    """Measure with a browser that waits for the page."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        seconds = [_seconds(browser) for _ in range(shop.repeats)]
        browser.close()
    shop.say(f"first bars after {[round(each, 1) for each in seconds]} s")
    return [Finding("start, to the first bars", "s", Spread.of(seconds), TARGET, "an empty folder", 1, seconds)]


def _seconds(browser: Browser) -> float:
    with tempfile.TemporaryDirectory(prefix="start-") as folder:
        since = time.monotonic()
        with Stack(Path(folder) / "data") as stack:
            wait_until(lambda: _answers(stack.address), "the page answers", TIMEOUT_SECONDS)
            page = browser.new_page()
            page.goto(f"{stack.address}/?view=window")
            page.locator("#rows .row:not([inert])").first.wait_for(timeout=TIMEOUT_SECONDS * 1000)
            took = time.monotonic() - since
            page.close()
    return took


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:  # noqa: S310 - an address of our own
            return bool(answer.status == 200)
    except (OSError, http.client.HTTPException):
        return False
