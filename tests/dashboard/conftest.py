"""A real dashboard under gunicorn, and a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect
from tests.dashboard.support import feeder
from tests.dashboard.support.sample_stream import Newsroom

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-the-tests"
EPOCH = 1_795_176_000_000


class Dashboard:
    """`python -m dashboard` as a process of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self._settings = settings
        self._seq = 0
        self.port = 0
        self.start()

    def start(self) -> None:
        """Start it; again on the same port, if it ran before."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "dashboard"),
            "PUSH_TOKEN": TOKEN,
            "DATA_DIR": str(self.folder),
            "DASHBOARD_PORT": str(self.port),
            **self._settings,
        }
        with (self.folder / "stderr.txt").open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dashboard"],
                cwd=self.folder,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline().strip()
        assert self.first_line.startswith("dashboard: http://127.0.0.1:"), self.stderr
        self.port = int(self.first_line.rsplit(":", 1)[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stderr(self) -> str:
        return (self.folder / "stderr.txt").read_text(encoding="utf-8")

    def push(
        self, posts: dict[str, int], at_ms: int | None = None, epoch: int = EPOCH, **changes: Any
    ) -> dict[str, Any]:
        """Push a snapshot with the next `seq`; the answer."""
        self._seq += 1
        now_ms = int(time.time() * 1000) if at_ms is None else at_ms
        body = feeder.snapshot(posts, now_ms, self._seq, epoch, **changes)
        return feeder.push(self.url, TOKEN, body)

    def kill(self) -> None:
        """End it and its worker at once."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Tell it to stop, as a terminal or a supervisor does; the seconds it took to end."""
        started = time.monotonic()
        os.killpg(self.process.pid, number)
        assert self.process.wait(timeout=15) == 0
        assert self.process.stdout is not None
        self.process.stdout.close()
        return time.monotonic() - started

    def restart(self) -> None:
        """Stop it and start it again on the same port."""
        self.stop()
        self.start()


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path)
    yield running
    if running.process.poll() is None:
        running.kill()


@pytest.fixture
def room(dashboard: Dashboard) -> Newsroom:
    """A stream with 50 panes of the past, all of it pushed, and one snapshot."""
    made = Newsroom(int(time.time() * 1000), panes=50)
    body = made.snapshot(int(time.time() * 1000))
    feeder.push(dashboard.url, TOKEN, {**body, "panes": made.kept()})
    return made


@pytest.fixture
def visit(browser: Browser, dashboard: Dashboard) -> Iterator[Callable[..., Page]]:
    """Opens the page (at a query and hash); at the end nothing may have been blocked, thrown, or asked of others."""
    contexts = []
    problems: list[str] = []
    own = (dashboard.url, f"ws://127.0.0.1:{dashboard.port}/", "data:", "blob:")

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(f"thrown: {error}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on("console", lambda said: problems.extend([said.text] if "Content Security" in said.text else []))
        page.on("request", lambda sent: problems.extend([] if sent.url.startswith(own) else [f"asked for {sent.url}"]))

    def open_page(query: str = "", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options})
        contexts.append(context)
        page = context.new_page()
        watch(page)
        page.goto(f"{dashboard.url}/{query}")
        # On a busy machine a browser takes many seconds for its first page. How fast the page is, other tests say.
        expect(page.locator("#fact-connection")).to_have_text(re.compile("^(connected|conectado)$"), timeout=20_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
