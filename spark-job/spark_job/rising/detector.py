"""The detector: it learns the facts of one pane after the other, and says which hashtags rise.

The method, its sources and its limits are described in docs/rising.md. The job and `make trends` use the same class.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log10
from typing import Literal

import duckdb

from spark_job.rising import topics, window
from spark_job.rising.baseline import Baseline
from spark_job.rising.facts import PaneFacts
from spark_job.rising.reasons import Reasons, reasons_of
from spark_job.rising.surprise import surprise

SCHEMA = """
CREATE TABLE IF NOT EXISTS rising_list (hash UBIGINT, since_ms BIGINT, entered_ms BIGINT, peak BIGINT);
"""
#: The most topics of the list.
MOST_TOPICS = 10
#: A tag with fewer posts in the window is not looked at.
LEAST_POSTS = 8
#: A tag enters with this surprise, plus the logarithm of the number of tags that are looked at: to look at more tags
#: must not find more of them by chance.
ENTER: dict[str, float] = {"low": 5.0, "normal": 4.0, "high": 3.0}
#: It enters with this many times its expected voices.
ENTER_TIMES = 1.8
#: It leaves below this surprise, this many times its expected voices, or this part of its greatest number of voices.
LEAVE, LEAVE_TIMES, LEAVE_PART = 3.0, 1.4, 0.4
#: A rise with this many times as many authors as different texts is held back as copies.
COPIES = 4
#: A rise of few authors is held back, and shown as such, from this many posts for each required author on.
POSTS_PER_AUTHOR = 4

Sensitivity = Literal["low", "normal", "high"]
Why = Literal["few people", "copies"]

CANDIDATES = f"""
CREATE OR REPLACE TEMP TABLE rising_candidates AS
SELECT hash, any_value(key) AS key, sum(posts)::BIGINT AS posts, count(DISTINCT author) AS authors,
  count(DISTINCT text) AS texts
FROM rising_window SEMI JOIN rising_ready USING (facet)
GROUP BY hash HAVING sum(posts) >= {LEAST_POSTS} OR hash IN (SELECT hash FROM rising_list)
"""  # noqa: S608 - put together from constants


@dataclass(frozen=True)
class RisingTag:
    """A tag that rises, with the numbers that say why."""

    key: str
    posts: int
    authors: int
    voices: int
    expected: float
    score: float
    since_ms: int
    reasons: Reasons

    @property
    def times(self) -> float:
        """How many times the expected voices it has."""
        return self.voices / self.expected


@dataclass(frozen=True)
class HeldBack:
    """A tag that would be on the list, and why it is not."""

    key: str
    posts: int
    authors: int
    why: Why


@dataclass(frozen=True)
class Rising:
    """What rises at the end of a pane.

    Attributes:
        at_ms: The end of the pane.
        topics: Up to `MOST_TOPICS` topics, the most surprising first. The first tag of a topic is the most surprising.
        held_back: Rises that are not listed, with the reason.
        missing_ms: How long it takes until the list can begin; 0 if it has begun.

    """

    at_ms: int
    topics: Sequence[Sequence[RisingTag]] = ()
    held_back: Sequence[HeldBack] = ()
    missing_ms: int = 0


@dataclass(frozen=True)
class _Candidate:
    """A tag of the window with at least `LEAST_POSTS` posts."""

    hash: int
    key: str
    posts: int
    authors: int
    texts: int

    def voices(self, *, copies_count: bool) -> int:
        return self.authors if copies_count else min(self.authors, self.texts)


@dataclass
class _Entry:
    """A tag of the list, as it is stored."""

    hash: int
    since_ms: int
    entered_ms: int
    peak: int


@dataclass
class _Found:
    """The tags of a pane by what becomes of them."""

    listed: list[tuple[_Candidate, _Entry, float, float]] = field(default_factory=list)
    held_back: list[HeldBack] = field(default_factory=list)


class Detector:
    """Says which hashtags rise. All of its state is in tables of `db`, within the transaction of its caller."""

    def __init__(
        self,
        db: duckdb.DuckDBPyConnection,
        *,
        pane_ms: int,
        window_ms: int,
        sensitivity: Sensitivity = "normal",
        least_authors: int = 8,
        copies_count: bool = False,
    ) -> None:
        """Create the detector and its tables.

        Args:
            db: The state.
            pane_ms: Length of a pane. A longer one may be given once, to learn a past in larger steps.
            window_ms: Length of the window.
            sensitivity: How much is enough of a surprise.
            least_authors: A tag with fewer voices is never listed.
            copies_count: Whether posts with the same text count as often as they have authors.

        """
        for schema in (window.SCHEMA, SCHEMA):
            db.execute(schema)
        from spark_job.rising import baseline

        db.execute(baseline.SCHEMA)
        self._db = db
        self._pane_ms = pane_ms
        self._window_ms = window_ms
        self._enter = ENTER[sensitivity]
        self._least = least_authors
        self._copies_count = copies_count
        self._baseline = Baseline(db, window_ms)

    def learn(self, facts: PaneFacts, pane_ms: int | None = None) -> None:
        """Add a pane to the window and to the past, without looking at what rises.

        Args:
            facts: The facts of the pane.
            pane_ms: Its length, if it differs from that of the others.

        """
        pane_ms = pane_ms or self._pane_ms
        self._baseline.begin_pane(facts.until_ms - pane_ms)
        window.add_pane(self._db, facts, pane_ms, self._window_ms)

    def add_pane(self, facts: PaneFacts) -> Rising:
        """Add a pane, and return what rises at its end."""
        self.learn(facts)
        missing_ms = self._baseline.missing_ms()
        if missing_ms:
            return Rising(facts.until_ms, missing_ms=missing_ms)
        found = self._look(facts.until_ms)
        self._store(found)
        return Rising(facts.until_ms, self._topics(found, facts.until_ms), found.held_back)

    def _look(self, now_ms: int) -> _Found:
        self._db.execute(CANDIDATES)
        candidates = [_Candidate(*row) for row in self._db.execute("FROM rising_candidates").fetchall()]
        entries = {row[0]: _Entry(*row) for row in self._db.execute("FROM rising_list").fetchall()}
        expected, floor = self._baseline.expected(), self._baseline.floor()
        enter = self._enter + log10(max(1, len(candidates)))
        found = _Found()
        for candidate in candidates:
            mean = expected.get(candidate.hash, 0.0) + floor
            self._place(candidate, entries.get(candidate.hash), mean, enter, now_ms, found)
        found.listed.sort(key=lambda one: (-one[3], one[0].key))
        return found

    def _place(
        self, candidate: _Candidate, entry: _Entry | None, mean: float, enter: float, now_ms: int, found: _Found
    ) -> None:
        """Put a candidate on the list, among those that are held back, or nowhere."""
        voices = candidate.voices(copies_count=self._copies_count)
        if entry is not None:
            score = surprise(voices, mean)
            entry.peak = max(entry.peak, voices)
            if score >= LEAVE and voices >= LEAVE_TIMES * mean and voices >= LEAVE_PART * entry.peak:
                found.listed.append((candidate, entry, mean, score))
            return
        if self._rises(voices, mean, enter):
            entry = _Entry(candidate.hash, now_ms - self._window_ms, now_ms, voices)
            found.listed.append((candidate, entry, mean, surprise(voices, mean)))
        elif self._rises(candidate.authors, mean, enter) and candidate.texts * COPIES < candidate.authors:
            found.held_back.append(HeldBack(candidate.key, candidate.posts, candidate.authors, "copies"))
        elif candidate.posts >= POSTS_PER_AUTHOR * max(candidate.authors, self._least) and self._rises(
            candidate.posts, mean, enter
        ):
            found.held_back.append(HeldBack(candidate.key, candidate.posts, candidate.authors, "few people"))

    def _rises(self, count: int, mean: float, enter: float) -> bool:
        return count >= self._least and count >= ENTER_TIMES * mean and surprise(count, mean) >= enter

    def _store(self, found: _Found) -> None:
        self._db.execute("DELETE FROM rising_list")
        rows = [(entry.hash, entry.since_ms, entry.entered_ms, entry.peak) for _, entry, _, _ in found.listed]
        if rows:
            self._db.executemany("INSERT INTO rising_list VALUES (?, ?, ?, ?)", rows)

    def _topics(self, found: _Found, now_ms: int) -> Sequence[Sequence[RisingTag]]:
        groups = topics.group(self._db, [candidate.hash for candidate, _, _, _ in found.listed], MOST_TOPICS)
        listed = {candidate.hash: one for one in found.listed for candidate in one[:1]}
        return [[self._tag(*listed[tag], now_ms) for tag in group] for group in groups]

    def _tag(self, candidate: _Candidate, entry: _Entry, mean: float, score: float, now_ms: int) -> RisingTag:
        return RisingTag(
            key=candidate.key,
            posts=candidate.posts,
            authors=candidate.authors,
            voices=candidate.voices(copies_count=self._copies_count),
            expected=mean,
            score=score,
            since_ms=entry.since_ms,
            reasons=reasons_of(self._db, candidate.hash, self._baseline.past(candidate.hash)),
        )
