"""The source `demo`: a made-up stream that looks alive, and that a seed repeats."""

import logging
import secrets
from bisect import bisect_left
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import accumulate
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

#: Posts come in ticks of this length; a burst is felt anew after a beat.
TICK_SECONDS = 0.05
BEAT_SECONDS = 0.5
#: What was missed for longer than this (the machine slept) is left out.
MAX_LATE_SECONDS = 1.0

_AUTHORS = 2_000
_ZIPF_EXPONENT = 0.9
_UNTAGGED, _PAIRED = 0.2, 0.2
#: Part of the posts about topics that all languages share; part of the others that are in the language of their tag.
_SHARED, _AT_HOME = 0.2, 0.94
#: Some tags get a number behind them, small ones more often: the long tail.
_NUMBERED, _NUMBERS = 0.06, 500
_SECONDS_BETWEEN_BURSTS = 12.0
#: The top of a burst, as a part of all posts that there are without bursts.
_BURST_PEAK = (0.2, 1.5)
_BURST_RISE_SECONDS = (3.0, 12.0)
_BURST_FADE_SECONDS = (10.0, 45.0)
_BURST_OVER = 0.001


_T = TypeVar("_T")


class _Burst(NamedTuple):
    """A topic that is much talked of for a while: it rises to a weight of `peak`, and fades."""

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
    """Makes up post after post; the same random numbers make the same posts.

    Topics of all languages follow Zipf's law, in an order that the seed shuffles. Time is the post's own: `seconds`
    since the first one.
    """

    def __init__(self, random: Random, run: str, start_ms: int) -> None:
        """`run` makes the ids of this run differ from those of another; `start_ms` is when it began."""
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
        self._next_beat = 0.0
        self._cumulated: list[float] = []
        self._second, self._second_text = -1, ""
        self._authors = list(accumulate(1 / rank for rank in range(1, _AUTHORS + 1)))

    def post(self, number: int, seconds: float) -> SourcePost:
        """Return the post of this number, `seconds` after the first; both must grow."""
        while seconds >= self._next_beat:
            self._beat(self._next_beat)
            self._next_beat += BEAT_SECONDS
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
        """The language of a post about a topic whose language is `home`; None: it is talked of in all."""
        if home is not None and self._random.random() < _AT_HOME:
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
        """The first spelling is the commonest."""
        kind = self._random.random()
        if kind < _NUMBERED:
            return f"{spellings[0]}{1 + int(_NUMBERS * self._random.random() ** 3)}"
        return spellings[0] if kind < 0.6 else self._any(spellings)

    def _any(self, choices: tuple[_T, ...]) -> _T:
        return choices[int(self._random.random() * len(choices))]

    def _draw(self, cumulated: list[float]) -> int:
        return bisect_left(cumulated, self._random.random() * cumulated[-1])

    def _beat(self, at: float) -> None:
        """Begin and end bursts, and weigh the topics anew."""
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
        """Zipf's law over all topics in a random order, scaled to the shares of languages and shared topics."""
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
    """Yields made-up posts, `rate` a second in the mean. It need not be resumed: each run has ids of its own."""

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
        """The same `seed` at the same time makes the same posts."""
        self._rate = rate
        self._seed = seed
        self._wall_ms = wall_ms
        self._monotonic_seconds = monotonic_seconds
        self._stop = stop

    def posts(self, cursor: str | None) -> Iterator[NewPost]:  # noqa: ARG002 - nothing to go on from
        """Yield the posts of a new run; see Source."""
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
            while due <= seconds:
                yield NewPost(chatter.post(number, due))
                number, due = number + 1, next(times)
