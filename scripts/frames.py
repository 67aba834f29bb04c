"""`make frames`: measure how smoothly the page moves, and how much memory it uses.

    python scripts/frames.py [--seconds 10] [--updates 1000]

The real server gets made-up snapshots. Chromium shows the page at 1440x900. DevTools slow its CPU down. "usual": counts
rise and fall by up to a tenth. "shuffled": every count is random in each snapshot, so nearly every bar changes its
place. A frame is a callback of `requestAnimationFrame`. Milliseconds are those in which the page's main thread was
busy, with or without the slower CPU.
"""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS  # noqa: E402
from tests.dashboard.conftest import Dashboard  # noqa: E402
from tests.dashboard.support.feeder import TAGS, Stream  # noqa: E402

SLOW = 6
WARM_UP_SECONDS = 3
CASES = [
    (slower, pace_seconds, changes)
    for slower in (1, SLOW)
    for pace_seconds in (1.0, 0.25)
    for changes in ("usual", "shuffled")
]
COUNT_FRAMES = """() => {
  const seen = window.frames_seen = [];
  const note = (at_ms) => { seen.push(at_ms); requestAnimationFrame(note); };
  requestAnimationFrame(note);
}"""
Draw = Callable[[], dict[str, int]]


@dataclass(frozen=True)
class Measured:
    """One case: the gaps between frames in milliseconds, and the work of the main thread in milliseconds per update."""

    frames_per_second: float
    longest_gap_ms: float
    update_ms: float
    script_ms: float
    style_and_layout_ms: float


def drawing(changes: str, seed: int = 1) -> Draw:
    """Return a function that makes the counts of the next snapshot."""
    if changes == "usual":
        return Stream(seed).draw
    chance = random.Random(seed)  # noqa: S311
    return lambda: {tag: chance.randint(3, 1_000) for tag in TAGS}


@contextmanager
def pushing(dashboard: Dashboard, draw: Draw, pace_seconds: float) -> Iterator[None]:
    """Push at a fixed pace, from a separate thread, until the block ends."""
    ended = threading.Event()
    epoch = int(time.time() * 1000)

    def push() -> None:
        due = time.monotonic()
        while not ended.wait(max(0.0, due - time.monotonic())):
            dashboard.push(draw(), epoch=epoch)
            due += pace_seconds

    thread = threading.Thread(target=push)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def metrics(devtools: CDPSession) -> dict[str, float]:
    """Chromium's metrics of the page, by Chromium's names: durations in seconds, sizes in bytes."""
    return {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}


def frames(browser: Browser, dashboard: Dashboard, case: tuple[int, float, str], seconds: float) -> Measured:
    """Watch a page for some seconds."""
    slower, pace_seconds, changes = case
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    with pushing(dashboard, drawing(changes), pace_seconds):
        page.goto(dashboard.url)
        page.locator("#leaders tbody tr").nth(9).wait_for(state="attached")
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        page.evaluate(COUNT_FRAMES)
        page.wait_for_timeout(WARM_UP_SECONDS * 1000)
        before = metrics(devtools)
        page.evaluate("window.frames_seen.length = 0")
        page.wait_for_timeout(seconds * 1000)
        seen: list[float] = page.evaluate("window.frames_seen.slice()")
        after = metrics(devtools)
    page.close()
    gaps = [later - earlier for earlier, later in pairwise(seen)]
    updates = (after["Timestamp"] - before["Timestamp"]) / pace_seconds

    def ms(*names: str) -> float:
        return sum(after[name] - before[name] for name in names) * 1000 / updates

    return Measured(
        1000 * len(gaps) / (seen[-1] - seen[0]),
        max(gaps),
        ms("TaskDuration"),
        ms("ScriptDuration"),
        ms("RecalcStyleDuration", "LayoutDuration"),
    )


def held(page: Page, devtools: CDPSession) -> tuple[float, float]:
    """Megabytes of the heap and DOM nodes, after a garbage collection."""
    devtools.send("HeapProfiler.collectGarbage")
    now = metrics(devtools)
    return now["JSHeapUsedSize"] / 1e6, page.evaluate("document.getElementsByTagName('*').length")


def heap(browser: Browser, dashboard: Dashboard, updates: int) -> Iterator[tuple[int, float, float]]:
    """Updates, megabytes and nodes: after the first hundred updates, and after `updates` more."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable")
    page.goto(dashboard.url)
    draw, epoch = drawing("usual"), int(time.time() * 1000)
    for some in (100, updates):
        for _ in range(some):
            dashboard.push(draw(), epoch=epoch)
        page.wait_for_timeout(1_000)
        yield some, *held(page, devtools)
    page.close()


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description="Measure frames per second and the work of an update.")
    parser.add_argument("--seconds", type=float, default=10, help="how long each case is watched")
    parser.add_argument("--updates", type=int, default=1_000, help="updates between the two looks at the heap; 0: none")
    parser.add_argument("--only", help="only cases that have all these words: '6x 250'")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        dashboard = Dashboard(Path(folder))
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        print("CPU  pace     changes   frames/s  longest gap ms  ms per update  script  style, layout")
        for case in CASES:
            slower, pace_seconds, changes = case
            name = f"{f'{slower}x':<4} {f'{pace_seconds * 1000:.0f} ms':<8} {changes:<9}"
            if options.only and not set(options.only.split()) <= set(name.split()):
                continue
            got = frames(browser, dashboard, case, options.seconds)
            print(
                f"{name} {got.frames_per_second:>8.1f} {got.longest_gap_ms:>15.0f} {got.update_ms:>14.1f}"
                f" {got.script_ms:>7.1f} {got.style_and_layout_ms:>14.1f}",
                flush=True,
            )
        if options.updates:
            print("\nupdates  heap MB  DOM nodes")
            for updates, megabytes, nodes in heap(browser, dashboard, options.updates):
                print(f"{updates:>7} {megabytes:>8.2f} {nodes:>10.0f}", flush=True)
        browser.close()
        dashboard.stop()


if __name__ == "__main__":
    main()
