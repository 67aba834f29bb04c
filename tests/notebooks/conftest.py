"""Fixtures: a real dashboard with a made-up stream, as a reader's notebook finds it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.conftest import EPOCH, TOKEN, Dashboard
from tests.dashboard.support import feeder
from tests.dashboard.support.sample_stream import SampleStream, with_people
from tests.end_to_end.stack import Stack
from tests.notebooks.support.notebook_run import class_python

from hashtags import attach

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hashtags import Stream

#: When the made-up stream ends: 5 s into a pane.
AT_MS = EPOCH + 5_000
PANES = 60


@pytest.fixture
def dashboard(tmp_path: Path) -> Iterator[Dashboard]:
    running = Dashboard(tmp_path)
    yield running
    if running.process.poll() is None:
        running.kill()


@pytest.fixture
def sample(dashboard: Dashboard) -> SampleStream:
    """A made-up stream with 60 closed panes and one snapshot, all of them pushed, with people."""
    made = SampleStream(EPOCH, panes=PANES)
    body = made.snapshot(AT_MS) | {"coverage": {"from_ms": made.first_ms, "missing_ms": 0, "before": True}}
    feeder.push(dashboard.url, TOKEN, with_people({**body, "panes": made.closed_panes()}))
    return made


@pytest.fixture
def stream(dashboard: Dashboard, sample: SampleStream) -> Iterator[Stream]:
    """A reader's stream at that dashboard."""
    with attach(dashboard.url) as attached:
        yield attached


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The processes of `make run` on the demo, when the first posts are counted. It needs the marker `spark`."""
    class_python()
    with Stack(tmp_path_factory.mktemp("live") / "data", SOURCE="demo", DEMO_RATE="50") as running:
        running.snapshot_where(has_posts, "the first posts", 150)
        yield running


def has_posts(snapshot: dict[str, Any]) -> bool:
    """Whether posts of the window are counted, and a list of rising tags is made."""
    return bool(snapshot["window"]["top"]) and snapshot["rising"] is not None


@pytest.fixture
def variables(live: Stack) -> dict[str, str]:
    """What the notebooks find in their environment beside `live`."""
    return {
        "HASHTAGS_URL": live.address,
        "INGEST_HOST": "127.0.0.1",
        "INGEST_PORT": str(live.ports["INGEST_PORT"]),
        "TAIL_PORT": str(live.ports["TAIL_PORT"]),
        "INGEST_PYTHON": sys.executable,
    }
