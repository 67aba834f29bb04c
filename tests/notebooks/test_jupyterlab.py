"""`make notebook` in a real browser: the bars move in JupyterLab, and Ctrl-C ends all of it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest
from playwright.sync_api import Page, expect
from tests.notebooks.support.notebook_run import ROOT, class_python
from tests.processes import free_ports, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser
    from tests.dashboard.conftest import Dashboard

LABELS = ".js-plotly-plot .yaxislayer-above text"


class MakeNotebook:
    """`scripts/notebook.py` beside a running dashboard."""

    def __init__(self, dashboard: Dashboard, folder: Path) -> None:
        self._output = folder / "notebook.txt"
        ports = dict(zip(("INGEST_PORT", "TAIL_PORT"), map(str, free_ports(2)), strict=True))
        environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "DATA_DIR": str(folder / "data"),
            "DASHBOARD_PORT": str(dashboard.port),
            "NOTEBOOK_LOCALE": "es",
            **ports,
        }
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "scripts" / "notebook.py")],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def address(self) -> str:
        """The address of the first notebook, when it is there."""

        def look() -> str | None:
            assert self.process.poll() is None, self._output.read_text()
            found = re.search(r"the notebook: (\S+)", self._output.read_text())
            return found and found[1]

        return wait_until(look, "the address of the notebook", 90)


@pytest.fixture
def lab(dashboard: Dashboard, tmp_path: Path) -> Iterator[MakeNotebook]:
    class_python()
    dashboard.push({"First": 100, "Second": 50})
    running = MakeNotebook(dashboard, tmp_path)
    yield running
    if running.process.poll() is None:
        running.process.terminate()
        running.process.wait(30)


def run_first_cells(page: Page, address: str) -> None:
    """Run the cells down to the first chart."""
    page.goto(address)
    chart = page.locator(".jp-CodeCell", has_text="stream.chart(").first
    chart.locator(".cm-content").click(timeout=60_000)
    expect(page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute("data-status", "idle", timeout=60_000)
    page.keyboard.press("Shift+Enter")


# JupyterLab, a kernel and a browser fill the machine.
@pytest.mark.alone
@pytest.mark.timeout(300)
def test_bars_move_in_the_notebook_without_being_drawn_anew_and_ctrl_c_ends_it(
    lab: MakeNotebook, dashboard: Dashboard, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    run_first_cells(page, lab.address())
    labels = page.locator(LABELS)
    expect(labels.filter(has_text="#First")).to_be_visible(timeout=60_000)
    page.evaluate("window.chartBefore = document.querySelector('.js-plotly-plot')")
    for posts in ({"Second": 400, "First": 120}, {"Third": 500, "Second": 400, "First": 130}):
        dashboard.push(posts)
        expect(labels.filter(has_text="#")).to_have_text([f"#{tag}" for tag in posts], timeout=30_000)
    assert page.evaluate("window.chartBefore === document.querySelector('.js-plotly-plot')")
    expect(page.locator(".jp-Dialog, .jp-toast-message")).to_have_count(0)
    context.close()

    family = psutil.Process(lab.process.pid).children(recursive=True)
    assert len(family) >= 2, "JupyterLab and a kernel"
    lab.process.send_signal(signal.SIGINT)
    assert lab.process.wait(30) == 0
    assert [one for one in family if one.is_running() and one.status() != psutil.STATUS_ZOMBIE] == []
