"""The time from ingest's acceptance of a post to the browser's frame in which the bars begin to move for it."""

import tempfile
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, Page, sync_playwright
from tests.conftest import CHROMIUM, CHROMIUM_ARGUMENTS
from tests.end_to_end.stack import Stack

from bench.finding import Finding, Target
from bench.spread import Spread, percentile
from bench.workshop import LOCAL_CORES, Workshop
from ingest.posts.post import Post
from spark_job.executor.ingest_client import IngestClient

POSTS_PER_SECOND = 1_000
# One stack per pace. Each further span is a repeat.
WARM_SECONDS, SECONDS = 15.0, 15.0
START_SECONDS = 90.0
# TRIGGER_SECONDS -> targets for the median and the 99th percentile, in seconds.
TARGETS = {"1": (0.6, 1.1), "0": (0.2, 0.4)}

# Records the offset up to which the newest snapshot counts, and when the first frame of its transition was drawn, which
# is when the next frame begins.
PROBE = r"""
(() => {
  const seen = (window.benchSeen = { offset: -1, frames: [] });
  const note = (text) => {
    const match = typeof text === "string" && /"health":\s*\{"offset":\s*(\d+)/.exec(text);
    if (match) seen.offset = Number(match[1]);
  };
  window.WebSocket = class extends WebSocket {
    constructor(...address) {
      super(...address);
      this.addEventListener("message", (event) => note(event.data));
    }
  };
  let plotly;
  Object.defineProperty(window, "Plotly", {
    configurable: true,
    get: () => plotly,
    set(value) {
      const animate = value.animate;
      value.animate = (...options) => {
        const offset = seen.offset;
        requestAnimationFrame(() => requestAnimationFrame(() => seen.frames.push([offset, Date.now()])));
        return animate.apply(value, options);
      };
      plotly = value;
    },
  });
})();
"""

Frame = tuple[int, int]


def measure(shop: Workshop) -> list[Finding]:
    """Measure at both paces."""
    found = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        for trigger, targets in TARGETS.items():
            rounds = rounds_at(browser, trigger, shop.repeats, accepted_in_spool)
            for part, target in zip((0.5, 0.99), targets, strict=True):
                values = [percentile(seconds, part) for seconds in rounds]
                shop.say(f"TRIGGER_SECONDS={trigger}, p{100 * part:.0f}: {[round(value, 3) for value in values]} s")
                what = f"latency, TRIGGER_SECONDS={trigger}, p{100 * part:.0f}"
                note = f"{POSTS_PER_SECOND:,} posts/s for {SECONDS:.0f} s"
                bound = Target(target, at_most=True)
                found.append(Finding(what, "s", Spread.of(values), bound, note, 2, values))
        browser.close()
    return found


def rounds_at(
    browser: Browser, trigger: str, repeats: int, accepted: Callable[[Stack, list[Frame]], dict[int, int]], **more: str
) -> list[list[float]]:
    """The latency of each post, span by span.

    Args:
        browser: Shows the page.
        trigger: `TRIGGER_SECONDS`.
        repeats: How many spans.
        accepted: When ingest accepted each post that was shown: offset -> time.
        more: Further settings of the services.

    """
    settings = {
        "SOURCE": "demo",
        "DEMO_RATE": str(POSTS_PER_SECOND),
        "DEMO_SEED": "8",
        "DEMO_PAST_MINUTES": "0",
        "TRIGGER_SECONDS": trigger,
        "SPARK_MASTER": f"local[{LOCAL_CORES}]",
        **more,
    }
    with tempfile.TemporaryDirectory(prefix="latency-") as folder, Stack(Path(folder) / "data", **settings) as stack:
        stack.snapshot_where(lambda snapshot: snapshot["window"]["posts"] > 0, "first posts", START_SECONDS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(PROBE)
        page.goto(f"{stack.address}/?view=window")
        page.wait_for_timeout(WARM_SECONDS * 1000)
        spans = [_frames(page) for _ in range(repeats)]
        page.close()
        return [latencies(frames, accepted(stack, frames)) for frames in spans]


def _frames(page: Page) -> list[Frame]:
    """Each transition's offset and the time of its first frame."""
    page.evaluate("benchSeen.frames.length = 0")
    page.wait_for_timeout(SECONDS * 1000)
    frames: list[list[int]] = page.evaluate("benchSeen.frames")
    return [(offset, at_ms) for offset, at_ms in frames]


def accepted_in_spool(stack: Stack, frames: list[Frame]) -> dict[int, int]:
    """When ingest accepted each post that was shown: offset -> time."""
    port = stack.ports["INGEST_PORT"]
    decode = msgspec.json.Decoder(Post).decode_lines
    accepted: dict[int, int] = {}
    with IngestClient("127.0.0.1", port) as client:
        at, end = frames[0][0], frames[-1][0]
        while at < end:
            posts = decode(client.read(at, min(end, at + 10_000)).body)
            accepted |= {post.offset: post.at_ms for post in posts}
            at = posts[-1].offset + 1
    return accepted


def latencies(frames: Sequence[Frame], accepted: dict[int, int]) -> list[float]:
    """Seconds from acceptance to the first frame with the post, for each post between the first and last frame.

    In Kafka, some offsets have no post.
    """
    found: list[float] = []
    for (before, _), (until, shown_ms) in pairwise(frames):
        found += [(shown_ms - accepted[offset]) / 1000 for offset in range(before, until) if offset in accepted]
    return found
