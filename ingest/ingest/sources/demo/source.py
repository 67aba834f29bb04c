"""The source `demo`: a made-up stream that looks realistic and can be repeated by its seed."""

import logging
import secrets
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import accumulate, chain
from math import exp
from random import Random
from threading import Event
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self, TypeVar

from ingest.posts.post import SourcePost
from ingest.sources.base import NewPost, Source, SourceContext
from ingest.sources.demo.arrivals import arrivals
from ingest.sources.demo.phrasebook import LANGUAGES, SHARED_TOPICS, Language

if TYPE_CHECKING:
    from ingest.settings import Settings

logger = logging.getLogger(__name__)

#: Posts are yielded once per tick.
TICK_SECONDS = 0.05
#: The weights of topics are computed once per step.
STEP_SECONDS = 0.5
#: Posts that are later than this (the machine slept) are skipped.
MAX_LATE_SECONDS = 1.0

_AUTHORS = 2_000
_ZIPF_EXPONENT = 0.9
_UNTAGGED, _PAIRED = 0.2, 0.2
#: Fraction of posts about shared topics; fraction of the other posts that are in the language of their topic.
_SHARED, _OWN_LANGUAGE = 0.2, 0.94
#: Fraction of tags with a number (small numbers are more frequent), which make the long tail; greatest number.
_NUMBERED, _NUMBERS = 0.06, 500
_SECONDS_BETWEEN_BURSTS = 12.0
#: The peak of a burst, as a fraction of all posts without bursts (lowest and highest).
_BURST_PEAK = (0.2, 1.5)
_BURST_RISE_SECONDS = (3.0, 12.0)
_BURST_FADE_SECONDS = (10.0, 45.0)
_BURST_OVER = 0.001


_T = TypeVar("_T")


class _Burst(NamedTuple):
    """A topic that is popular for a while: its weight rises to `peak` and then fades."""

    topic: int
    start: float
    peak: float
    rise_seconds: float
    fade_seconds: float

    def factor(self, at: float) -> float:
        age = at - self.start
        if age < self.rise_seconds:
            return self.peak * age / self.rise_seconds
        return self.peak * exp(-(age - self.rise_seconds) / self.fade_seconds)

    def over(self, at: float) -> bool:
        return at > self.start + self.rise_seconds and self.factor(at) < _BURST_OVER


class PostGenerator:
    """Makes up posts; the same random numbers make the same posts.

    The topics of all languages follow Zipf's law, in an order that the seed shuffles. Times are `seconds` since the
    first post.
    """

    def __init__(self, random: Random, run: str, start_ms: int) -> None:
        """Create the generator; `run` makes the ids unique, `start_ms` is the start of the run (ms since 1970)."""
        self._random = random
        self._run = run
        self._start_ms = start_ms
        self._topics: list[tuple[Language | None, tuple[str, ...]]] = [
            *((language, spellings) for language in LANGUAGES for spellings in language.topics),
            *((None, spellings) for spellings in SHARED_TOPICS),
        ]
        self._shares = list(accumulate(language.share for language in LANGUAGES))
        self._usual = self._usual_weights()
        self._bursts: list[_Burst] = []
        self._next_burst = 0.0
        self._next_step = 0.0
        self._cumulated: list[float] = []
        self._second, self._second_text = -1, ""
        self._authors = list(accumulate(1 / rank for rank in range(1, _AUTHORS + 1)))

    def post(self, number: int, seconds: float) -> SourcePost:
        """Return the post with this number, `seconds` after the first one; both must grow from call to call."""
        while seconds >= self._next_step:
            self._update_bursts(self._next_step)
            self._next_step += STEP_SECONDS
        home, spellings = self._topics[self._draw(self._cumulated)]
        language = self._language(home)
        return SourcePost(
            id=f"demo:{self._run}:{number}",
            text=self._text(language, spellings),
            source="demo",
            lang=language.code,
            author=f"demo-{self._draw(self._authors) + 1}",
            created_at=self._created_at(seconds),
        )

    def _created_at(self, seconds: float) -> str:
        second = self._start_ms // 1000 + int(seconds)
        if second != self._second:
            self._second = second
            self._second_text = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return self._second_text

    def _language(self, home: Language | None) -> Language:
        """Return the language of a post about a topic of the language `home`; None: a shared topic."""
        if home is not None and self._random.random() < _OWN_LANGUAGE:
            return home
        return LANGUAGES[self._draw(self._shares)]

    def _text(self, language: Language, spellings: tuple[str, ...]) -> str:
        kind = self._random.random()
        if kind < _UNTAGGED:
            return self._any(language.plain)
        tag = self._spelling(spellings)
        if kind < _UNTAGGED + _PAIRED:
            return self._any(language.paired).format(a=tag, b=self._spelling(self._any(language.topics)))
        return self._any(language.tagged).format(a=tag)

    def _spelling(self, spellings: tuple[str, ...]) -> str:
        """Return one of the spellings; the first one is the most frequent."""
        kind = self._random.random()
        if kind < _NUMBERED:
            return f"{spellings[0]}{1 + int(_NUMBERS * self._random.random() ** 3)}"
        return spellings[0] if kind < 0.6 else self._any(spellings)

    def _any(self, choices: tuple[_T, ...]) -> _T:
        return choices[int(self._random.random() * len(choices))]

    def _draw(self, cumulated: list[float]) -> int:
        return bisect_left(cumulated, self._random.random() * cumulated[-1])

    def _update_bursts(self, at: float) -> None:
        """Start and end bursts, and compute the weights of the topics."""
        self._bursts = [burst for burst in self._bursts if not burst.over(at)]
        while at >= self._next_burst:
            self._bursts.append(
                _Burst(
                    topic=int(self._random.random() * len(self._topics)),
                    start=at,
                    peak=self._random.uniform(*_BURST_PEAK),
                    rise_seconds=self._random.uniform(*_BURST_RISE_SECONDS),
                    fade_seconds=self._random.uniform(*_BURST_FADE_SECONDS),
                )
            )
            self._next_burst += self._random.expovariate(1 / _SECONDS_BETWEEN_BURSTS)
        weights = list(self._usual)
        for burst in self._bursts:
            weights[burst.topic] += burst.factor(at)
        self._cumulated = list(accumulate(weights))

    def _usual_weights(self) -> list[float]:
        """Return weights by Zipf's law in random order, scaled to the shares of the languages and the shared topics."""
        ranks = list(range(1, len(self._topics) + 1))
        self._random.shuffle(ranks)
        weights = [rank**-_ZIPF_EXPONENT for rank in ranks]
        of_home: dict[Language | None, float] = {}
        for (home, _), weight in zip(self._topics, weights, strict=True):
            of_home[home] = of_home.get(home, 0.0) + weight
        return [
            weight * (_SHARED if home is None else (1 - _SHARED) * home.share) / of_home[home]
            for (home, _), weight in zip(self._topics, weights, strict=True)
        ]


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
            wall_ms=context.wall_ms,
            monotonic_seconds=context.monotonic_seconds,
            stop=context.stop,
        )

    def __init__(
        self,
        rate: float,
        seed: int,
        *,
        wall_ms: Callable[[], int],
        monotonic_seconds: Callable[[], float],
        stop: Event,
    ) -> None:
        """Create the source; the same `seed` at the same start time makes the same posts."""
        self._rate = rate
        self._seed = seed
        self._wall_ms = wall_ms
        self._monotonic_seconds = monotonic_seconds
        self._stop = stop

    def posts(self, cursor: str | None) -> Iterator[NewPost]:
        """Yield the posts of a new run; see Source."""
        return chain.from_iterable(self.blocks(cursor))

    def blocks(self, cursor: str | None) -> Iterator[list[NewPost]]:  # noqa: ARG002 - nothing to go on from
        """Yield the posts of each tick; see Source."""
        start_ms, start = self._wall_ms(), self._monotonic_seconds()
        chatter = PostGenerator(Random(self._seed), f"{start_ms:x}-{self._seed:x}", start_ms)  # noqa: S311 - no secret
        times = arrivals(self._rate, Random(f"course {self._seed}"))  # noqa: S311
        number, due = 0, next(times)
        self.report_open()
        while not self._stop.wait(TICK_SECONDS):
            seconds = self._monotonic_seconds() - start
            late = seconds - due - MAX_LATE_SECONDS
            if late > 0:
                start += late
                seconds -= late
            block = []
            while due <= seconds:
                block.append(NewPost(chatter.post(number, due)))
                number, due = number + 1, next(times)
            yield block
