"""The stored past: for each slot of one window, the voices of each tag and the authors of each facet.

The last day is stored in full. Of the seven days before, only what exceeds a tag's mean is stored, because only a habit
of the same time of day is looked for there.
"""

import duckdb

from spark_job.rising.voices import voices_of_rows

SCHEMA = """
CREATE TABLE IF NOT EXISTS rising_slots (
  slot_ms BIGINT, facet SMALLINT, hash UBIGINT, voices INTEGER, recent_voices INTEGER);
CREATE TABLE IF NOT EXISTS rising_habits (
  slot_ms BIGINT, facet SMALLINT, hash UBIGINT, voices INTEGER, recent_voices INTEGER);
CREATE TABLE IF NOT EXISTS rising_slot_authors (slot_ms BIGINT, facet SMALLINT, authors BIGINT, least_voices INTEGER);
CREATE TABLE IF NOT EXISTS rising_slot_size (slot_ms BIGINT, copies_count BOOLEAN);
CREATE TABLE IF NOT EXISTS rising_ratios (slot_ms BIGINT, hash UBIGINT, ratio FLOAT, expected FLOAT);
"""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DAYS = 7
#: The baselines end this long before now, or two windows before, so that a rise does not become its own baseline.
REST_MS = 600_000
#: A habit may come this much earlier or later than on the days before.
AROUND_MS = 2_700_000
#: The size of a habit is its greatest part of the authors in this much time.
SMOOTH_MS = 900_000
#: A tag is stored with a slot from this number of voices on, all facets together, and at most this many tags are.
LEAST_VOICES, MOST_TAGS = 2, 4_000
#: A slot is stored as a habit of a tag from this number of voices on, if it has this many times its mean of the day,
#: and at most this many tags are.
HABIT_VOICES, HABIT_TIMES, MOST_HABITS = 4, 1.3, 500

_STORE_SLOT = """
INSERT INTO rising_slots SELECT $slot, facet, hash, voices, recent_voices FROM rising_closing ORDER BY facet, hash
"""
_STORE_AUTHORS = f"""
INSERT INTO rising_slot_authors
SELECT $slot, facet, sum(authors), (
  SELECT CASE WHEN count(DISTINCT hash) < {MOST_TAGS} THEN {LEAST_VOICES} ELSE min(total) END FROM rising_closing)
FROM rising_authors WHERE pane_ms >= $slot AND pane_ms < $slot + $size GROUP BY facet ORDER BY facet
"""  # noqa: S608 - put together from constants, like all below
_STORE_HABITS = f"""
INSERT INTO rising_habits
WITH authors AS (SELECT facet, authors FROM rising_slot_authors WHERE slot_ms = $slot),
means AS (
  SELECT hash, sum(voices / past.authors * authors.authors) AS mean
  FROM rising_day JOIN rising_day_authors past USING (facet) JOIN authors USING (facet) GROUP BY hash),
habits AS (
  SELECT hash, any_value(total) AS total FROM rising_closing LEFT JOIN means USING (hash)
  WHERE total >= {HABIT_VOICES} AND total >= {HABIT_TIMES} * coalesce(mean, 0)
  GROUP BY hash ORDER BY max(total) DESC, hash LIMIT {MOST_HABITS})
SELECT $slot, facet, hash, voices, recent_voices FROM rising_closing SEMI JOIN habits USING (hash) ORDER BY facet, hash
"""  # noqa: S608


def rest_ms(slot_ms: int) -> int:
    """How long before now the baselines end, with slots of this length."""
    return max(REST_MS, 2 * slot_ms)


def _closing(*, copies_count: bool) -> str:
    """The SQL that makes a table of the voices of a slot.

    `recent_voices` are those of each fifth of the slot, added up. An account that posts each minute counts five times.
    """
    voices = voices_of_rows(copies_count=copies_count)
    return f"""
    CREATE OR REPLACE TEMP TABLE rising_closing AS
    WITH slot AS MATERIALIZED (SELECT * FROM rising_window WHERE pane_ms >= $slot AND pane_ms < $slot + $size),
    whole AS MATERIALIZED (SELECT facet, hash, {voices} AS voices FROM slot GROUP BY facet, hash),
    tags AS (
      SELECT hash, sum(voices)::BIGINT AS total FROM whole GROUP BY hash HAVING total >= {LEAST_VOICES}
      ORDER BY total DESC, hash LIMIT {MOST_TAGS}),
    parts AS (
      SELECT facet, hash, {voices} AS voices
      FROM slot SEMI JOIN tags USING (hash) GROUP BY facet, hash, (pane_ms - $slot) // $recent)
    SELECT facet, hash, voices, recent_voices, total
    FROM whole JOIN tags USING (hash)
    JOIN (SELECT facet, hash, sum(voices) AS recent_voices FROM parts GROUP BY facet, hash) USING (facet, hash)
    """  # noqa: S608 - put together from constants, like all above


class Slots:
    """Stores the slots that have ended, and forgets old ones."""

    def __init__(
        self, db: duckdb.DuckDBPyConnection, slot_ms: int, recent_ms: int, *, copies_count: bool = False
    ) -> None:
        """Create its tables. Slots of another length, or with other voices, are forgotten.

        Args:
            db: The state.
            slot_ms: Length of a slot, which is that of the window.
            recent_ms: Length of the newest part of the window.
            copies_count: Whether each author is a voice, even if all have one text.

        """
        for statement in filter(str.strip, SCHEMA.split(";")):
            db.execute(statement)
        self._db = db
        self._slot_ms = slot_ms
        self._recent_ms = recent_ms
        self._closing = _closing(copies_count=copies_count)
        stored = db.execute("FROM rising_slot_size").fetchall()
        if stored != [(slot_ms, copies_count)]:
            for table in ("rising_slots", "rising_habits", "rising_slot_authors", "rising_slot_size", "rising_ratios"):
                db.execute(f"DELETE FROM {table}")  # noqa: S608 - names above
            db.execute("INSERT INTO rising_slot_size VALUES (?, ?)", [slot_ms, copies_count])

    def store(self, slot_ms: int) -> None:
        """Store a slot that has ended. The window still holds its panes.

        Args:
            slot_ms: The beginning of the slot.

        """
        slot = {"slot": slot_ms, "size": self._slot_ms}
        self._db.execute(self._closing, slot | {"recent": self._recent_ms})
        self._db.execute(_STORE_SLOT, {"slot": slot_ms})
        self._db.execute(_STORE_AUTHORS, slot)
        self._db.execute(_STORE_HABITS, {"slot": slot_ms})

    def has(self, slot_ms: int) -> bool:
        """Whether a slot is stored. `slot_ms`: its beginning."""
        found = self._db.execute("SELECT 1 FROM rising_slot_authors WHERE slot_ms = ? LIMIT 1", [slot_ms]).fetchall()
        return bool(found)

    def forget_from(self, slot_ms: int) -> None:
        """Forget the slots that begin at `slot_ms` or later."""
        for table in ("rising_slots", "rising_habits", "rising_slot_authors", "rising_ratios"):
            self._db.execute(f"DELETE FROM {table} WHERE slot_ms >= ?", [slot_ms])  # noqa: S608 - names above

    def forget(self, now_ms: int) -> None:
        """Forget the slots that no horizon needs any longer."""
        day_ms = now_ms - DAY_MS - rest_ms(self._slot_ms) - 2 * self._slot_ms
        days_ms = now_ms - DAYS * DAY_MS - AROUND_MS - SMOOTH_MS
        for table, horizon_ms in (
            ("rising_slots", day_ms),
            ("rising_habits", days_ms),
            ("rising_slot_authors", days_ms),
        ):
            self._db.execute(f"DELETE FROM {table} WHERE slot_ms < ?", [horizon_ms])  # noqa: S608 - names above
