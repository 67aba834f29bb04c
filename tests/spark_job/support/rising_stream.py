"""A tiny stream without chance: each minute is like the one before, except for what a test adds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
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


def habits(facet: Facet, posts: int, minute: int, part: int) -> list[Post]:
    """The usual posts of a facet in a part of a minute: a fifth have the tag that leads there, the others have many tags."""
    found = []
    for number in range(posts):
        key = f"leader-{facet[1]}" if number % 5 == 0 else f"{facet[1]}{(number * 7 + minute * 3 + part) % 61}"
        # Nobody writes twice in an hour.
        author = crc32(repr(facet).encode()) * 10**9 + minute % 60 * 10**6 + part * 10**5 + number
        found.append(Post(key, author, author, facet))
    return found


def facts(until_ms: int, rows: Iterable[Post]) -> PaneFacts:
    """The facts of a pane with these posts."""
    return PaneFacts(
        until_ms,
        pa.Table.from_pylist(
            [
                {"source": row.facet[0], "lang": row.facet[1], "key": row.key, "author": row.author, "text": row.text}
                | {"posts": row.posts}
                for row in rows
            ],
            schema=VOICES_ARROW,
        ),
    )


class Stream:
    """A detector, and the time that has come."""

    def __init__(self, pane_ms: int = MINUTE_MS, rules: Rules | None = None) -> None:
        self.db = duckdb.connect(config={"threads": 1})
        self.pane_ms = pane_ms
        self.now_ms = START_MS
        self.rules = rules
        self.detector = self.again()

    def again(self) -> Detector:
        """A detector that goes on from the stored state, as after a restart."""
        self.detector = Detector(self.db, pane_ms=self.pane_ms, window_ms=WINDOW_MS, rules=self.rules)
        return self.detector

    def pane(self, extra: Sequence[Post] = (), times: Mapping[Facet, float] | None = None) -> PaneFacts:
        """The facts of the next pane: the usual posts, each facet so many times, and some more."""
        minutes = self.pane_ms / MINUTE_MS
        rows: list[Post] = []
        for facet, posts in {**dict.fromkeys(times or {}, 0), **FACETS}.items():
            factor = (times or {}).get(facet, 1.0)
            rows += habits(
                facet, round(posts * minutes * factor), self.now_ms // MINUTE_MS, self.now_ms // self.pane_ms % 6
            )
        return facts(self.now_ms + self.pane_ms, [*rows, *extra])

    def step(self, extra: Sequence[Post] = (), times: Mapping[Facet, float] | None = None) -> Rising:
        """Add the next pane."""
        added = self.pane(extra, times)
        self.now_ms = added.until_ms
        return self.detector.add_pane(added)

    def usual(self, for_ms: int) -> Rising:
        """Let some time pass in which nothing happens. Return the last list."""
        rising = Rising(self.now_ms)
        for _ in range(for_ms // self.pane_ms):
            rising = self.step()
        return rising

    def warm(self, for_ms: int) -> None:
        """As `usual`, in large panes, which take less time."""
        pane_ms, self.pane_ms = self.pane_ms, WINDOW_MS
        self.again()
        self.usual(for_ms)
        self.pane_ms = pane_ms
        self.again()

    def skip(self, for_ms: int) -> None:
        """Let some time pass without panes."""
        self.now_ms += for_ms


def listed(rising: Rising) -> list[list[str]]:
    """The keys of the topics."""
    return [[tag.key for tag in topic] for topic in rising.topics]


def held_back(rising: Rising) -> list[tuple[str, str]]:
    """The keys of the rises that are held back, with the reason."""
    return [(one.key, one.why) for one in rising.held_back]
