"""The examples for other front ends do what they say, as they stand in docs/examples."""

from __future__ import annotations

import queue
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import ROOT, Dashboard
from tests.dashboard.elsewhere import site
from tests.processes import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from playwright.sync_api import Browser

EXAMPLES = ROOT / "docs" / "examples"
WAIT_SECONDS = 20


def _read(said: IO[str], lines: queue.Queue[str]) -> None:
    for line in said:
        lines.put(line.strip())


@contextmanager
def running(*command: str) -> Iterator[queue.Queue[str]]:
    """The lines that a program says, while it runs."""
    lines: queue.Queue[str] = queue.Queue()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout is not None
        reading = threading.Thread(target=_read, args=(process.stdout, lines))
        reading.start()
        yield lines
        process.kill()
        reading.join()
    assert lines.empty(), lines.get()


def test_a_program_of_twenty_lines_follows_and_comes_back_after_a_restart(dashboard: Dashboard) -> None:
    dashboard.push({"WorldCup": 7, "Rain": 3})
    with running(sys.executable, str(EXAMPLES / "follow.py"), dashboard.url) as lines:
        assert lines.get(timeout=WAIT_SECONDS) == "1. #WorldCup 7 2. #Rain 3"
        dashboard.push({"WorldCup": 7, "Rain": 9})
        assert lines.get(timeout=WAIT_SECONDS) == "1. #Rain 9 2. #WorldCup 7"
        dashboard.restart()
        dashboard.push({"Rain": 10})
        assert lines.get(timeout=WAIT_SECONDS) == "1. #Rain 10"


@pytest.mark.parametrize("options", ["", ', {transports: ["websocket"]}', ', {transports: ["polling"]}'])
def test_a_page_of_another_origin_follows_with_our_client_and_comes_back_after_a_restart(
    tmp_path: Path, browser: Browser, options: str
) -> None:
    (port,) = free_ports(1)
    html = (EXAMPLES / "follow.html").read_text(encoding="utf-8")
    assert html.count("http://localhost:8000") == 2
    html = html.replace('io("http://localhost:8000")', f'io("http://localhost:8000"{options})')
    with site(html.replace("localhost:8000", f"127.0.0.1:{port}")) as origin:
        dashboard = Dashboard(tmp_path, CORS_ORIGINS=origin, DASHBOARD_PORT=str(port))
        try:
            dashboard.push({"WorldCup": 7, "Rain": 3})
            with browser.new_context() as context:
                page = context.new_page()
                page.goto(origin)
                expect(page.locator("#top li")).to_have_text(["#WorldCup 7", "#Rain 3"])
                dashboard.push({"Rain": 9})
                expect(page.locator("#top li")).to_have_text(["#Rain 9"])
                dashboard.restart()
                dashboard.push({"Rain": 10})
                expect(page.locator("#top li")).to_have_text(["#Rain 10"], timeout=WAIT_SECONDS * 1000)
        finally:
            dashboard.kill()
