"""The examples for other front ends do what they say, as they stand in docs/examples."""

from __future__ import annotations

import queue
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.dashboard.conftest import ROOT, Dashboard
from tests.dashboard.support.other_origin import site
from tests.processes import free_ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow

EXAMPLES = ROOT / "docs" / "examples"
WAIT_SECONDS = 60


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
        # The same numbers again are no news.
        dashboard.push({"WorldCup": 7, "Rain": 9})
        dashboard.restart()
        assert lines.get(timeout=WAIT_SECONDS) == "follow.py: the connection is lost, trying again"
        dashboard.push({"Rain": 10})
        assert lines.get(timeout=WAIT_SECONDS) == "1. #Rain 10"


@pytest.mark.parametrize("arguments", [[], ["localhost:8000"], ["http://localhost", "more"]])
def test_without_an_address_a_sentence_says_how_to_call_it(arguments: list[str]) -> None:
    command = [sys.executable, str(EXAMPLES / "follow.py"), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=WAIT_SECONDS)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "usage: python follow.py http://localhost:8000\n"


def test_an_address_that_does_not_answer_is_tried_again_until_ctrl_c() -> None:
    (port,) = free_ports(1)
    command = [sys.executable, str(EXAMPLES / "follow.py"), f"http://127.0.0.1:{port}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        sentence = f"follow.py: http://127.0.0.1:{port} can't be reached, trying again\n"
        for _ in range(2):
            assert process.stderr.readline() == sentence
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=WAIT_SECONDS)
    # On a busy machine it may have tried once more before the signal.
    assert (process.returncode, out, err.replace(sentence, "")) == (0, "", "")


def test_ctrl_c_ends_it_while_it_follows(dashboard: Dashboard) -> None:
    dashboard.push({"WorldCup": 7})
    command = [sys.executable, str(EXAMPLES / "follow.py"), dashboard.url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "1. #WorldCup 7\n"
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 0
    assert "Traceback" not in err


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
                expect(page.locator("#state")).to_have_text("")
                dashboard.kill()
                expect(page.locator("#state")).to_contain_text(
                    "The dashboard can't be reached", timeout=WAIT_SECONDS * 1000
                )
                dashboard.start()
                dashboard.push({"Rain": 10})
                expect(page.locator("#top li")).to_have_text(["#Rain 10"], timeout=WAIT_SECONDS * 1000)
        finally:
            dashboard.kill()
