"""Take the pictures of README and docs from a running page: `make pictures`, while `make run` runs.

The page should have run for some minutes, so that it has a past. For the last picture the script starts another page,
whose source disappears after a minute, because the demo can't disappear.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from playwright.sync_api import sync_playwright

# Python puts the folder of the script on the import path, and not the repository.
sys.path.append(str(Path(__file__).resolve().parent.parent))

from scripts.lost_source import lost_source

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
PHONE_ON_ITS_SIDE = {"width": 844, "height": 390}
WALL = {"width": 1920, "height": 1080}
WALL_UPRIGHT = {"width": 1080, "height": 1920}
#: The page opens with Rising where there is a list.
BARS = "?view=window"
TENTH_ROW, TOPIC = "#leaders tbody tr >> nth=9", "#topics .topic >> nth=0"
#: A post of the lesson. What the dashboard's answer opens: the card has its sentences, the list its hashtags.
POST, OPENED = "#lesson-drawing li >> nth=0", "#card-sentences li, #search-list li"
#: The micro-batch stands still, and its fourth stage is in view.
FOURTH_STAGE = ("Space", *["ArrowLeft"] * 5, *["ArrowRight"] * 3)
LEADERS = "rows => rows.slice(0, 4).map((row) => decodeURIComponent(row.querySelector('a').hash.slice(6)))"


@dataclass(frozen=True)
class Picture:
    """One picture. `query` of the page has `{0}` … for the keys of the leading tags and `{at}` for a past moment.

    `keys` are pressed before the picture is taken, after `focuses` has got the focus. Then `opens` is there.
    """

    name: str
    query: str = ""
    viewport: dict[str, int] = field(default_factory=lambda: DESKTOP)
    scheme: str = "light"
    waits_for: str = TENTH_ROW
    focuses: str = ""
    keys: tuple[str, ...] = ()
    opens: str = OPENED


PICTURES = (
    Picture("rising", "?view=rising", waits_for=TOPIC),
    Picture("rising-wall", "?view=rising&wall", viewport=WALL, waits_for=TOPIC),
    Picture("rising-phone", "?view=rising", viewport=PHONE, waits_for=TOPIC),
    Picture("page", BARS),
    Picture("page-dark", BARS, scheme="dark"),
    Picture("phone", BARS, viewport=PHONE),
    Picture("phone-landscape", BARS, viewport=PHONE_ON_ITS_SIDE),
    Picture("wall", f"{BARS}&wall", viewport=WALL),
    Picture("wall-portrait", f"{BARS}&wall&top=20", viewport=WALL_UPRIGHT),
    Picture("tag", f"{BARS}#/tag/{{0}}"),
    Picture("tag-phone", f"{BARS}#/tag/{{0}}", viewport=PHONE),
    Picture("number", BARS, focuses="#rows .tag[tabindex='0']", keys=("i",)),
    Picture("search", BARS, keys=("/", "a")),
    Picture("topics", f"{BARS}&fold"),
    Picture("compare", f"{BARS}&pin={{0}}&pin={{1}}&pin={{2}}#/compare"),
    Picture("past", f"{BARS}&at={{at}}"),
    Picture("alerts", BARS, focuses="#bell", keys=("Enter",), opens="#alerts-list li"),
    Picture("lesson", "?lesson", WALL, waits_for=POST, keys=FOURTH_STAGE, opens="#lesson-stage"),
)
BOARD = Picture("board", BARS)
LOST = Picture("source-lost", BARS)


def shown(browser: Browser, address: str, picture: Picture) -> Page:
    """The page for `picture`, when its numbers are loaded."""
    # Bars that don't move make a sharp picture.
    options: dict[str, Any] = {"viewport": picture.viewport, "color_scheme": picture.scheme}
    page = browser.new_page(reduced_motion="reduce", **options)
    page.goto(address)
    page.locator(picture.waits_for).wait_for(state="attached")
    return page


def take(browser: Browser, address: str, picture: Picture, *words: object, **named: object) -> None:
    """Take one picture of the page at `address`."""
    page = shown(browser, f"{address}/{picture.query.format(*words, **named)}", picture)
    # After a few more snapshots the strip has a line to show.
    page.wait_for_timeout(6_000)
    if picture.focuses:
        page.locator(picture.focuses).focus()
    for key in picture.keys:
        page.keyboard.press(key)
    if picture.keys:
        page.locator(picture.opens).first.wait_for()
    page.screenshot(path=IMAGES / f"{picture.name}.png")
    page.close()


def main(address: str) -> None:
    """Wait until ten tags lead and one rises, then take all pictures."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = shown(browser, f"{address}/{BOARD.query}", BOARD)
        keys = [quote(key, safe="") for key in page.locator("#rows .row:not([inert])").evaluate_all(LEADERS)]
        times = page.locator("#slider").evaluate("slider => [Number(slider.min), Number(slider.max)]")
        at_ms = round(times[0] + 0.6 * (times[1] - times[0]))
        page.close()
        for picture in PICTURES:
            take(browser, address, picture, *keys, at=at_ms)
        with lost_source() as lost_address:
            take(browser, lost_address, LOST)
        browser.close()


if __name__ == "__main__":
    main((sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000").rstrip("/"))
