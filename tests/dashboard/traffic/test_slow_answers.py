"""Whoever waits for a slow answer is the only one: everybody else is served meanwhile."""

from __future__ import annotations

import shutil
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from urllib.request import urlopen

import pytest
from tests.dashboard.conftest import ROOT, Dashboard
from tests.dashboard.support.raw_websocket import frame, join, read_frame

from dashboard.page.preview.fonts import find_fonts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [pytest.mark.slow, pytest.mark.alone]

DRAWING_SECONDS = 3
#: What others may wait while a picture is drawn.
PROMPT_SECONDS = 0.2
SLOW = f"""
import time
from pathlib import Path
with Path(__file__).with_name("drawn.txt").open("a") as drawn:
    drawn.write("begun\\n")
time.sleep({DRAWING_SECONDS})
"""


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Dashboard]:
    """A dashboard whose pictures take three seconds; `drawn.txt` beside its renderer has a line for each."""
    if find_fonts() is None:
        pytest.skip("this machine has no font to draw pictures with")
    package = tmp_path / "code" / "dashboard"
    shutil.copytree(ROOT / "dashboard" / "dashboard", package)
    renderer = package / "page/preview/rasterize.py"
    written = renderer.read_text(encoding="utf-8")
    renderer.write_text(
        written.replace("    asked = json", f"{'    '.join(SLOW.splitlines(keepends=True))}    asked = json")
    )
    running = Dashboard(tmp_path, PYTHONPATH=str(tmp_path / "code"))
    yield running
    running.kill()


def seconds_of(url: str) -> float:
    started = time.monotonic()
    with urlopen(url, timeout=30) as answer:
        answer.read()
    return time.monotonic() - started


def test_a_picture_that_takes_long_delays_nobody_and_is_drawn_once(slow: Dashboard, tmp_path: Path) -> None:
    slow.push({"WorldCup": 3})
    connection, reader = join(slow.port)
    read_frame(reader)
    paths = ("/", "/static/main.js", "/api/snapshot", "/api/timeline", "/api/tags/worldcup", "/healthz")
    for path in paths:
        seconds_of(slow.url + path)
    drawn = tmp_path / "code" / "dashboard" / "page" / "preview" / "drawn.txt"
    with ThreadPoolExecutor() as pool:
        pictures = [pool.submit(seconds_of, f"{slow.url}/preview.png") for _ in range(5)]
        while not drawn.exists():
            assert not any(picture.done() for picture in pictures)
        waited: dict[str, list[float]] = {path: [] for path in (*paths, "the snapshot", "the answer to a page")}
        while not any(picture.done() for picture in pictures):
            for path in paths:
                waited[path].append(seconds_of(slow.url + path))
            for name, act in (
                ("the snapshot", lambda: slow.push({"WorldCup": 4})),
                ("the answer to a page", lambda: connection.sendall(frame(b'421["latest"]'))),
            ):
                started = time.monotonic()
                act()
                read_frame(reader)
                waited[name].append(time.monotonic() - started)
            # As often as the limits of one address allow.
            threading.Event().wait(0.2)
        assert max(picture.result() for picture in pictures) < 2 * DRAWING_SECONDS
    slowest = {name: max(times) for name, times in waited.items()}
    # The last of them may have been asked for when the picture was there.
    assert min(len(times) for times in waited.values()) >= 3
    assert max(slowest.values()) < PROMPT_SECONDS, slowest
    assert drawn.read_text() == "begun\n"
    reader.close()
    connection.close()
