"""The page in a real browser, served by the real server."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import bars, rows, settled, table, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard

TEN_TAGS = {f"tag{number}": 100 - 10 * number for number in range(10)}
HOSTILE = "</script><img src=x onerror=alert(1)>"
#: Samples a bar and its row in each frame, until 900 ms after the first change. On a busy machine that comes late.
SAMPLE = """async (label) => {
  const seen = [];
  let until = performance.now() + 20_000, changed = false;
  const rows = [...document.querySelectorAll("#rows .row")];
  const slot = rows.findIndex((row) => row.querySelector(".tag").textContent === label);
  while (performance.now() < until) {
    const box = document.querySelectorAll("#chart .bars .point path")[slot].getBBox();
    seen.push([Math.round(box.width), Math.round(box.y), Math.round(rows[slot].getBoundingClientRect().y)]);
    if (!changed && seen.at(-1).join() !== seen[0].join()) {
      changed = true;
      until = performance.now() + 900;
    }
    await new Promise(requestAnimationFrame);
  }
  return seen;
}"""


def test_the_bars_display_the_numbers_in_order(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push({**TEN_TAGS, "eleventh": 5})
    page.wait_for_selector("#leaders tbody tr")
    assert table(page) == [[str(n + 1), f"#tag{n}", str(100 - 10 * n)] for n in range(10)]
    settled(page)
    row_texts, seen = rows(page), bars(page)
    assert [(row["rank"], row["tag"], row["posts"]) for row in row_texts] == [
        (n + 1, f"#tag{n}", str(100 - 10 * n)) for n in range(10)
    ]
    assert [round(bar["width"] / seen[0]["width"], 2) for bar in seen] == [(100 - 10 * n) / 100 for n in range(10)]
    assert all(abs(row["middle"] - bar["middle"]) < 2 for row, bar in zip(row_texts, seen, strict=True))
    assert page.title() == "#tag0 · Live hashtags"


def test_a_row_has_the_changes_of_its_tag(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    body = feeder.snapshot({"up": 80, "down": 60, "fresh": 30, "same": 30}, int(time.time() * 1000))
    known = [(3, 40), (1, 120), (None, 0), (4, 2)]
    for leader, (rank, before) in zip(body["window"]["top"], known, strict=True):
        leader |= {"previous_rank": rank, "posts_before": before, "panes": [*range(29), 3]}
    dashboard.push({}, window={**body["window"], "posts": 400})
    page.wait_for_selector("#leaders tbody tr")
    row_texts = rows(page)
    assert [row["mark"] for row in row_texts] == ["▲2", "▼1", "NEW", ""]
    assert [row["share"] for row in row_texts] == ["20.0%", "15.0%", "7.5%", "7.5%"]
    assert [row["change"] for row in row_texts] == ["+100%", "−50%", "NEW", "×15"]
    assert all(row["spark"].startswith("M0 22.5L") for row in row_texts)


@pytest.mark.alone
def test_lengths_ranks_and_labels_move_together(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push(TEN_TAGS)
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    page.evaluate(f"void (window.sampled = ({SAMPLE})('#tag9'))")
    dashboard.push({**TEN_TAGS, "tag9": 100, "tag0": 99})
    samples = page.evaluate("window.sampled")
    widths, tops, labels = ([sample[column] for sample in samples] for column in range(3))
    for places in (widths, tops, labels):
        between = [place for place in places if min(places[0], places[-1]) < place < max(places[0], places[-1])]
        assert len(set(between)) >= 5, places
    assert widths == sorted(widths)
    assert tops == sorted(tops, reverse=True)
    assert labels == sorted(labels, reverse=True)
    # A text is at most two frames away from its bar.
    way = tops[0] - tops[-1]
    assert max(abs((tops[0] - top) - (labels[0] - label)) for _, top, label in samples) < 0.25 * way


def test_under_reduced_motion_the_bars_jump(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit(reduced_motion="reduce")
    dashboard.push(TEN_TAGS)
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    page.evaluate(f"void (window.sampled = ({SAMPLE})('#tag9'))")
    dashboard.push({**TEN_TAGS, "tag9": 100})
    # Only the old place, if a frame still had it, and the new place: none between.
    samples = page.evaluate("window.sampled")
    assert len({width for width, _, _ in samples}) <= 2
    assert len({label for _, _, label in samples}) <= 2


@pytest.mark.parametrize("label", [HOSTILE, "<b>bold</b>", "&lt;b&gt;", "<a href=javascript:alert(1)>x</a>"])
def test_a_hostile_tag_is_text(dashboard: Dashboard, visit: Callable[..., Page], label: str) -> None:
    page = visit()
    dashboard.push({label: 3})
    page.wait_for_selector("#leaders tbody tr")
    assert table(page) == [["1", f"#{label}", "3"]]
    settled(page)
    (row,) = rows(page)
    assert row["tag"] == f"#{label}"
    page.locator("#rows .row:not([inert]) .tag").click()
    expect(page.locator("#panel-title")).to_have_text(f"#{label}")
    assert (
        page.locator("main :is(img, b, script), .tag > *, #leaders td > *, #leaders th a > *, #panel-title > *").count()
        == 0
    )


@pytest.mark.parametrize("count", [1, 3])
def test_fewer_tags_than_places_are_drawn_with_their_ranks(
    dashboard: Dashboard, visit: Callable[..., Page], count: int
) -> None:
    page = visit()
    dashboard.push({f"tag{n}": 9 - n for n in range(count)})
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    assert len(table(page)) == len(bars(page)) == count
    assert [row["rank"] for row in rows(page)] == [n + 1 for n in range(count)]
    expect(page.locator("#empty")).to_be_hidden()


def test_an_empty_window_says_so_and_draws_nothing(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push(TEN_TAGS)
    page.wait_for_selector("#leaders tbody tr")
    dashboard.push({})
    expect(page.locator("#empty")).to_have_text("No hashtags in this window.")
    settled(page)
    assert rows(page) == bars(page) == []


def test_a_tag_that_leaves_has_its_bar_until_the_animation_ends(
    dashboard: Dashboard, visit: Callable[..., Page]
) -> None:
    page = visit()
    dashboard.push(TEN_TAGS)
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    find = "(label) => [...document.querySelectorAll('.row')].findIndex((row) => row.textContent.includes(label))"
    before = page.evaluate(find, "tag4")
    others = {tag: posts for tag, posts in TEN_TAGS.items() if tag != "tag4"}
    dashboard.push({**others, "fresh": 60})
    wait_until(page, "() => document.getElementById('rows').textContent.includes('fresh')")
    after = page.evaluate(find, "fresh")
    assert before != after
    assert page.evaluate(find, "tag4") == before
    assert page.evaluate("(slot) => chart.data[0].y[slot]", before) == 11
    settled(page)
    assert page.evaluate("(slot) => document.getElementById(`row-${slot}`).inert", before)


@pytest.mark.parametrize("width", [390, 1440])
def test_a_tag_that_is_too_long_is_cut_at_its_end(dashboard: Dashboard, visit: Callable[..., Page], width: int) -> None:
    page = visit(viewport={"width": width, "height": 844})
    dashboard.push({"long" * 60: 1234, "كأس_العالم" * 12: 2, "東京": 1})
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    tags = page.eval_on_selector_all(
        "#rows .row:not([inert])",
        """rows => rows.map((row) => {
          const tag = row.querySelector(".tag");
          const style = getComputedStyle(tag);
          return [tag.title, style.textOverflow, style.direction, tag.scrollWidth > tag.clientWidth,
                  row.querySelector(".posts").getBoundingClientRect().left >= tag.getBoundingClientRect().right];
        })""",
    )
    assert tags == [
        ["#" + "long" * 60, "ellipsis", "ltr", True, True],
        ["#" + "كأس_العالم" * 12, "ellipsis", "rtl", True, True],
        ["#東京", "ellipsis", "ltr", False, True],
    ]
    assert [row["posts"] for row in rows(page)] == ["1,234", "2", "1"]


@pytest.mark.parametrize(("width", "height"), [(390, 844), (768, 1024), (1440, 900), (3840, 2160)])
@pytest.mark.parametrize("query", ["", "?top=20&pin=tag1#/tag/tag1", "?wall"])
def test_no_screen_scrolls_sideways_and_no_text_is_cut(
    dashboard: Dashboard, visit: Callable[..., Page], width: int, height: int, query: str
) -> None:
    page = visit(query, viewport={"width": width, "height": height})
    sources = [
        feeder.source(terms=["football", "a very long phrase that somebody tracks"] * 3, malformed={"not UTF-8": 2})
    ]
    dashboard.push(
        {**TEN_TAGS, "W" * 100: 1_234_567}, health=feeder.health(int(time.time() * 1000), sources, lost=123_456_789)
    )
    page.wait_for_selector("#leaders tbody tr")
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Only tags and the sources' terms may be cut off; they have an ellipsis, and a title.
    cut = page.evaluate(
        """() => [...document.querySelectorAll(".row:not([inert]) > *, .facts dd, .head *, .timebar *, .state *")]
          .filter((part) => part.checkVisibility() && part.clientWidth > 0 && part.scrollWidth > part.clientWidth + 1)
          .filter((part) => !part.matches("input, select, option, optgroup, .segments *, #filter *"))
          .filter((part) => !part.title).map((part) => part.id || part.className)"""
    )
    assert cut == []


def test_the_page_reconnects_after_a_restart_of_the_server(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push(TEN_TAGS)
    expect(page.locator("#state-name")).to_have_text("Live")
    assert dashboard.stop() < 5
    assert dashboard.stderr == ""
    expect(page.locator("#state-name")).to_have_text("Disconnected")
    expect(page.locator("#fact-connection")).to_have_text("not connected")
    assert len(rows(page)) == len(table(page)) == 10
    dashboard.start()
    dashboard.push({"after": 1})
    expect(page.locator("#leaders tbody tr")).to_have_count(1)
    assert table(page) == [["1", "#after", "1"]]
    # The page may wait for 7.5 s until it tries again, and an update of ten seconds ago is not live.
    dashboard.push({"after": 2})
    expect(page.locator("#state-name")).to_have_text("Live")


@pytest.mark.parametrize("event", ["visibilitychange", "pageshow"])
def test_a_page_that_becomes_visible_requests_the_latest_snapshot(
    dashboard: Dashboard, visit: Callable[..., Page], event: str
) -> None:
    page = visit()
    dashboard.push(TEN_TAGS)
    page.wait_for_selector("#leaders tbody tr")
    sent = page.evaluate(
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
    assert sent.endswith('["latest"]')
