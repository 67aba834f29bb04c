"""What each hashtag usually has: its part of the authors of each facet, in the past.

The expected voices of a tag are its part of the authors of each facet (a source and a language) *then*, times the
authors of this facet *now*. So a busy evening, a doubled stream, or one language with four times its posts makes
nothing rise. Each author counts once in a pane: an account with ten thousand posts does not change what is expected.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from spark_job.rising.slots import AROUND_MS, DAY_MS, DAYS, HOUR_MS, SMOOTH_MS, Slots, rest_ms
from spark_job.rising.spread import Spreads
from spark_job.rising.window import Candidate, list_of

#: A facet takes part when it has this much history.
WARM_MS = 1_800_000
#: If less than this part of the authors of the last hour comes, most sources are away. Then nothing new is listed: each
#: tag has a greater part than usual of the little that still comes.
AWAY = 0.2
#: The horizons of `rising_shares`: the last day, the last hour, and from the third on the days before.
DAY, HOUR, DAYS_BEFORE = 0, 1, 2

#: Temporary tables, made again after a restart from the stored slots. `rising_day` and `rising_day_authors` are the
#: sums of the last day. `rising_shares` has the part of the authors of a facet that are voices of a tag.
_TEMPORARY = """
CREATE TEMP TABLE IF NOT EXISTS rising_prepared (slot_ms BIGINT);
CREATE TEMP TABLE IF NOT EXISTS rising_day (facet SMALLINT, hash UBIGINT, voices BIGINT, recent_voices BIGINT);
CREATE TEMP TABLE IF NOT EXISTS rising_day_authors (
  facet SMALLINT, authors BIGINT, slots BIGINT, least_voices DOUBLE, hour_authors DOUBLE);
CREATE TEMP TABLE IF NOT EXISTS rising_shares (
  hash UBIGINT, facet SMALLINT, horizon BIGINT, voices BIGINT, share DOUBLE, recent_share DOUBLE);
CREATE TEMP TABLE IF NOT EXISTS rising_now (facet SMALLINT, authors BIGINT, recent BIGINT);
"""
#: Adds the slots that have entered the last day, and takes away those that have left it.
_MOVE_DAY = """
CREATE OR REPLACE TEMP TABLE rising_day AS
SELECT facet, hash, sum(voices)::BIGINT AS voices, sum(recent_voices)::BIGINT AS recent_voices FROM (
  FROM rising_day
  UNION ALL SELECT facet, hash, voices, recent_voices FROM rising_slots
  WHERE slot_ms + $size > $old - $rest AND slot_ms + $size <= $now - $rest
  UNION ALL SELECT facet, hash, -voices, -recent_voices FROM rising_slots
  WHERE slot_ms >= $old - $rest - $day AND slot_ms < $now - $rest - $day)
GROUP BY facet, hash HAVING sum(voices) > 0
"""
_DAY = """
CREATE OR REPLACE TEMP TABLE rising_day AS
SELECT facet, hash, sum(voices)::BIGINT AS voices, sum(recent_voices)::BIGINT AS recent_voices FROM rising_slots
WHERE slot_ms >= $now - $rest - $day AND slot_ms + $size <= $now - $rest GROUP BY facet, hash
"""
_DAY_AUTHORS = """
CREATE OR REPLACE TEMP TABLE rising_day_authors AS
SELECT facet, sum(authors)::BIGINT AS authors, count(*) AS slots, avg(least_voices) AS least_voices,
  coalesce(avg(authors) FILTER (slot_ms >= $now - $rest - $hour), 0) AS hour_authors
FROM rising_slot_authors WHERE slot_ms >= $now - $rest - $day AND slot_ms + $size <= $now - $rest GROUP BY facet
"""
_SHARES = f"""
CREATE OR REPLACE TEMP TABLE rising_shares AS
SELECT hash, facet, {DAY}::BIGINT AS horizon, voices, voices / authors AS share, recent_voices / authors AS recent_share
FROM rising_day JOIN rising_day_authors USING (facet)
UNION ALL
SELECT hash, facet, {HOUR}, v.voices, v.voices / p.authors, v.recent_voices / p.authors
FROM (SELECT hash, facet, sum(voices)::BIGINT AS voices, sum(recent_voices) AS recent_voices FROM rising_slots
      WHERE slot_ms >= $now - $rest - $hour AND slot_ms + $size <= $now - $rest GROUP BY hash, facet) v
JOIN (SELECT facet, sum(authors) AS authors FROM rising_slot_authors
      WHERE slot_ms >= $now - $rest - $hour AND slot_ms + $size <= $now - $rest GROUP BY facet) p USING (facet)
"""  # noqa: S608 - put together from constants, like all below
#: Which day before a slot belongs to: 1 is yesterday around this time.
_DAY_BEFORE = "(($now - slot_ms + $day // 2) // $day)"
_AROUND = f"abs($now - slot_ms - {_DAY_BEFORE} * $day) <= $around AND {_DAY_BEFORE} BETWEEN 1 AND {DAYS}"
#: For each day before, the time around now at which a tag was greatest. `size`: its voices there, with the usual
#: authors of each facet.
_HABITS = f"""
INSERT INTO rising_shares
WITH found AS (
  SELECT {_DAY_BEFORE} AS day, slot_ms + step.unnest * $size AS at_ms, hash, facet, sum(voices)::BIGINT AS voices,
    sum(recent_voices) AS recent_voices
  FROM rising_habits, unnest($steps::BIGINT[]) step WHERE {_AROUND} GROUP BY ALL),
past AS (
  SELECT {_DAY_BEFORE} AS day, slot_ms + step.unnest * $size AS at_ms, facet, sum(authors) AS authors
  FROM rising_slot_authors, unnest($steps::BIGINT[]) step WHERE {_AROUND} GROUP BY ALL),
shares AS MATERIALIZED (
  SELECT day, at_ms, hash, facet, voices, voices / authors AS share, recent_voices / authors AS recent_share
  FROM found JOIN past USING (day, at_ms, facet)),
sizes AS (
  SELECT day, at_ms, hash, sum(share * usual.authors / usual.slots) AS size
  FROM shares JOIN rising_day_authors usual USING (facet) GROUP BY day, at_ms, hash),
greatest AS (SELECT day, hash, arg_max(at_ms, (size, -at_ms)) AS at_ms FROM sizes GROUP BY day, hash)
SELECT hash, facet, {DAYS_BEFORE} - 1 + day, voices, share, recent_share
FROM shares SEMI JOIN greatest USING (day, hash, at_ms)
"""  # noqa: S608
#: No share says more than the authors that it was found in: the voices then are the most that it can make expected.
_EXPECTED = """
WITH horizons AS (
  SELECT hash, horizon, sum(least(share * authors, voices)) AS voices,
    sum(least(recent_share * recent, voices)) AS recent_voices
  FROM rising_shares JOIN rising_now USING (facet) WHERE hash IN (SELECT unnest($tags::UBIGINT[]))
  GROUP BY hash, horizon)
SELECT hash, max(voices), max(recent_voices) FROM horizons GROUP BY hash
"""


@dataclass(frozen=True)
class Mean:
    """Expected voices of a tag, in the window and in its newest part, and how much they spread (see `spread`)."""

    window: float
    recent: float
    spread: float


@dataclass(frozen=True)
class Level:
    """How busy the stream is now.

    Attributes:
        facets: The facets with enough history, with their authors in the window and in its newest part.
        window: The authors of these facets in the window.
        recent: The same in its newest part.
        usual: Their authors in a window, as the mean of the last day.
        least_voices: The fewest voices with which a tag was stored.
        away: Whether hardly anything comes, compared with the last hour.

    """

    facets: Mapping[int, tuple[int, int]]
    window: int
    recent: int
    usual: float
    least_voices: float
    away: bool

    def counts(self, tag: Candidate) -> tuple[tuple[int, int], tuple[int, int]]:
        """The authors of the stream and those of a tag, in the window and in its newest part."""
        return (self.window, tag.authors), (self.recent, tag.recent_authors)


class Baseline:
    """The expected voices of tags, from the stored slots.

    It works within the transaction of its caller. All that it remembers between two calls is in tables, so what a
    rolled back transaction did is forgotten with it.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, slots: Slots, slot_ms: int, recent_part: float) -> None:
        """Args:
        db: The state.
        slots: The stored slots.
        slot_ms: The length of a slot, which is that of the window.
        recent_part: The newest part of the window, as a part of it.
        """
        self._recent_part = recent_part
        for statement in filter(str.strip, _TEMPORARY.split(";")):
            db.execute(statement)
        self._db = db
        self._slots = slots
        self._spreads = Spreads(db)
        self._slot_ms = slot_ms
        self._rest_ms = rest_ms(slot_ms)
        half = max(0, SMOOTH_MS // slot_ms - 1) // 2
        self._steps = list(range(-half, half + 1))

    def begin_pane(self, begin_ms: int, newest_ms: int | None) -> None:
        """Store the slot of the newest pane, if the next pane is in another one. Call it before the pane is added.

        Args:
            begin_ms: The beginning of the next pane, in ms since 1970.
            newest_ms: The beginning of the newest pane with authors; None if the window is empty.

        """
        slot_ms = begin_ms - begin_ms % self._slot_ms
        prepared_ms = self._prepared_ms()
        newest_slot_ms = slot_ms if newest_ms is None else newest_ms - newest_ms % self._slot_ms
        # While panes have no authors, the newest one stays the same.
        if newest_slot_ms < slot_ms and not self._slots.has(newest_slot_ms):
            if prepared_ms is None:
                prepared_ms = self._prepare(newest_slot_ms, None)
            self._slots.store(newest_slot_ms)
            self._spreads.store(newest_slot_ms)
            self._slots.forget(slot_ms)
        if prepared_ms != slot_ms:
            self._prepare(slot_ms, prepared_ms)

    def forget_from(self, at_ms: int) -> None:
        """Forget the stored slots that end after `at_ms`."""
        self._slots.forget_from(at_ms - at_ms % self._slot_ms)
        self._db.execute("DELETE FROM rising_prepared")

    def _prepared_ms(self) -> int | None:
        rows = self._db.execute("FROM rising_prepared").fetchall()
        return int(rows[0][0]) if rows else None

    def _prepare(self, slot_ms: int, prepared_ms: int | None) -> int:
        """Make the shares for a slot that begins. `prepared_ms`: for which slot they were made before."""
        slot = {"now": slot_ms, "size": self._slot_ms}
        now = slot | {"rest": self._rest_ms, "day": DAY_MS}
        # Slots that leave the last day are stored for two slots longer.
        if prepared_ms is not None and prepared_ms < slot_ms <= prepared_ms + 2 * self._slot_ms:
            self._db.execute(_MOVE_DAY, now | {"old": prepared_ms})
        else:
            self._db.execute(_DAY, now)
        hour = {"hour": max(HOUR_MS, 2 * self._slot_ms)}
        self._db.execute(_DAY_AUTHORS, now | hour)
        self._db.execute(_SHARES, slot | {"rest": self._rest_ms} | hour)
        self._db.execute(_HABITS, slot | {"day": DAY_MS, "around": AROUND_MS, "steps": self._steps})
        self._spreads.measure(slot_ms - DAY_MS)
        self._db.execute("DELETE FROM rising_prepared")
        self._db.execute("INSERT INTO rising_prepared VALUES (?)", [slot_ms])
        return slot_ms

    def missing_ms(self, begin_ms: int) -> int:
        """Return how long it takes until a first facet has enough history; 0 if one has.

        Args:
            begin_ms: The beginning of a pane. Before the first pane of its slot has begun, the answer is 0.

        """
        if self._prepared_ms() != begin_ms - begin_ms % self._slot_ms:
            return 0
        rows = self._db.execute("SELECT max(slots) FROM rising_day_authors").fetchall()
        needed_ms = max(self._slot_ms, WARM_MS - self._rest_ms)
        return max(0, needed_ms - (rows[0][0] or 0) * self._slot_ms)

    def level(self, authors: Mapping[int, tuple[int, int]]) -> Level:
        """Return how busy the stream is.

        Args:
            authors: The authors of each facet in the window, and in its newest part.

        """
        day = self._db.execute("FROM rising_day_authors").fetchall()
        ready = {
            facet: past / slots
            for facet, past, slots, _, _ in day
            if slots * self._slot_ms + self._rest_ms >= WARM_MS and facet in authors and authors[facet][0] <= past
        }
        return Level(
            facets={facet: authors[facet] for facet in ready},
            window=sum(authors[facet][0] for facet in ready),
            recent=sum(authors[facet][1] for facet in ready),
            usual=sum(ready.values()),
            least_voices=max((least for _, _, _, least, _ in day), default=0.0),
            away=sum(authors[facet][1] for facet in ready) < AWAY * self._recent_part * sum(hour for *_, hour in day),
        )

    def means(self, tags: Sequence[Candidate], level: Level) -> list[Mean]:
        """Return what is expected of each tag.

        Args:
            tags: The tags.
            level: How busy the stream is.

        """
        values = ", ".join(f"({facet}, {window}, {recent})" for facet, (window, recent) in level.facets.items())
        # It is made again each time: DuckDB never frees the rows that are deleted from a temporary table.
        now = f"(VALUES {values or '(0, 0, 0)'}) now(facet, authors, recent)"
        self._db.execute(f"CREATE OR REPLACE TEMP TABLE rising_now AS FROM {now}")
        wanted = {"tags": list_of(tag.hash for tag in tags)}
        past = {tag: (window, recent) for tag, window, recent in self._db.execute(_EXPECTED, wanted).fetchall()}
        spreads, usual = self._spreads.of(tag.hash for tag in tags)
        return [self._mean(tag, past.get(tag.hash, (0.0, 0.0)), level, spreads.get(tag.hash, usual)) for tag in tags]

    def _mean(self, tag: Candidate, past: tuple[float, float], level: Level, spread: float) -> Mean:
        window = _without_own(past[0], tag.authors, level.window)
        recent = _without_own(past[1], tag.recent_authors, level.recent)
        # A tag that is too rare to be stored has up to one voice less than the least stored one: about half of that. It
        # has more if the stream has more authors than usual.
        floor = (level.least_voices - 1) / 2
        times = [max(0, count - own) / level.usual for count, own in level.counts(tag)]
        part = self._recent_part
        return Mean(window + floor * max(1.0, times[0]), recent + floor * max(part, times[1]), spread)


def _without_own(expected: float, own: int, all_authors: int) -> float:
    """What is expected of a tag if its own rise does not make its facets busier.

    A tag with the part `s` of the authors is expected to have `s / (1 - s)` times as many as all others have.
    """
    if own <= expected or expected >= all_authors:
        return expected
    return expected * (all_authors - own) / (all_authors - expected)
