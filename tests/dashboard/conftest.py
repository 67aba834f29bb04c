"""Fixtures: a real dashboard under gunicorn, and pages in a real browser."""

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
from socketio.base_client import reconnecting_clients  # type: ignore[import-untyped]
from tests.dashboard.support import feeder
from tests.dashboard.support.fork_server import ForkedProcess, fork_server
from tests.dashboard.support.sample_stream import SampleStream
from tests.processes import free_ports, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-of-the-tests"
SERVING = re.compile(r"^\S+Z INFO dashboard: serving on http://127\.0\.0\.1:(\d+)\n", re.MULTILINE)
#: Noon of a day in UTC: neither a window nor the slider has times of the day before.
EPOCH = 1_795_176_000_000
#: Folders whose tests are about the process: what it holds in memory, how it starts and ends.
ABOUT_THE_PROCESS = {"live", "receive", "server", "traffic"}


class Dashboard:
    """`python -m dashboard` as a separate process."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self._settings = settings
        self._seq = 0
        # Not port 0: while it is restarted, the system could give that port to a client.
        (self.port,) = free_ports(1)
        self.start()

    def start(self) -> None:
        """Start the process, on the same port as before if it ran before."""
        environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "dashboard"),
            "PUSH_TOKEN": TOKEN,
            "DATA_DIR": str(self.folder),
            "DASHBOARD_PORT": str(self.port),
            **self._settings,
        }
        output = self.folder / "stderr.txt"
        with output.open("a") as errors:
            before = errors.tell()
        self.process = self.start_process(environment, output)

        def port() -> int | None:
            assert self.process.poll() is None, self.stderr
            line = SERVING.search(output.read_text()[before:])
            return None if line is None else int(line[1])

        self.port = wait_until(port, "it serves", 60)

    def start_process(self, environment: dict[str, str], output: Path) -> subprocess.Popen[bytes] | ForkedProcess:
        """Start the process with this environment; what it logs goes to the end of `output`."""
        with output.open("ab") as errors:
            return subprocess.Popen(
                [sys.executable, "-m", "dashboard"],
                cwd=self.folder,
                env=environment,
                stderr=errors,
                start_new_session=True,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def stderr(self) -> str:
        """What it has logged, without the line that it serves."""
        return SERVING.sub("", (self.folder / "stderr.txt").read_text(encoding="utf-8"))

    def push(
        self, posts: dict[str, int], at_ms: int | None = None, epoch: int = EPOCH, **changes: Any
    ) -> dict[str, Any]:
        """Push a snapshot with the next `seq`; returns the response."""
        self._seq += 1
        now_ms = int(time.time() * 1000) if at_ms is None else at_ms
        body = feeder.snapshot(posts, now_ms, self._seq, epoch, **changes)
        return feeder.push(self.url, TOKEN, body)

    def kill(self) -> None:
        """Kill the process and its worker."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Stop the process with a signal, as a terminal or a supervisor does; returns the seconds until it ended."""
        started = time.monotonic()
        os.killpg(self.process.pid, number)
        assert self.process.wait(timeout=15) == 0
        return time.monotonic() - started

    def restart(self) -> None:
        """Stop the process and start it again on the same port."""
        self.stop()
        self.start()


@pytest.fixture(autouse=True)
def no_client_is_left() -> Iterator[None]:
    """A client that still tries to connect again would get the next dashboard on its port, and draws random numbers."""
    before = [*reconnecting_clients]
    yield
    # Only the test that has left it fails.
    assert [client for client in reconnecting_clients if client not in before] == []


class ForkedDashboard(Dashboard):
    """The same, forked from a process that has its imports."""

    def start_process(self, environment: dict[str, str], output: Path) -> ForkedProcess:
        return fork_server().fork(self.folder, environment, output)


@pytest.fixture
def dashboard(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Dashboard]:
    """A running one. Most are forked: they serve in less than half the time."""
    running = (Dashboard if request.path.parent.name in ABOUT_THE_PROCESS else ForkedDashboard)(tmp_path)
    yield running
    if running.process.poll() is None:
        running.kill()


@pytest.fixture
def stream(dashboard: Dashboard) -> SampleStream:
    """A sample stream with 50 closed panes and one snapshot, all of them pushed."""
    # One time for both: a pane that ends between two times would be the 51st.
    return pushed_stream(dashboard, int(time.time() * 1000))


@pytest.fixture
def noon_stream(dashboard: Dashboard) -> SampleStream:
    """The same, at `EPOCH`. On a page that is opened then, its times have no day."""
    return pushed_stream(dashboard, EPOCH)


def pushed_stream(dashboard: Dashboard, end_ms: int) -> SampleStream:
    made = SampleStream(end_ms, panes=50)
    body = made.snapshot(end_ms)
    feeder.push(dashboard.url, TOKEN, {**body, "panes": made.closed_panes()})
    return made


@pytest.fixture
def visit(browser: Browser, dashboard: Dashboard) -> Iterator[Callable[..., Page]]:
    """Returns a function that opens the page with a query and a hash, and at a given time if the clock matters.

    Fails at the end if a page threw an error, violated the content security policy, or requested another origin.
    """
    contexts = []
    problems: list[str] = []
    own = (dashboard.url, f"ws://127.0.0.1:{dashboard.port}/", "data:", "blob:")

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(f"thrown: {error}"))
        page.on("dialog", lambda dialog: problems.append(f"dialog: {dialog.message}"))
        page.on(
            "console", lambda message: problems.extend([message.text] if "Content Security" in message.text else [])
        )
        page.on("request", lambda sent: problems.extend([] if sent.url.startswith(own) else [f"request: {sent.url}"]))

    def open_page(query: str = "", at_ms: int | None = None, **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options})
        contexts.append(context)
        page = context.new_page()
        watch(page)
        if at_ms is not None:
            page.clock.install(time=at_ms / 1000)
        page.goto(f"{dashboard.url}/{query}")
        # On a busy machine a browser takes many seconds for its first page. Other tests measure the speed of the page.
        expect(page.locator("#fact-connection")).to_have_text(re.compile("^(connected|conectado)$"), timeout=60_000)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert problems == []
