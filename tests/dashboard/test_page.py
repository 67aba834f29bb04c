"""The page in a real browser, served by the real server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard import feeder

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TEN = {f"tag{number}": 100 - 10 * number for number in range(10)}
HOSTILE = "</script><img src=x onerror=alert(1)>"
ISOLATES = str.maketrans("", "", "\u2068\u2069")

BARS_OF_DATA = """() => {
  const [{x, y, text}] = document.getElementById("chart").data;
  const bars = x.map((share, slot) => [y[slot], text[slot], share]);
  return bars.filter(([rank]) => rank <= 10).sort((a, b) => a[0] - b[0]);
}"""
BARS_IN_SIGHT = """() => [...document.querySelectorAll("#chart .bars .point")].map((point) => {
  const box = point.querySelector("path").getBBox();
  return {text: point.textContent, width: box.width, middle: box.y + box.height / 2};
}).filter(({text}) => text !== "")"""
SAMPLE = """async (label) => {
  const seen = [];
  const until = performance.now() + 900;
  while (performance.now() < until) {
    await new Promise(requestAnimationFrame);
    for (const point of document.querySelectorAll("#chart .bars .point")) {
      if (!point.textContent.includes(label)) continue;
      const box = point.querySelector("path").getBBox();
      const text = point.querySelector("text").getBoundingClientRect();
      seen.push([Math.round(box.width), Math.round(box.y), Math.round(text.y)]);
    }
  }
  return seen;
}"""


def rows(page: Page) -> list[list[str]]:
    found: list[list[str]] = page.eval_on_selector_all(
        "#leaders tbody tr", "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return found


def wait_until(page: Page, condition: str) -> None:
    """Wait for a JavaScript condition. Not `wait_for_function`, which needs the `eval` that the page forbids."""
    page.evaluate(f"async () => {{ while (!({condition})()) await new Promise(requestAnimationFrame); }}")


def settled(page: Page) -> None:
    """Wait until the bars have arrived where the data says."""
    wait_until(
        page,
        """() => {
          const chart = document.getElementById("chart");
          const {_length} = chart._fullLayout.xaxis;
          const widths = [...chart.querySelectorAll(".bars .point path")].map((path) => path.getBBox().width);
          return chart.data[0].x.every((share, slot) => Math.abs(share * _length - widths[slot]) < 2);
        }""",
    )


def test_the_bars_show_the_numbers_in_order(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push({**TEN, "eleventh": 5})
    page.wait_for_selector("#leaders tbody tr")
    assert rows(page) == [[str(n + 1), f"#tag{n}", str(100 - 10 * n)] for n in range(10)]
    bars = page.evaluate(BARS_OF_DATA)
    assert [[rank, text.translate(ISOLATES).split(), share] for rank, text, share in bars] == [
        [n + 1, [f"#tag{n}", str(100 - 10 * n)], (100 - 10 * n) / 100] for n in range(10)
    ]
    settled(page)
    seen = sorted(page.evaluate(BARS_IN_SIGHT), key=lambda bar: bar["middle"])[:10]
    assert [bar["text"].translate(ISOLATES).split()[0] for bar in seen] == [f"#tag{n}" for n in range(10)]
    assert [round(bar["width"] / seen[0]["width"], 2) for bar in seen] == [(100 - 10 * n) / 100 for n in range(10)]
    assert page.title() == "#tag0 · Live hashtags"


def test_lengths_ranks_and_labels_glide_together(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push(TEN)
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    page.evaluate(f"void (window.sampled = ({SAMPLE})('tag9'))")
    dashboard.push({**TEN, "tag9": 100, "tag0": 99})
    samples = page.evaluate("window.sampled")
    widths, tops, labels = ([sample[column] for sample in samples] for column in range(3))
    for places in (widths, tops, labels):
        between = [place for place in places if min(places[0], places[-1]) < place < max(places[0], places[-1])]
        assert len(set(between)) >= 5, places
    assert widths == sorted(widths)
    assert tops == sorted(tops, reverse=True)


def test_under_reduced_motion_the_bars_jump(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit(reduced_motion="reduce")
    dashboard.push(TEN)
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    page.evaluate(f"void (window.sampled = ({SAMPLE})('tag9'))")
    dashboard.push({**TEN, "tag9": 100})
    # The place it left, if a frame still saw it there, and the place where it is: none between.
    assert len({width for width, _, _ in page.evaluate("window.sampled")}) <= 2


@pytest.mark.parametrize("label", [HOSTILE, "<b>bold</b>", "&lt;b&gt;", "<a href=javascript:alert(1)>x</a>"])
def test_a_hostile_tag_is_text(dashboard: Dashboard, visit: Callable[..., Page], label: str) -> None:
    page = visit()
    dashboard.push({label: 3})
    page.wait_for_selector("#leaders tbody tr")
    assert rows(page) == [["1", f"#{label}", "3"]]
    settled(page)
    (bar,) = page.evaluate(BARS_IN_SIGHT)
    assert bar["text"].translate(ISOLATES).strip() == f"#{label}\u20033"
    assert page.locator("#chart a, #chart img, #leaders img").count() == 0


@pytest.mark.parametrize("count", [1, 3])
def test_fewer_tags_than_places_are_drawn_with_their_ranks(
    dashboard: Dashboard, visit: Callable[..., Page], count: int
) -> None:
    page = visit()
    dashboard.push({f"tag{n}": 9 - n for n in range(count)})
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    assert len(rows(page)) == len(page.evaluate(BARS_IN_SIGHT)) == count
    assert page.locator("#chart .ytick").all_text_contents() == [str(n + 1) for n in range(count)]
    expect(page.locator("#empty")).to_be_hidden()


def test_an_empty_window_says_so_and_draws_nothing(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push(TEN)
    page.wait_for_selector("#leaders tbody tr")
    dashboard.push({})
    expect(page.locator("#empty")).to_have_text("No hashtags in this window.")
    settled(page)
    assert rows(page) == page.evaluate(BARS_IN_SIGHT) == []


def test_a_tag_that_leaves_keeps_its_bar_until_it_is_gone(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push(TEN)
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    before = page.evaluate("chart.data[0].text.findIndex((text) => text.includes('tag4'))")
    others = {tag: posts for tag, posts in TEN.items() if tag != "tag4"}
    dashboard.push({**others, "fresh": 60})
    wait_until(page, "() => chart.data[0].text.some((text) => text.includes('fresh'))")
    after = page.evaluate("chart.data[0].text.findIndex((text) => text.includes('fresh'))")
    assert before != after
    assert page.evaluate("(slot) => chart.data[0].y[slot]", before) == 22


def test_a_label_longer_than_the_page_is_cut_and_keeps_its_count(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit(viewport={"width": 390, "height": 844})
    dashboard.push({"long" * 60: 1234, "كأس_العالم": 2})
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    bars = page.evaluate(BARS_OF_DATA)
    assert bars[0][1].translate(ISOLATES).endswith("…\u20031,234")
    assert bars[1][1].strip() == "\u2068#كأس_العالم\u2069\u20032"
    assert rows(page)[0][1] == "#" + "long" * 60
    right = page.evaluate(
        "Math.max(...[...document.querySelectorAll('#chart .bartext')].map((t) => t.getBoundingClientRect().right))"
    )
    assert right <= 390


@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 1024), (1440, 900), (3840, 2160)])
def test_no_size_scrolls_sideways(dashboard: Dashboard, visit: Callable[..., Page], width: int, height: int) -> None:
    page = visit(viewport={"width": width, "height": height})
    sources = [
        feeder.source(terms=["football", "a very long phrase that somebody tracks"] * 3, malformed={"not UTF-8": 2})
    ]
    dashboard.push(TEN, health=feeder.health(int(time.time() * 1000), sources, lost=12))
    page.wait_for_selector("#leaders tbody tr")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_after_a_restart_of_the_server_the_page_goes_on_by_itself(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit()
    dashboard.push(TEN)
    expect(page.locator("#state-name")).to_have_text("Live")
    assert dashboard.stop() < 5
    assert dashboard.stderr == ""
    expect(page.locator("#state-name")).to_have_text("Disconnected")
    expect(page.locator("#fact-connection")).to_have_text("not connected")
    assert len(rows(page)) == 10
    dashboard.start()
    dashboard.push({"after": 1})
    expect(page.locator("#state-name")).to_have_text("Live", timeout=15_000)
    expect(page.locator("#leaders tbody tr")).to_have_count(1)
    assert rows(page) == [["1", "#after", "1"]]


def test_an_older_snapshot_is_never_drawn(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    verdicts = page.evaluate(
        """async () => {
          const {isNewer} = await import("/static/feed.js");
          const at = (epoch, seq) => ({epoch, seq});
          return [isNewer(at(1, 1), null), isNewer(at(1, 2), at(1, 1)), isNewer(at(2, 1), at(1, 9)),
                  isNewer(at(1, 1), at(1, 1)), isNewer(at(1, 9), at(2, 1))];
        }"""
    )
    assert verdicts == [True, True, True, False, False]


@pytest.mark.parametrize("event", ["visibilitychange", "pageshow"])
def test_a_page_that_comes_back_asks_for_the_newest(
    dashboard: Dashboard, visit: Callable[..., Page], event: str
) -> None:
    page = visit()
    dashboard.push(TEN)
    page.wait_for_selector("#leaders tbody tr")
    asked = page.evaluate(
        """(event) => new Promise((resolve) => {
          const send = WebSocket.prototype.send;
          WebSocket.prototype.send = function (data) {
            if (String(data).includes('"latest"')) resolve(String(data));
            return send.call(this, data);
          };
          if (event === "pageshow") dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}));
          else document.dispatchEvent(new Event("visibilitychange"));
        })""",
        event,
    )
    assert asked.endswith('["latest"]')


def test_slots_are_given_so_that_no_bar_becomes_another_in_sight(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit()
    broken = page.evaluate(
        """async () => {
          const {Slots} = await import("/static/slots.js");
          const slots = new Slots(20, 10);
          let seed = 7;
          const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
          const broken = [];
          for (let step = 0; step < 2000; step++) {
            const keys = Array.from({length: 40}, (_, key) => `k${key}`).sort(() => random() - 0.5);
            const top = keys.slice(0, Math.floor(random() * 21)).map((key, index) => ({key, rank: index + 1}));
            const before = slots.leaders;
            const after = slots.assign(top);
            const placed = after.filter(Boolean).map(({key}) => key);
            if (new Set(placed).size !== placed.length) broken.push(`${step}: a tag twice`);
            for (const {key} of top.slice(0, 10)) if (!placed.includes(key)) broken.push(`${step}: ${key} missing`);
            after.forEach((leader, slot) => {
              const was = before[slot];
              if (was?.rank <= 10 && leader && was.key !== leader.key) broken.push(`${step}: ${was.key} morphs`);
            });
          }
          return broken;
        }"""
    )
    assert broken == []
