"""Fixtures and helpers of the tests of the intake."""

from collections.abc import Callable, Sequence

import msgspec
import pytest
from tests.ingest.conftest import IdleSource, ManualClock

from ingest.intake.dedup import Deduplicator
from ingest.intake.intake import Intake
from ingest.intake.upkeep import Upkeep
from ingest.log_throttle import LogThrottle
from ingest.posts import filter as post_filter
from ingest.posts.filter import Filter
from ingest.posts.post import Post, SourcePost
from ingest.sources.base import NewPost, Source
from ingest.spool.spool import Spool

MakeIntake = Callable[..., Intake]


@pytest.fixture
def make_intake(manual_clock: ManualClock) -> MakeIntake:
    def make(spool: Spool, track: str = "", limit: int | None = None, sources: Sequence[Source] = ()) -> Intake:
        throttle = LogThrottle(60, manual_clock.monotonic_seconds)
        intake = Intake(
            spool,
            Upkeep(spool, manual_clock.monotonic_seconds, throttle),
            Filter(post_filter.parse(track)),
            Deduplicator(1024),
            limit=limit,
            monotonic_seconds=manual_clock.monotonic_seconds,
            throttle=throttle,
        )
        intake.start(spool.progress(), sources or [IdleSource()])
        intake.load_known_ids()
        return intake

    return make


def new_post(number: int, text: str = "", labels: list[str] | None = None) -> NewPost:
    return NewPost(SourcePost(id=f"t:{number}", text=text, source="t", labels=labels), str(number))


def posts(spool: Spool) -> list[Post]:
    """Return all posts of the spool."""
    with spool.reader() as reader:
        lines = b"".join(reader.lines(reader.range(0, spool.end))).splitlines()
    return [msgspec.json.decode(line, type=Post) for line in lines]
