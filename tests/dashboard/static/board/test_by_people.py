"""The window ranked by people in place of posts: bars, rows, table, panel, files and addresses."""

from __future__ import annotations

import csv
import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.page_content import bars, rows, settled, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

#: Label -> posts and people. One account wrote nearly all posts of the first tag.
COUNTS = {"bot": (1000, 2), "talk": (300, 200), "chat": (200, 50)}


def push(dashboard: Dashboard) -> None:
    """A window of these tags, with 400 people in it."""
    now_ms = int(time.time() * 1000)
    body = feeder.snapshot({label: posts for label, (posts, _) in COUNTS.items()}, now_ms)

    def counted(part: dict[str, Any]) -> dict[str, Any]:
        top = [{**leader, "authors": COUNTS[leader["label"]][1]} for leader in part["top"]]
        order = sorted(top, key=lambda leader: -leader["authors"])
        by_authors = [{**leader, "rank": rank} for rank, leader in enumerate(order, start=1)]
        return {**part, "authors": 400, "top": top, "by_authors": by_authors}

    facets = {kind: {name: counted(facet) for name, facet in of.items()} for kind, of in body["facets"].items()}
    dashboard.push({}, window=counted(body["window"]), facets=facets)


def shown(page: Page) -> list[tuple[str, str, str]]:
    """Tag, number and share of each row."""
    return [(row["tag"], row["posts"], row["share"]) for row in rows(page)]


def test_the_switch_ranks_the_window_by_people(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit(reduced_motion="reduce")
    push(dashboard)
    expect(page.locator("#by")).to_be_visible()
    assert shown(page)[0] == ("#bot", "1,000", "66.7%")
    expect(page.locator("#rows .row:not([inert]) .other").first).to_have_text("2")
    page.locator("#by input[value=authors]").check()
    expect(page.locator("#window-name")).to_have_text("Last 5 minutes, one vote each")
    settled(page)
    assert shown(page) == [("#talk", "200", "50.0%"), ("#chat", "50", "12.5%"), ("#bot", "2", "0.5%")]
    widths = [bar["width"] for bar in bars(page)]
    assert [round(width / widths[0], 2) for width in widths] == [1, 0.25, 0.01]
    assert page.url == f"{dashboard.url}/?by=authors"
    expect(page.locator("#headings .posts")).to_have_text("People")
    expect(page.locator("#window-people")).to_have_text("400 people")
    # The address leads to the same, and the filter leaves it ranked by people.
    page.reload()
    wait_until(page, "() => document.querySelector('#rows .row:not([inert])')")
    assert shown(page)[0][:2] == ("#talk", "200")
    page.locator("#filter").select_option(label="demo (1,500)")
    wait_until(page, "() => location.search === '?source=demo&by=authors'")
    # The other rankings have no people.
    page.locator("#ranking input[value=total]").check()
    expect(page.locator("#by")).to_be_hidden()


def test_table_panel_and_files_have_both_numbers(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit("?table&by=authors", reduced_motion="reduce")
    push(dashboard)
    first = page.locator("#leaders tbody tr").first
    expect(first.locator("th, td").nth(3)).to_have_text("200")
    assert first.locator("th, td").all_text_contents()[:5] == ["1", "#talk", "300", "200", "50.0%"]
    page.locator("#leaders a").first.click()
    expect(page.locator("#tag-people")).to_have_text("200")
    expect(page.locator("#tag-posts")).to_have_text("300")
    page.keyboard.press("Escape")
    page.locator("#save-board").click()
    with page.expect_download() as download:
        page.locator("[data-save=csv]").click()
    assert download.value.suggested_filename.startswith("hashtags-window-by-people-")
    content = Path(download.value.path()).read_text(encoding="utf-8-sig")
    found = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [(row["hashtag"], row["posts"], row["people"]) for row in found] == [
        ("#talk", "300", "200"),
        ("#chat", "200", "50"),
        ("#bot", "1000", "2"),
    ]
    assert {row["ranked_by"] for row in found} == {"people"}


def test_without_people_there_is_no_switch_and_no_column(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("?table")
    expect(page.locator("#leaders tbody tr").first).to_be_visible()
    expect(page.locator("#by")).to_be_hidden()
    expect(page.locator("#leaders thead th").nth(3)).to_be_hidden()
    expect(page.locator("#window-people")).to_have_text("")


def test_the_past_is_ranked_by_people_too(
    dashboard: Dashboard, stream: SampleStream, visit: Callable[..., Page]
) -> None:
    panes = stream.closed_panes()
    for pane in panes:
        named: list[dict[str, Any]] = [
            {"key": key, "label": key, "posts": 10 * n, "authors": 9 - n} for n, key in enumerate("abc", start=1)
        ]
        top = sorted(named, key=lambda tag: (-tag["posts"], tag["key"]))
        by_authors = sorted(named, key=lambda tag: (-tag["authors"], -tag["posts"], tag["key"]))
        pane["window"] |= {"top": top, "authors": 30, "by_authors": by_authors}
    feeder.push(dashboard.url, TOKEN, {**stream.snapshot(int(time.time() * 1000)), "panes": panes})
    page = visit(f"?by=authors&at={stream.first_ms + 40 * feeder.PANE_MS}", reduced_motion="reduce")
    expect(page.locator("#mode")).to_contain_text("In the past")
    expect(page.locator("#mode")).not_to_contain_text("No history")
    expect(page.locator("#leaders tbody th").first).to_have_text("#a")
    assert [row["posts"] for row in rows(page)] == ["8", "7", "6"]
