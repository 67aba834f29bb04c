"""The source `demo`: a made-up stream that looks realistic and can be repeated by its seed."""

import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from random import Random
from threading import Event
from typing import TYPE_CHECKING, ClassVar, Self

from ingest.posts.post import SourcePost
from ingest.sources.base import ChangedPost, NewPost, Source, SourceContext
from ingest.sources.demo.arrivals import arrivals
from ingest.sources.demo.deletions import waves
from ingest.sources.demo.generator import PostGenerator
from ingest.sources.demo.lesson import LessonPosts
from ingest.sources.demo.past import made_up_past

if TYPE_CHECKING:
    from ingest.settings import Settings

logger = logging.getLogger(__name__)

#: Posts are yielded once per tick.
TICK_SECONDS = 0.05
#: Posts that are later than this (the machine slept) are skipped.
MAX_LATE_SECONDS = 1.0


class Demo(Source):
    """Yields made-up posts, `rate` per second on average. It can't be resumed: each run has its own ids."""

    name: ClassVar[str] = "demo"

    @classmethod
    def from_settings(cls, settings: "Settings", context: SourceContext) -> Self:
        """Return a new source; without a `DEMO_SEED` it logs the one that it chose."""
        seed = settings.demo_seed
        if seed is None:
            seed = secrets.randbits(32)
            logger.info("demo: DEMO_SEED=%d", seed)
        return cls(
            settings.demo_rate,
            seed,
            # With a LIMIT, the log must have that many posts.
            0.0 if settings.limit else 60 * settings.demo_past_minutes,
            LessonPosts() if settings.lesson_faults and settings.source == [cls.name] else None,
            wall_ms=context.wall_ms,
            monotonic_seconds=context.monotonic_seconds,
            stop=context.stop,
        )

    def __init__(
        self,
        rate: float,
        seed: int,
        past_seconds: float = 0.0,
        lesson: LessonPosts | None = None,
        *,
        wall_ms: Callable[[], int],
        monotonic_seconds: Callable[[], float],
        stop: Event,
    ) -> None:
        """Create the source; the same `seed` at the same start time makes the same posts.

        Args:
            rate: Posts per second, on average.
            seed: Decides about the posts.
            past_seconds: The length of the made-up past of a new log; 0: it has none.
            lesson: What a lesson requests; None: no lesson may disturb the stream.
            wall_ms: The wall clock, in ms since 1970.
            monotonic_seconds: The monotonic clock.
            stop: Ends the source.

        """
        self._rate = rate
        self._seed = seed
        self._past_seconds = past_seconds
        self.lesson = lesson
        #: The time before which posts were made up at the first start, in ms since 1970. It is stored as the cursor.
        self._past_until_ms: int | None = None
        self._wall_ms = wall_ms
        self._monotonic_seconds = monotonic_seconds
        self._stop = stop

    def posts(self, cursor: str | None) -> Iterator[NewPost | ChangedPost]:
        """Yield the posts of a new run; see Source."""
        return chain.from_iterable(self.blocks(cursor))

    def past(self, end_ms: int) -> Iterator[tuple[int, Sequence[SourcePost]]]:
        """Yield the made-up past of a new log; see Source."""
        if self._past_seconds:
            yield from made_up_past(self._seed, f"{end_ms:x}-{self._seed:x}", end_ms, self._past_seconds, self._rate)
            self._past_until_ms = end_ms

    def facts(self) -> Mapping[str, int]:
        """Return up to when posts were made up at the first start, and whether a lesson may disturb; see Source."""
        past = {} if self._past_until_ms is None else {"past_until_ms": self._past_until_ms}
        return past if self.lesson is None else past | {"lesson_faults": 1}

    def blocks(self, cursor: str | None) -> Iterator[list[NewPost | ChangedPost]]:
        """Yield the posts and the deletions of each tick; see Source."""
        if cursor is not None:
            self._past_until_ms = int(cursor)
        cursor = None if self._past_until_ms is None else str(self._past_until_ms)
        start_ms, start = self._wall_ms(), self._monotonic_seconds()
        run = f"{start_ms:x}-{self._seed:x}"
        chatter = PostGenerator(Random(self._seed), run, start_ms, self._rate)  # noqa: S311 - no secret
        times = arrivals(self._rate, Random(f"course {self._seed}"))  # noqa: S311
        coming = waves(Random(f"deletions {self._seed}"), run, start_ms, self._rate)  # noqa: S311
        number, due, deletion = 0, next(times), next(coming)
        self.report_open()
        while not self._stop.wait(TICK_SECONDS):
            seconds = self._monotonic_seconds() - start
            late = seconds - due - MAX_LATE_SECONDS
            if late > 0:
                start += late
                seconds -= late
            block: list[NewPost | ChangedPost] = []
            if self.lesson is not None:
                block += [NewPost(post, cursor) for post in self.lesson.due()]
            while due <= seconds:
                block.append(NewPost(chatter.post(number, due), cursor))
                number, due = number + 1, next(times)
            while deletion.seconds <= seconds:
                deletion.item.cursor = cursor
                block.append(deletion.item)
                deletion = next(coming)
            if self.lesson is not None:
                self.lesson.note(item.post for item in block if isinstance(item, NewPost))
            yield block
