"""Parts that the tests of ingest share: hands for the clock, a spool, posts."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.ingest.support.process import Ingest, Start

from ingest.posts.post import Post
from ingest.sources.base import Malformed, Sighting, Source
from ingest.spool.clock import Clock
from ingest.spool.writer import Spool

MakePost = Callable[..., Post]
OpenSpool = Callable[..., Spool]


class Hands:
    """A wall clock and a monotonic one, set by hand."""

    def __init__(self) -> None:
        self.wall = 1_000_000
        self.seconds = 50.0

    def wall_ms(self) -> int:
        return self.wall

    def monotonic(self) -> float:
        return self.seconds

    def pass_ms(self, ms: int) -> None:
        self.wall += ms
        self.seconds += ms / 1000


class PatientStop(threading.Event):
    """A stop event on which waiting moves the hands and takes no time; set after `waits` of them."""

    def __init__(self, hands: Hands, waits: int = 10**9) -> None:
        super().__init__()
        self.hands = hands
        self.waits = waits
        self.waited_seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        if len(self.waited_seconds) >= self.waits:
            self.set()
        if not self.is_set():
            self.waited_seconds.append(timeout)
            self.hands.pass_ms(round(timeout * 1000))
        return self.is_set()


class Idle(Source):
    """A source that has a name and does nothing."""

    def __init__(
        self, name: str = "t", identity: str | None = "t", *, selects: bool = False, keeps_cursor: bool = False
    ) -> None:
        self.name = name  # type: ignore[misc]
        self.selects = selects  # type: ignore[misc]
        self.keeps_cursor = keeps_cursor  # type: ignore[misc]
        self._identity = identity

    @property
    def identity(self) -> str | None:
        return self._identity

    def posts(self, cursor: str | None) -> Iterator[Sighting | Malformed]:
        return iter(())


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def patient_stop(hands: Hands) -> Callable[[int], PatientStop]:
    return lambda waits: PatientStop(hands, waits)


@pytest.fixture
def make_post() -> MakePost:
    def make(text: str = "", post_id: str = "t:1") -> Post:
        return Post(0, post_id, 0, None, None, text, [], "und", "t", None)

    return make


@pytest.fixture
def open_spool(tmp_path: Path, hands: Hands) -> Iterator[OpenSpool]:
    """Opens the one spool of the test; again after it was closed."""
    opened: list[Spool] = []

    def open_(max_age_seconds: float = 3600, max_bytes: int = 2**30) -> Spool:
        clock = Clock(hands.wall_ms, hands.monotonic)
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
