"""A real source that feeds a real spool, in threads as in the service."""

import contextlib
import itertools
import random
import threading
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import cast

import msgspec

from ingest.intake.dedup import Seen
from ingest.intake.intake import Intake
from ingest.intake.progress import Progress
from ingest.intake.source_runner import Feed
from ingest.log_throttle import Throttle
from ingest.posts.filter import Filter
from ingest.posts.post import Post
from ingest.sources.base import Interrupted, Item, Refused, Source
from ingest.spool.clock import Clock
from ingest.spool.writer import Spool

#: No wait of a test is longer.
DEADLINE_SECONDS = 50.0


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def first_items(source: Source, number: int, cursor: str | None = None) -> list[Item]:
    """What a source yields first."""
    with contextlib.closing(cast("Generator[Item, None, None]", source.posts(cursor))) as posts:
        return list(itertools.islice(posts, number))


def until_it_breaks(source: Source, cursor: str | None = None) -> tuple[list[Item], Exception]:
    """What a source yields, and how it ends."""
    items = []
    try:
        for item in source.posts(cursor):
            items.append(item)  # noqa: PERF402 - what came before it broke
    except (Interrupted, Refused) as error:
        return items, error
    raise AssertionError("it ended by itself")


class Feeding:
    """Begins at once; `stop` ends it."""

    def __init__(self, folder: Path, make: Callable[[threading.Event], Source]) -> None:
        self.stopping = threading.Event()
        self.source = make(self.stopping)
        clock = Clock(now_ms, time.monotonic)
        self.spool = Spool(folder, clock, max_age_seconds=3600, max_bytes=2**30)
        throttle = Throttle(60, time.monotonic)
        self.intake = Intake(self.spool, Filter(), Seen(2**16), limit=None, monotonic=time.monotonic, throttle=throttle)
        self.intake.start(self.spool.progress(), [self.source])
        gate = threading.Event()
        gate.set()
        self.ended = threading.Event()
        self.feed = Feed(
            self.source,
            self.intake,
            now_ms=now_ms,
            random=random.random,
            stop=self.stopping,
            gate=gate,
            on_end=lambda _: self.ended.set(),
        )
        self.feed.start()

    def wait_for_posts(self, number: int) -> None:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while (end := self.spool.end) < number:
            assert time.monotonic() < deadline, f"{end} posts, {self.feed.condition}, {self.progress}"
            self.spool.wait_beyond(end, 1)

    def stop(self) -> float:
        """Stop; return how long it took the source to end, in seconds."""
        began = time.monotonic()
        self.stopping.set()
        self.feed.join(DEADLINE_SECONDS)
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
