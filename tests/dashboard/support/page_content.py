"""Reads what the page displays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

VISIBLE_ROWS = """() => [...document.querySelectorAll("#rows .row:not([inert])")].map((row) => {
  const text = (name) => row.querySelector(name).textContent;
  const box = row.getBoundingClientRect();
  return {rank: Number(text(".rank")), mark: text(".mark"), tag: text(".tag"), posts: text(".posts"),
          share: text(".share"), change: text(".change"), spark: row.querySelector(".spark .line").getAttribute("d"),
          middle: box.y + box.height / 2};
}).sort((a, b) => a.rank - b.rank)"""
VISIBLE_BARS = """() => {
  const chart = document.getElementById("chart").getBoundingClientRect();
  return [...document.querySelectorAll("#chart .bars .point path")].map((path) => {
    const box = path.getBoundingClientRect();
    return {width: box.width, middle: box.y + box.height / 2};
  }).filter(({middle, width}) => width > 0 && middle < chart.bottom).sort((a, b) => a.middle - b.middle);
}"""


def table(page: Page) -> list[list[str]]:
    """Rank, tag and posts of each row of the table."""
    found: list[list[str]] = page.eval_on_selector_all(
        "#leaders tbody tr", "rows => rows.map((row) => [...row.cells].slice(0, 3).map((cell) => cell.textContent))"
    )
    return found


def rows(page: Page) -> list[dict[str, Any]]:
    """The texts of the rows beside the bars, by rank."""
    found: list[dict[str, Any]] = page.evaluate(VISIBLE_ROWS)
    return found


def bars(page: Page) -> list[dict[str, float]]:
    """Width and vertical middle of the visible bars, from top to bottom, in pixels of the window."""
    found: list[dict[str, float]] = page.evaluate(VISIBLE_BARS)
    return found


def wait_until(page: Page, condition: str) -> None:
    """Wait for a JavaScript condition. `wait_for_function` needs `eval`, which the page forbids."""
    page.evaluate(f"async () => {{ while (!({condition})()) await new Promise(requestAnimationFrame); }}")


def wait_for_locks(page: Page, held: int, waiting: int) -> None:
    """Wait until tabs of this browser hold, and wait for, this many Web Locks."""
    page.evaluate(
        """async ([held, waiting]) => {
          for (;;) {
            const locks = await navigator.locks.query();
            if (locks.held.length === held && locks.pending.length === waiting) return;
            await new Promise(requestAnimationFrame);
          }
        }""",
        [held, waiting],
    )


def settled(page: Page) -> None:
    """Wait until bars and rows are at the places that the data gives."""
    wait_until(
        page,
        """() => {
          const chart = document.getElementById("chart");
          if (!chart._fullLayout) return false;
          const {xaxis, yaxis} = chart._fullLayout;
          const {x, y, width, offset} = chart.data[0];
          const boxes = [...chart.querySelectorAll(".bars .point path")].map((path) => path.getBBox());
          const near = (one, other) => Math.abs(one - other) < 2;
          const arrived = (box, slot) => near(x[slot] * xaxis._length, box.width)
            && (x[slot] * xaxis._length < 1 || near(yaxis.c2p(y[slot] + offset + width / 2), box.y + box.height / 2));
          return boxes.length === x.length && boxes.every(arrived)
            && document.getElementById("rows").getAnimations({subtree: true}).length === 0;
        }""",
    )


def wait_for_rows(page: Page, count: int = 10) -> None:
    """Wait until there are `count` rows, at the places that the data gives."""
    wait_until(page, f"() => document.querySelectorAll('#rows .row:not([inert])').length === {count}")
    settled(page)


def displayed_rows(page: Page, count: int = 10) -> list[dict[str, Any]]:
    """The displayed rows, once there are `count` of them and they don't move."""
    wait_for_rows(page, count)
    return rows(page)


def wait_for_alerts(page: Page) -> None:
    """Wait until the page is connected and has the stored alerts. One that came before is no news, and is not told."""
    wait_until(page, "() => performance.getEntriesByType('resource').some(({name}) => name.endsWith('/api/alerts'))")
