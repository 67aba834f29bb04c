"""Fixtures and helpers of all tests of ingest: a manual clock, a spool, posts."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.ingest.support.posts import plain_post
from tests.ingest.support.process import Ingest, Start

from ingest.posts.post import Post
from ingest.sources.base import Malformed, NewPost, Source
from ingest.spool.clock import Clock
from ingest.spool.spool import Spool

MakePost = Callable[..., Post]
OpenSpool = Callable[..., Spool]


class ManualClock:
    """A wall clock and a monotonic one, set by hand."""

    def __init__(self) -> None:
        self.wall = 1_000_000
        self.seconds = 50.0

    def wall_ms(self) -> int:
        return self.wall

    def monotonic_seconds(self) -> float:
        return self.seconds

    def pass_ms(self, ms: int) -> None:
        self.wall += ms
        self.seconds += ms / 1000


class SimulatedStop(threading.Event):
    """A stop event whose `wait` only moves the manual clock; it is set after `waits` calls."""

    def __init__(self, manual_clock: ManualClock, waits: int = 10**9) -> None:
        super().__init__()
        self.manual_clock = manual_clock
        self.waits = waits
        self.waited_seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        if len(self.waited_seconds) >= self.waits:
            self.set()
        if not self.is_set():
            self.waited_seconds.append(timeout)
            self.manual_clock.pass_ms(round(timeout * 1000))
        return self.is_set()


class IdleSource(Source):
    """A source that yields nothing."""

    def __init__(
        self,
        name: str = "t",
        identity: str | None = "t",
        *,
        filters_itself: bool = False,
        cursor_outlives_session: bool = False,
        has_aliases: bool = False,
        reports_accounts: bool = False,
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.filters_itself = filters_itself  # type: ignore[misc]
        self.cursor_outlives_session = cursor_outlives_session  # type: ignore[misc]
        self.has_aliases = has_aliases  # type: ignore[misc]
        self.reports_accounts = reports_accounts  # type: ignore[misc]
        self._identity = identity

    @property
    def identity(self) -> str | None:
        return self._identity

    def posts(self, cursor: str | None) -> Iterator[NewPost | Malformed]:
        return iter(())


@pytest.fixture
def manual_clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def simulated_stop(manual_clock: ManualClock) -> Callable[[int], SimulatedStop]:
    return lambda waits: SimulatedStop(manual_clock, waits)


@pytest.fixture
def make_post() -> MakePost:
    return plain_post


@pytest.fixture
def open_spool(tmp_path: Path, manual_clock: ManualClock) -> Iterator[OpenSpool]:
    """Opens the spool of the test; may be called again after the spool was closed."""
    opened: list[Spool] = []

    def open_(max_age_seconds: float = 3600, max_bytes: int = 2**30) -> Spool:
        clock = Clock(manual_clock.wall_ms, manual_clock.monotonic_seconds)
        spool = Spool(tmp_path / "spool", clock, max_age_seconds=max_age_seconds, max_bytes=max_bytes)
        opened.append(spool)
        return spool

    yield open_
    for spool in opened:
        spool.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Ingest] = []

    def start_(*arguments: str, **settings: str) -> Ingest:
        ingest = Ingest(tmp_path, list(arguments), settings)
        started.append(ingest)
        return ingest

    yield start_
    for ingest in started:
        if ingest.process.poll() is None:
            ingest.process.kill()
        ingest.process.communicate()
