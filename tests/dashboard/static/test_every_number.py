"""Every number of the page: its card has a command, and the command prints exactly the number that the page shows."""

from __future__ import annotations

import subprocess
import time
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder, panel
from tests.dashboard.support.page_content import wait_until
from tests.dashboard.support.sample_stream import with_people

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

#: The numbers that are clicked: all that are visible. A row that leaves the board is inert.
NUMBERS = """() => [...document.querySelectorAll("[data-of]")].filter((one) =>
  one.checkVisibility() && one.textContent && !one.closest("[inert], .visually-hidden"))"""
#: Clicks a number, waits for its card, and returns what both say.
READ = f"""async (place) => {{
  const number = ({NUMBERS})()[place];
  const text = (id) => document.getElementById(id).textContent;
  number.click();
  const isThere = () => text("card-value") !== "…" || text("card-error");
  while (!isThere()) await new Promise(requestAnimationFrame);
  document.getElementById("card-close").click();
  const shown = ["card-value", "card-exact", "card-curl", "card-error"].map(text);
  return {{of: number.dataset.of, text: number.textContent, shown}};
}}"""
#: Their texts are not the value: a time of day, an age, "none" for 0, the name of a language, or several numbers.
OTHER_TEXTS = {"first_seen_ms", "newest_at_ms", "lag_posts", "rising_lang_part", "accepted", "malformed"}


def snapshot(stream: SampleStream) -> dict[str, Any]:
    """A snapshot with people, rising hashtags, deleted posts and pairs."""
    at_ms = int(time.time() * 1000)
    body = panel.with_taken_back(with_people(stream.snapshot(at_ms)))
    top = body["window"]["top"]
    others = [[tag["key"], tag["label"], tag["posts"] // 8] for tag in top[1:5]]
    pane_ms = at_ms // feeder.PANE_MS * feeder.PANE_MS
    return {**body, "pairs": {"at_ms": pane_ms, "is_exact": True, "of": {top[0]["key"]: others}}}


def printed(commands: list[str]) -> list[str]:
    """What the commands print, each in its own line."""
    ran = subprocess.run(["bash", "-e"], input="\n".join(commands), capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.parametrize("query", ["?view=window#/tag/{key}", "?by=authors", "?view=rising", "?view=window&table"])
def test_each_number_is_what_its_command_prints(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page], query: str
) -> None:
    body = snapshot(stream)
    feeder.push(dashboard.url, TOKEN, body)
    page = visit(query.format(key=body["window"]["top"][0]["key"]), reduced_motion="reduce")
    page.locator("#pause").click()
    expect(page.locator("body")).to_have_attribute("data-mode", "paused")
    wait_until(page, "() => document.querySelector('#leaders tbody tr, #topics .topic')")
    if "tag" in query:
        expect(page.locator("#often-with li")).to_have_count(4)
    count = page.evaluate(f"({NUMBERS})().length")
    assert count >= (20 if "rising" in query else 60)
    seen = [page.evaluate(READ, place) for place in range(count)]
    assert [number for number in seen if number["shown"][3]] == []
    for number, value in zip(seen, printed([number["shown"][2] for number in seen]), strict=True):
        text, exact, _, _ = number["shown"]
        assert float(value) == float(exact), number
        if number["of"] not in OTHER_TEXTS and number["text"] != "New":
            assert text.lstrip("-−+") in number["text"], number
