"""A real source that writes into a real spool, in threads as in the service."""

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import cast

import msgspec

from ingest.intake.dedup import Deduplicator
from ingest.intake.intake import Intake
from ingest.intake.progress import Progress
from ingest.intake.source_runner import SourceRunner
from ingest.intake.upkeep import Upkeep
from ingest.log_throttle import LogThrottle
from ingest.posts.filter import Filter
from ingest.posts.post import Post
from ingest.sources.base import ChangedPost, Interrupted, Refused, Source, SourceItem
from ingest.spool.clock import Clock
from ingest.spool.spool import Spool

#: The longest wait of a test.
DEADLINE_SECONDS = 50.0


def wall_ms() -> int:
    return time.time_ns() // 1_000_000


def first_items(source: Source, number: int, cursor: str | None = None) -> list[SourceItem]:
    """Return the first items of a source that are not changes of posts."""
    with contextlib.closing(cast("Generator[SourceItem, None, None]", source.posts(cursor))) as items:
        return list(itertools.islice((item for item in items if not isinstance(item, ChangedPost)), number))


def first_changes(source: Source, number: int, cursor: str | None = None) -> list[ChangedPost]:
    """Return the first changes of posts that a source reports."""
    with contextlib.closing(cast("Generator[SourceItem, None, None]", source.posts(cursor))) as items:
        return list(itertools.islice((item for item in items if isinstance(item, ChangedPost)), number))


def until_it_breaks(source: Source, cursor: str | None = None) -> tuple[list[SourceItem], Exception]:
    """Return the items of a source that are not changes of posts, and the error that ended it."""
    items: list[SourceItem] = []
    try:
        items.extend(item for item in source.posts(cursor) if not isinstance(item, ChangedPost))
    except (Interrupted, Refused) as error:
        return items, error
    raise AssertionError("it ended by itself")


def breaks(source: Source, cursor: str | None = None) -> Exception:
    """Return the error that ended a source before its first item."""
    items, error = until_it_breaks(source, cursor)
    assert items == []
    return error


class RunningSource:
    """Runs a source; it starts at once, and `stop` ends it."""

    def __init__(self, folder: Path, make: Callable[[threading.Event], Source]) -> None:
        self.stopping = threading.Event()
        self.source = make(self.stopping)
        clock = Clock(wall_ms, time.monotonic)
        self.spool = Spool(folder, clock, max_age_seconds=3600, max_bytes=2**30)
        throttle = LogThrottle(60, time.monotonic)
        self.intake = Intake(
            self.spool,
            Upkeep(self.spool, time.monotonic, throttle),
            Filter(),
            Deduplicator(2**16),
            limit=None,
            monotonic_seconds=time.monotonic,
            throttle=throttle,
        )
        self.intake.start(self.spool.progress(), [self.source])
        may_start = threading.Event()
        may_start.set()
        self.ended = threading.Event()
        self.runner = SourceRunner(
            self.source,
            self.intake,
            wall_ms=wall_ms,
            random=random.random,
            stop=self.stopping,
            may_start=may_start,
            on_end=lambda _: self.ended.set(),
        )
        self.runner.start()

    def wait_for_posts(self, number: int, patience_seconds: float = DEADLINE_SECONDS) -> None:
        deadline = time.monotonic() + patience_seconds
        while (end := self.spool.end) < number:
            assert time.monotonic() < deadline, f"{end} posts, {self.runner.state}, {self.progress}"
            self.spool.wait_beyond(end, 1)

    def wait_for_state(self, state: str) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while self.runner.state.name != state:
            assert time.monotonic() < deadline, self.runner.state
            time.sleep(0.005)

    def seen_states(self, seconds: float, until: Callable[[], object] = lambda: True) -> set[str]:
        """Return the names of the states that the source is in from now on, for so long and until that is true."""
        states: set[str] = set()
        began = time.monotonic()
        while True:
            passed = time.monotonic() - began
            enough = passed >= seconds and until()
            states.add(self.runner.state.name)
            if enough:
                return states
            assert passed < DEADLINE_SECONDS, states
            time.sleep(0.005)

    def stop(self) -> float:
        """Stop; return how many seconds the source took to end."""
        began = time.monotonic()
        self.stopping.set()
        self.runner.join(DEADLINE_SECONDS)
        took = time.monotonic() - began
        self.intake.stop()
        return took

    @property
    def progress(self) -> Progress:
        return self.intake.progress(self.source.name)

    def posts(self) -> list[Post]:
        with self.spool.reader() as reader:
            lines = b"".join(reader.lines(reader.range(0, self.spool.end))).splitlines()
        return [msgspec.json.decode(line, type=Post) for line in lines]

    def close(self) -> None:
        self.stop()
        self.spool.close()
