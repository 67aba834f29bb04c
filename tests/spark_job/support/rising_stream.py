"""A tiny stream without chance: each minute is like the one before, except for what a test adds."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar
from zlib import crc32

import duckdb
import pyarrow as pa

from spark_job.rising.detector import Detector
from spark_job.rising.facts import VOICES_ARROW, PaneFacts
from spark_job.rising.rises import Rising
from spark_job.rising.verdict import Rules

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
WINDOW_MS = 5 * MINUTE_MS
#: A Monday.
START_MS = 1_793_577_600_000
EN, DE, JA = ("bluesky", "en"), ("bluesky", "de"), ("mastodon", "ja")
#: Posts a minute.
FACETS = {EN: 60, DE: 30, JA: 30}

Facet = tuple[str, str]
T = TypeVar("T")


@dataclass(frozen=True)
class Post:
    """Some posts that are alike."""

    key: str
    author: int | None
    text: int | None
    facet: Facet = EN
    posts: int = 1


def people(key: str, first: int, many: int, facet: Facet = EN) -> list[Post]:
    """Posts of different people with different texts. `first`: the number of the first person."""
    return [Post(key, 1_000_000 + first + number, 1_000_000 + first + number, facet) for number in range(many)]


@cache
def habits(facet: Facet, posts: int, part: int, copy: int = 0) -> pa.Table:
    """The usual posts of a facet in a pane: a fifth have the tag that leads there, the others have 61 tags.

    `part`: in which part of the window the pane is. `copy`: other people do the same. Nobody writes twice in a window.
    """
    first = crc32(repr(facet).encode()) * 10**9 + part * 10**6 + copy * 10**4
    return voices(
        Post(
            f"leader-{facet[1]}" if number % 5 == 0 else f"{facet[1]}{(number * 7 + part * 3) % 61}",
            first + number,
            first + number,
            facet,
        )
        for number in range(posts)
    )


def voices(posts: Iterable[Post]) -> pa.Table:
    """Posts as the detector gets them."""
    return pa.Table.from_pylist(
        [
            {"source": post.facet[0], "lang": post.facet[1], "key": post.key, "author": post.author, "text": post.text}
            | {"posts": post.posts}
            for post in posts
        ],
        schema=VOICES_ARROW,
    )


class Stream:
    """A detector, and the time that has come."""

    def __init__(self, pane_ms: int = MINUTE_MS, rules: Rules | None = None) -> None:
        self.db = duckdb.connect(config={"threads": 1})
        self.pane_ms = pane_ms
        self.now_ms = START_MS
        self.rules = rules
        #: Further facets, with their posts a minute.
        self.more: dict[Facet, int] = {}
        self.detector = self.again()

    def again(self) -> Detector:
        """A detector that goes on from the stored state, as after a restart."""
        self.detector = Detector(self.db, pane_ms=self.pane_ms, window_ms=WINDOW_MS, rules=self.rules)
        return self.detector

    def step(self, extra: Sequence[Post] = (), times: Mapping[Facet, int] | None = None) -> Rising:
        """Add the next pane: the usual posts, each facet so many times, and some more. Return the list."""
        return self._add(self.detector.add_pane, extra, times or {})

    def learn(self, extra: Sequence[Post] = ()) -> None:
        """Add the next pane, without looking at what rises."""
        self._add(self.detector.learn, extra, {})

    def facts(self, extra: Sequence[Post] = (), times: Mapping[Facet, int] | None = None) -> PaneFacts:
        """The facts of the next pane, which has then come."""
        return self._add(lambda facts: facts, extra, times or {})

    def _add(self, add: Callable[[PaneFacts], T], extra: Sequence[Post], times: Mapping[Facet, int]) -> T:
        part = self.now_ms % WINDOW_MS // self.pane_ms
        parts, minutes = WINDOW_MS // self.pane_ms, self.pane_ms / MINUTE_MS
        tables = [
            habits(facet, round(posts * minutes), (part + copy) % parts, copy)
            for facet, posts in {**FACETS, **self.more}.items()
            for copy in range(times.get(facet, 1))
        ]
        self.now_ms += self.pane_ms
        return add(PaneFacts(self.now_ms, pa.concat_tables([*tables, voices(extra)])))

    def usual(self, for_ms: int) -> Rising:
        """Let some time pass in which nothing happens. Return the last list."""
        rising = Rising(self.now_ms)
        for _ in range(for_ms // self.pane_ms):
            rising = self.step()
        return rising

    def warm(self, for_ms: int) -> None:
        """Let some time pass, without looking at what rises."""
        self.detector.learn_all([self.facts() for _ in range(for_ms // self.pane_ms)])

    def skip(self, for_ms: int) -> None:
        """Let some time pass without panes."""
        self.now_ms += for_ms


def listed(rising: Rising) -> list[list[str]]:
    """The keys of the topics."""
    return [[tag.key for tag in topic] for topic in rising.topics]


def held_back(rising: Rising) -> list[tuple[str, str]]:
    """The keys of the rises that are held back, with the reason."""
    return [(one.key, one.why) for one in rising.held_back]
