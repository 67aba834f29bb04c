"""Fixtures of the tests of the sources."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.conftest import ManualClock
from tests.ingest.servers import x_server
from tests.ingest.servers.x_server import TOKEN, XServer
from tests.ingest.sources.x.client import NOON_MS, Open
from tests.ingest.support.running_source import RunningSource

from ingest.posts import filter as post_filter
from ingest.sources.base import Source
from ingest.sources.x.source import X

RunSource = Callable[[Callable[[threading.Event], Source]], RunningSource]


@pytest.fixture
def run_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunSource]:
    """Starts a source that writes into the spool of the test; retries have nearly no pause."""
    monkeypatch.setattr("ingest.intake.source_runner.FIRST_PAUSE_SECONDS", 0.01)
    monkeypatch.setattr("ingest.intake.source_runner.LAST_PAUSE_SECONDS", 0.05)
    begun: list[RunningSource] = []

    def run(make: Callable[[threading.Event], Source]) -> RunningSource:
        active = RunningSource(tmp_path / "spool", make)
        begun.append(active)
        return active

    yield run
    for active in begun:
        active.close()


@pytest.fixture
def x_api() -> Iterator[XServer]:
    with x_server.serving() as server:
        yield server


@pytest.fixture
def x_stop() -> Iterator[threading.Event]:
    stop = threading.Event()
    yield stop
    stop.set()


@pytest.fixture
def open_x(x_api: XServer, manual_clock: ManualClock, x_stop: threading.Event) -> Open:
    """Creates the source x for `x_api`, at noon."""
    manual_clock.wall = NOON_MS

    def open_(track: str = "cats", token: str = TOKEN, **settings: Any) -> X:
        given = {
            "terms": post_filter.parse(track),
            "languages": [],
            "daily_limit": 1000,
            "price_per_post_usd": 0.005,
            "wall_ms": manual_clock.wall_ms,
            "stop": x_stop,
            "silence_seconds": 10,
            "adapter": x_api.adapter,
            **settings,
        }
        return X(token, **given)

    return open_
