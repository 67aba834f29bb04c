"""The chart without widgets in a real kernel: its thread replaces the output of the cell."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.notebooks.support.notebook_run import execute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.dashboard.conftest import Dashboard

CELLS = (
    'import hashtags\nstream = hashtags.attach("http://localhost:8000")\nstream.chart(count=2, widget=False)',
    "for snapshot in stream.follow(count=8):\n    pass",
    "stream.close()",
)


@pytest.fixture
def growing(dashboard: Dashboard) -> Iterator[None]:
    """A stream whose second hashtag grows with each snapshot, two in a second."""
    ended = threading.Event()

    def push() -> None:
        posts = 10
        while not ended.wait(0.5):
            posts += 10
            dashboard.push({"First": 25, "Growing": posts})

    dashboard.push({"First": 25, "Growing": 10})
    thread = threading.Thread(target=push)
    thread.start()
    yield
    ended.set()
    thread.join()


def notebook(path: Path) -> Path:
    cells: list[dict[str, Any]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"c{place}",
            "metadata": {},
            "outputs": [],
            "source": source,
        }
        for place, source in enumerate(CELLS)
    ]
    content: dict[str, Any] = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content))
    return path


def test_the_output_of_the_cell_follows_the_stream(dashboard: Dashboard, growing: None, tmp_path: Path) -> None:
    cells = execute(notebook(tmp_path / "bars.ipynb"), {"HASHTAGS_URL": dashboard.url}, 180)
    (output,) = cells[0]["outputs"]
    lines = "".join(output["data"]["text/plain"]).splitlines()
    assert [line.split()[-1] for line in lines[1:]] == ["#Growing", "#First"]
