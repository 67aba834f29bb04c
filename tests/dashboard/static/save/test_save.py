"""Saved files, in a real browser."""

from __future__ import annotations

import base64
import json
import re
import time
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import EPOCH
from tests.dashboard.support.page_content import displayed_rows
from tests.dashboard.support.saved_files import save, table, texts

from dashboard.page.figures import THEMES

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Browser, Page
    from tests.dashboard.conftest import Dashboard
    from tests.dashboard.support.sample_stream import SampleStream

HOSTILE = '<b>"=1+1",&lt;a</b>'
DECODE = """async (base64) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
  const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
  pen.drawImage(image, 0, 0);
  const {data} = pen.getImageData(0, 0, image.width, image.height);
  const pixels = {};
  for (let at = 0; at < data.length; at += 4) {
    const colour = `#${[0, 1, 2].map((part) => data[at + part].toString(16).padStart(2, "0")).join("")}`;
    pixels[colour] = (pixels[colour] ?? 0) + 1;
  }
  return {width: image.width, height: image.height, pixels};
}"""


@pytest.mark.parametrize(
    ("query", "count", "name"),
    [
        ("", 10, "window"),
        ("?view=total&top=20", 20, "total"),
        ("?lang=es", 10, "window-lang-es"),
        ("?source=bluesky", 10, "window-source-bluesky"),
    ],
)
def test_a_saved_table_has_the_displayed_rows(
    stream: SampleStream, visit: Callable[..., Page], query: str, count: int, name: str
) -> None:
    page = visit(query)
    displayed = displayed_rows(page, count)
    file, content = save(page, "csv")
    found = table(content)
    assert re.fullmatch(rf"hashtags-{name}-\d{{4}}-\d\d-\d\dT\d{{4}}Z\.csv", file)
    assert [row["hashtag"] for row in found] == [row["tag"] for row in displayed]
    assert [f"{int(row['posts']):,}" for row in found] == [row["posts"] for row in displayed]
    assert [f"{100 * float(row['share']):.1f}%" for row in found] == [row["share"] for row in displayed]
    for moment in ("from", "to"):
        assert datetime.fromisoformat(found[0][moment]).tzinfo is not None


def test_a_saved_document_has_the_displayed_rows(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit()
    displayed = displayed_rows(page)
    page.locator("#pause").click()
    file, content = save(page, "json")
    document = json.loads(content)
    assert file.endswith("Z.json")
    assert (document["saved"], document["mode"]) == ("ranking", "paused")
    assert [tag["hashtag"] for tag in document["hashtags"]] == [row["tag"] for row in displayed]
    assert len(document["hashtags"][0]["panes"]) == 30


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_saved_picture_has_title_time_tags_and_counts_in_the_displayed_theme(
    noon_stream: SampleStream, browser: Browser, visit: Callable[..., Page], scheme: str
) -> None:
    page = visit("?pin=worldcup", at_ms=EPOCH, color_scheme=scheme, timezone_id="UTC", locale="en-GB")
    displayed = displayed_rows(page)
    page.locator("#pause").click()
    reached = page.locator("#window-range").text_content()
    assert reached is not None
    _, drawing = save(page, "svg")
    found = texts(drawing)
    assert found[0] == "Live hashtags" or "Live hashtags" in found
    assert any("Last 5 minutes" in text and reached in text and text.count("UTC") == 1 for text in found)
    for row in displayed:
        assert {row["tag"], row["posts"], row["share"]} <= set(found)
    _, picture = save(page, "png")
    decoded = browser.new_page().evaluate(DECODE, base64.b64encode(picture).decode())
    assert (decoded["width"], decoded["height"]) == (2400, 2 * (168 + 10 * 44))
    pixels = decoded["pixels"]
    theme = THEMES[scheme]
    assert max(pixels, key=pixels.get) == theme.page
    assert pixels[theme.bar] > 50_000
    assert pixels[theme.pins[0]] > 5_000


def test_a_hostile_tag_is_text_in_every_file(dashboard: Dashboard, visit: Callable[..., Page]) -> None:
    page = visit()
    dashboard.push({HOSTILE: 3})
    displayed_rows(page, 1)
    _, drawing = save(page, "svg")
    assert f"#{HOSTILE}" in texts(drawing)
    _, content = save(page, "csv")
    assert [row["hashtag"] for row in table(content)] == [f"#{HOSTILE}"]
    _, content = save(page, "json")
    assert json.loads(content)["hashtags"][0]["hashtag"] == f"#{HOSTILE}"


def test_the_curves_of_the_panel_can_be_saved(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit("?pin=worldcup&pin=東京#/compare", timezone_id="Asia/Tokyo")
    expect(page.locator("#history-curve .scatterlayer .trace")).to_have_count(2)
    file, content = save(page, "csv", "#save-panel")
    assert re.fullmatch(r"hashtags-worldcup-東京-\S+Z\.csv", file)
    points = table(content)
    assert {(point["hashtag"], point["curve"]) for point in points} == {
        (tag, curve) for tag in ("#WorldCup", "#東京") for curve in ("window", "history")
    }
    posts = stream.panes[-2]["WorldCup"]
    newest = [point for point in points if (point["hashtag"], point["curve"]) == ("#WorldCup", "history")][-1]
    assert int(newest["posts"]) == posts
    _, content = save(page, "json", "#save-panel")
    document = json.loads(content)
    assert [tag["hashtag"] for tag in document["hashtags"]] == ["#WorldCup", "#東京"]
    assert len(document["hashtags"][0]["curves"][1]["points"]) == 50
    _, drawing = save(page, "svg", "#save-panel")
    found = texts(drawing)
    assert {"Compare", "#WorldCup", "#東京", "Last minutes", "Last 24 hours"} <= set(found)
    # Times of the picture are in the viewer's time zone, nine hours ahead of the times in the files.
    last = datetime.fromisoformat(newest["from"].replace("Z", "+00:00")).timestamp() + 9 * 3600
    near = {time.strftime("%H:%M", time.gmtime(last - 60 * minutes)) for minutes in range(12)}
    assert near & {text[:5] for text in found}


def test_the_menu_works_by_keyboard(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit()
    displayed_rows(page)
    button = page.get_by_role("button", name="Save")
    expect(page.locator("#save-menu")).to_be_hidden()
    button.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Last 5 minutes")).to_be_visible()
    expect(page.get_by_role("button", name="Save", expanded=True)).to_be_visible()
    expect(page.get_by_role("button", name="CSV")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="JSON")).to_be_focused()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    expect(page.locator("#save-status")).to_have_text(f"Saved as {download.value.suggested_filename}")
    page.keyboard.press("Escape")
    expect(page.locator("#save-menu")).to_be_hidden()
    expect(button).to_be_focused()


def test_the_menu_works_by_touch_and_a_touch_outside_closes_it(
    stream: SampleStream, visit: Callable[..., Page]
) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    displayed_rows(page)
    page.locator("#more-switch").tap()
    page.locator("#save-board").tap()
    expect(page.locator("#save-menu")).to_be_visible()
    box = page.locator("#save-menu").bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["y"] + box["height"] <= 820
    for item in page.locator("#save-menu button").all():
        touched = item.bounding_box()
        assert touched is not None
        assert touched["height"] >= 44
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] + 20)
    expect(page.locator("#save-menu")).to_be_hidden()


@pytest.mark.parametrize("query", ["?wall", "?embed"])
def test_wall_and_embed_have_no_menu(stream: SampleStream, visit: Callable[..., Page], query: str) -> None:
    page = visit(query)
    displayed_rows(page)
    expect(page.locator("#save-board")).to_be_hidden()


def test_before_the_first_snapshot_there_is_nothing_to_save(visit: Callable[..., Page]) -> None:
    page = visit()
    page.locator("#save-board").click()
    expect(page.locator("#save-title")).to_have_text("There is nothing to save yet.")
    expect(page.locator("[data-save=csv]")).to_be_disabled()
    expect(page.locator("#save-moment")).to_be_disabled()


def test_saved_pictures_have_the_viewers_language(stream: SampleStream, visit: Callable[..., Page]) -> None:
    page = visit(locale="es-ES", timezone_id="UTC")
    displayed_rows(page)
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("dialog", name="Últimos 5 minutos")).to_be_visible()
    _, drawing = save(page, "svg")
    assert any("Últimos 5 minutos" in text and "UTC" in text for text in texts(drawing))
    _, content = save(page, "csv")
    assert table(content)[0]["rank"] == "1"
