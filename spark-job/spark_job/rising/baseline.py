"""What each hashtag usually has: its part of the authors of each facet, in the past.

The expected voices of a tag are its part of the authors of each facet (a source and a language) *then*, times the
authors of this facet *now*. So a busy evening, a doubled stream, or one language with four times its posts makes nothing
rise. Each author counts once in a pane: an account with ten thousand posts neither lifts nor lowers what is expected.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from spark_job.rising.slots import AROUND_MS, DAY_MS, DAYS, HOUR_MS, REST_MS, SMOOTH_MS, Slots
from spark_job.rising.spread import Spreads

#: A facet takes part when it has this much history.
WARM_MS = 1_800_000
#: The horizons of `rising_shares`: the last day, the last hour, and from the third on the days before.
DAY, HOUR, DAYS_BEFORE = 0, 1, 2

#: Temporary tables, made again after a restart from the stored slots. `rising_day` and `rising_day_authors` are the sums
#: of the last day. `rising_shares` has the part of the authors of a facet that are voices of a tag.
_TEMPORARY = """
CREATE TEMP TABLE IF NOT EXISTS rising_prepared (slot_ms BIGINT);
CREATE TEMP TABLE IF NOT EXISTS rising_day (facet SMALLINT, hash UBIGINT, voices BIGINT, recent_voices BIGINT);
CREATE TEMP TABLE IF NOT EXISTS rising_day_authors (facet SMALLINT, authors BIGINT, slots BIGINT, least_voices DOUBLE);
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
_DAY_POSTS = """
CREATE OR REPLACE TEMP TABLE rising_day_authors AS
SELECT facet, sum(authors)::BIGINT AS authors, count(*) AS slots, avg(least_voices) AS least_voices FROM rising_slot_authors
WHERE slot_ms >= $now - $rest - $day AND slot_ms + $size <= $now - $rest GROUP BY facet
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
  FROM rising_shares JOIN rising_now USING (facet) WHERE hash IN (SELECT hash FROM rising_candidates)
  GROUP BY hash, horizon)
SELECT hash, max(voices), max(recent_voices) FROM horizons GROUP BY hash
"""
_PEAK = """
SELECT sum(voices)::BIGINT AS total, slot_ms FROM (
  SELECT slot_ms, voices FROM rising_slots WHERE hash = $hash
  UNION ALL SELECT slot_ms, voices FROM rising_habits
  WHERE hash = $hash AND slot_ms < (SELECT coalesce(min(slot_ms), $before) FROM rising_slots))
WHERE slot_ms < $before GROUP BY slot_ms ORDER BY total DESC, slot_ms DESC LIMIT 1
"""


@dataclass(frozen=True)
class Mean:
    """Expected voices of a tag, in the window and in its newest part, and how much they spread (see `spread`)."""

    window: float
    recent: float
    spread: float


@dataclass(frozen=True)
class Peak:
    """The greatest number of voices that a tag had in an earlier slot, and when. 0 voices: it has no past."""

    voices: int
    at_ms: int


class Baseline:
    """The expected voices of tags, from the stored slots.

    It works within the transaction of its caller. All that it remembers between two calls is in tables, so what a
    rolled back transaction did is forgotten with it.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, slots: Slots, slot_ms: int) -> None:
        """Args:
        db: The state.
        slots: The stored slots.
        slot_ms: The length of a slot, which is that of the window.
        """
        for statement in filter(str.strip, _TEMPORARY.split(";")):
            db.execute(statement)
        self._db = db
        self._slots = slots
        self._spreads = Spreads(db)
        self._slot_ms = slot_ms
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
        if newest_ms is not None and newest_ms < slot_ms:
            newest_slot_ms = newest_ms - newest_ms % self._slot_ms
            if prepared_ms is None:
                prepared_ms = self._prepare(newest_slot_ms, None)
            self._slots.store(newest_slot_ms)
            self._spreads.store(newest_slot_ms)
            self._slots.forget(slot_ms)
        if prepared_ms != slot_ms:
            self._prepare(slot_ms, prepared_ms)

    def _prepared_ms(self) -> int | None:
        rows = self._db.execute("FROM rising_prepared").fetchall()
        return int(rows[0][0]) if rows else None

    def _prepare(self, slot_ms: int, prepared_ms: int | None) -> int:
        """Make the shares for a slot that begins. `prepared_ms`: for which slot they were made before."""
        slot = {"now": slot_ms, "size": self._slot_ms}
        now = slot | {"rest": REST_MS, "day": DAY_MS}
        # Slots that leave the last day are stored for two slots longer.
        if prepared_ms is not None and prepared_ms < slot_ms <= prepared_ms + 2 * self._slot_ms:
            self._db.execute(_MOVE_DAY, now | {"old": prepared_ms})
        else:
            self._db.execute(_DAY, now)
        self._db.execute(_DAY_POSTS, now)
        self._db.execute(_SHARES, slot | {"rest": REST_MS, "hour": max(HOUR_MS, 2 * self._slot_ms)})
        self._db.execute(_HABITS, slot | {"day": DAY_MS, "around": AROUND_MS, "steps": self._steps})
        self._spreads.measure(slot_ms - DAY_MS)
        self._db.execute("DELETE FROM rising_prepared")
        self._db.execute("INSERT INTO rising_prepared VALUES (?)", [slot_ms])
        return slot_ms

    def ready_facets(self, authors: Mapping[int, tuple[int, int]]) -> list[int]:
        """Return the facets that have enough history to judge the authors of the window.

        Args:
            authors: The authors of each facet in the window, and in its newest part.

        """
        return [
            facet
            for facet, past, slots in self._db.execute(
                "SELECT facet, authors, slots FROM rising_day_authors"
            ).fetchall()
            if slots * self._slot_ms + REST_MS >= WARM_MS and facet in authors and authors[facet][0] <= past
        ]

    def missing_ms(self) -> int:
        """Return how long it takes until a first facet has enough history; 0 if one has."""
        rows = self._db.execute("SELECT max(slots) FROM rising_day_authors").fetchall()
        return max(0, WARM_MS - REST_MS - (rows[0][0] or 0) * self._slot_ms)

    def means(
        self, authors: Mapping[int, tuple[int, int]], facets: Sequence[int], recent_part: float
    ) -> Callable[[int], Mean]:
        """Return what is expected of a tag of the temporary table `rising_candidates`, by its hash.

        Args:
            authors: The authors of each facet in the window, and in its newest part.
            facets: The facets that count.
            recent_part: The newest part of the window, as a part of it.

        """
        self._db.execute("DELETE FROM rising_now")
        if facets:
            values = ", ".join(f"({facet}, {authors[facet][0]}, {authors[facet][1]})" for facet in facets)
            self._db.execute(f"INSERT INTO rising_now VALUES {values}")  # noqa: S608 - numbers
        past = {tag: (window, recent) for tag, window, recent in self._db.execute(_EXPECTED).fetchall()}
        spreads, usual = self._spreads.of_candidates()
        floor = self._floor(authors, facets, recent_part)

        def mean(tag: int) -> Mean:
            window, recent = past.get(tag, (0.0, 0.0))
            return Mean(window + floor[0], recent + floor[1], spreads.get(tag, usual))

        return mean

    def _floor(
        self, authors: Mapping[int, tuple[int, int]], facets: Sequence[int], recent_part: float
    ) -> tuple[float, float]:
        """Return what a tag may have that is too rare to be stored, in the window and in its newest part.

        A tag with fewer voices than the least stored ones has about half of them. It has more if the stream has more
        authors than usual.
        """
        rows = self._db.execute("SELECT facet, authors / slots, least_voices FROM rising_day_authors").fetchall()
        usual = sum(mean for facet, mean, _ in rows if facet in facets)
        least = max((least for _, _, least in rows), default=0)
        times = [sum(authors[facet][part] for facet in facets) / usual if usual else 0.0 for part in (0, 1)]
        floor = (least - 1) / 2
        return floor * max(1.0, times[0]), floor * max(recent_part, times[1])

    def peak(self, tag_hash: int, before_ms: int) -> Peak:
        """Return the earlier peak of a tag: its slot before `before_ms` with the most voices of all facets together."""
        rows = self._db.execute(_PEAK, {"hash": tag_hash, "before": before_ms}).fetchall()
        return Peak(*rows[0]) if rows else Peak(0, 0)
