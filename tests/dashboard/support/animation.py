"""Checks of the animated bars: their lengths compared with the counts, and each frame of an animation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

WRONG_BARS = r"""() => {
  const chart = document.getElementById("chart");
  const clip = Number(chart.querySelector("clipPath.plotclip rect").getAttribute("width"));
  const size = [chart.clientWidth, chart.clientHeight].join();
  const drawn = ["width", "height"].map((name) => chart.querySelector(".main-svg").getAttribute(name)).join();
  if (chart.clientWidth === 0) return [];
  const paths = [...chart.querySelectorAll(".bars .point path")];
  const rows = [...document.querySelectorAll("#rows .row:not([inert])")].map((row) => {
    const box = paths[Number(row.id.slice("row-".length))].getBBox();
    const text = (name) => row.querySelector(name).textContent;
    const posts = Number(text(".posts").replace(/\D/g, ""));
    return {tag: text(".tag"), posts, length: Math.min(box.x + box.width, clip)};
  });
  const most = Math.max(...rows.map(({posts}) => posts));
  const longest = Math.max(...rows.map(({length}) => length));
  const wrong = rows.filter(({posts, length}) => Math.abs(posts / most * longest - length) > 1);
  const problems = wrong.map(({tag, posts, length}) => `${tag}: ${posts} of ${most} posts, ${length} of ${longest} px`);
  if (rows.length === 0) problems.push("no row");
  if (Math.abs(clip - chart.clientWidth) > 1) problems.push(`clip ${clip} of ${chart.clientWidth} px`);
  if (Math.abs(longest - chart.clientWidth) > 1) problems.push(`longest ${longest} of ${chart.clientWidth} px`);
  if (drawn !== size) problems.push(`drawn for ${drawn}, is ${size}`);
  return problems;
}"""
UNTIL_CORRECT = f"""async (within_ms) => {{
  const until_ms = performance.now() + within_ms;
  const still = () => document.getElementById("rows").getAnimations({{subtree: true}}).length === 0;
  for (;;) {{
    await new Promise(requestAnimationFrame);
    const problems = ({WRONG_BARS})();
    if (problems.length === 0 && still()) return [];
    if (performance.now() > until_ms) return problems.length ? problems : ["still moving"];
  }}
}}"""
RECORD = """() => {
  const chart = document.getElementById("chart"), list = document.getElementById("rows");
  const frames = window.recorded = [];
  const rectangle = /^M([-\\d.e]+),([-\\d.e]+)V([-\\d.e]+)H([-\\d.e]+)V([-\\d.e]+)Z$/;
  const sample = () => {
    const top = list.getBoundingClientRect().top;
    const paths = [...chart.querySelectorAll(".bars .point path")].map((path) => path.getAttribute("d"));
    const skewed = paths.filter((d) => { const found = rectangle.exec(d); return !found || found[2] !== found[5]; });
    const rows = [...list.querySelectorAll(".row:not([inert])")].map((row) => ({
      tag: row.querySelector(".tag").textContent, y: row.getBoundingClientRect().top - top,
      bar: Number(rectangle.exec(paths[Number(row.id.slice("row-".length))])?.[2]),
    }));
    const clip = chart.querySelector("clipPath.plotclip rect");
    frames.push({skewed, rows, width: chart.clientWidth, clip: clip && Number(clip.getAttribute("width"))});
  };
  // A message comes after layout and resize observers, when the frame is painted.
  const channel = new MessageChannel();
  channel.port1.onmessage = sample;
  const next = () => { channel.port2.postMessage(0); window.recording = requestAnimationFrame(next); };
  next();
}"""


def wrong_bars(page: Page, within_ms: int = 20_000) -> list[str]:
    """Wait until the bars don't move and are correct; after `within_ms`, what is wrong with them."""
    found: list[str] = page.evaluate(UNTIL_CORRECT, within_ms)
    return found


def during_animation(page: Page, frames: int) -> None:
    """Wait until an animation runs, and then for `frames` more frames. On a busy machine it may end before that."""
    page.evaluate(
        """async (frames) => {
          const list = document.getElementById("rows");
          const until_ms = performance.now() + 1_000;
          const animates = () => list.getAnimations({subtree: true}).length > 0;
          while (!animates() && performance.now() < until_ms) await new Promise(requestAnimationFrame);
          for (let frame = 0; frame < frames; frame++) await new Promise(requestAnimationFrame);
        }""",
        frames,
    )


def record(page: Page) -> None:
    """Start to record every frame."""
    page.evaluate(RECORD)


def recorded(page: Page) -> list[dict[str, Any]]:
    """Stop recording; the frames since `record`."""
    found: list[dict[str, Any]] = page.evaluate("(cancelAnimationFrame(window.recording), window.recorded)")
    return found
