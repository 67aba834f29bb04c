"""What each hashtag usually has: its part of the posts of each facet, in the past.

The past is stored in slots of one window: for each facet (a source and a language) its posts, and the voices of each
tag that had at least two. The expected voices of a tag are its part of the posts of each facet *then*, times the posts
of this facet *now*. So a busy evening, a doubled stream, or one language with four times its posts makes nothing rise.
"""

from dataclasses import dataclass

import duckdb

SCHEMA = """
CREATE TABLE IF NOT EXISTS rising_slots (slot_ms BIGINT, facet SMALLINT, hash UBIGINT, voices BIGINT);
CREATE TABLE IF NOT EXISTS rising_slot_posts (slot_ms BIGINT, facet SMALLINT, posts BIGINT);
"""
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
DAYS = 7
#: The baselines end this long before now, so that a rise does not become its own baseline.
REST_MS = 600_000
#: A habit may come this much earlier or later than on the days before.
AROUND_MS = 2_700_000
#: The size of a habit is its greatest part of the posts in this much time.
SMOOTH_MS = 900_000
#: A facet takes part when it has this much history.
WARM_MS = 1_800_000
#: A tag of a slot is stored from this number of voices on, and at most this many tags of a slot.
LEAST_VOICES = 2
MOST_TAGS = 2_000
#: What is too rare to be stored may have this many voices, at the usual number of posts.
FLOOR = 0.5
#: The expectation grows with the posts of a facet, up to this factor. Beyond it, the past had hardly any posts.
MOST_SCALE = 5

#: The horizons of `rising_shares`: the last day, the last hour, and from the third on the same time on the days before.
DAY, HOUR, DAYS_BEFORE = 0, 1, 2

_STORE_SLOT = f"""
INSERT INTO rising_slots
SELECT $slot, facet, hash, least(count(DISTINCT author), count(DISTINCT text)) AS voices
FROM rising_window WHERE pane_ms >= $slot AND pane_ms < $slot + $size
GROUP BY facet, hash HAVING voices >= {LEAST_VOICES} ORDER BY voices DESC, hash LIMIT {MOST_TAGS}
"""  # noqa: S608 - put together from constants, like all below
_STORE_POSTS = """
INSERT INTO rising_slot_posts
SELECT $slot, facet, sum(posts) FROM rising_posts WHERE pane_ms >= $slot AND pane_ms < $slot + $size GROUP BY facet
"""
_READY = f"""
CREATE OR REPLACE TEMP TABLE rising_ready AS
SELECT facet, count(*) AS slots FROM rising_slot_posts WHERE slot_ms >= $now - {DAY_MS} - {REST_MS} GROUP BY facet
"""
#: Where the slots lie in a horizon. The smoothed slots of a day before are those around the same time.
_RECENT = f"slot_ms >= $now - {REST_MS} - {DAY_MS} AND slot_ms + $size <= $now - {REST_MS}"
_IN_HOUR = f"slot_ms >= $now - {REST_MS} - {HOUR_MS}"
_DAY_BEFORE = f"(($now - slot_ms + {DAY_MS // 2}) // {DAY_MS})"
_AROUND = f"abs($now - slot_ms - {_DAY_BEFORE} * {DAY_MS}) <= {AROUND_MS} AND {_DAY_BEFORE} BETWEEN 1 AND {DAYS}"
_FACETS = f"""
CREATE OR REPLACE TEMP TABLE rising_past AS
SELECT facet, {DAY}::BIGINT AS horizon, 0::BIGINT AS slot_ms, sum(posts) AS posts, count(*) AS slots
FROM rising_slot_posts WHERE {_RECENT} GROUP BY facet
UNION ALL
SELECT facet, {HOUR}, 0, sum(posts), count(*)
FROM rising_slot_posts WHERE {_RECENT} AND {_IN_HOUR} GROUP BY facet
UNION ALL
SELECT facet, {DAYS_BEFORE} - 1 + {_DAY_BEFORE} AS horizon, slot_ms + step.unnest * $size AS at_ms, sum(posts), count(*)
FROM rising_slot_posts, unnest($steps::BIGINT[]) step WHERE {_AROUND} GROUP BY facet, horizon, at_ms
"""  # noqa: S608
_SHARES = f"""
INSERT INTO rising_shares
WITH found AS MATERIALIZED (
  SELECT slot_ms, facet, hash, voices FROM rising_slots SEMI JOIN rising_new USING (hash)),
sums AS (
  SELECT hash, facet, {DAY}::BIGINT AS horizon, 0::BIGINT AS slot_ms, sum(voices) AS voices
  FROM found WHERE {_RECENT} GROUP BY hash, facet
  UNION ALL
  SELECT hash, facet, {HOUR}, 0, sum(voices) FROM found WHERE {_RECENT} AND {_IN_HOUR} GROUP BY hash, facet
  UNION ALL
  SELECT hash, facet, {DAYS_BEFORE} - 1 + {_DAY_BEFORE} AS horizon, slot_ms + step.unnest * $size AS at_ms, sum(voices)
  FROM found, unnest($steps::BIGINT[]) step WHERE {_AROUND} GROUP BY hash, facet, horizon, at_ms)
SELECT hash, facet, horizon, max(voices / posts), max(voices / slots)
FROM sums JOIN rising_past USING (facet, horizon, slot_ms) GROUP BY hash, facet, horizon
"""  # noqa: S608
_EXPECTED = f"""
WITH horizons AS (
  SELECT hash, horizon, sum(least(share * posts, {MOST_SCALE} * mean)) AS voices
  FROM rising_shares JOIN (SELECT facet, sum(posts) AS posts FROM rising_posts GROUP BY facet) USING (facet)
  GROUP BY hash, horizon)
SELECT hash, max(voices) FROM horizons SEMI JOIN rising_candidates USING (hash) GROUP BY hash
"""  # noqa: S608
_VOLUME = f"""
SELECT (SELECT coalesce(sum(posts), 0) FROM rising_posts SEMI JOIN rising_ready USING (facet)),
  (SELECT coalesce(sum(posts / slots), 0) FROM rising_past WHERE horizon = {DAY})
"""  # noqa: S608


@dataclass(frozen=True)
class Past:
    """What is known of a tag's past: its greatest number of voices in a slot, and when. 0 voices: it is new."""

    voices: int
    at_ms: int


class Baseline:
    """The stored slots, and the expected voices of the tags of the window that may rise.

    It works within the transaction of its caller. Only temporary tables and attributes are kept between two calls, and
    they are made again after a slot has closed.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection, slot_ms: int) -> None:
        """Args:
        db: The state.
        slot_ms: The length of a slot, which is that of the window.
        """
        self._db = db
        self._slot_ms = slot_ms
        half = max(0, SMOOTH_MS // slot_ms - 1) // 2
        self._steps = list(range(-half, half + 1))
        self._at_ms: int | None = None

    def begin_pane(self, begin_ms: int) -> None:
        """Store the slot before a pane, if this pane is the first of another slot. Call it before the pane is added.

        Args:
            begin_ms: The beginning of the pane, in ms since 1970.

        """
        slot_ms = begin_ms - begin_ms % self._slot_ms
        ((newest_ms,),) = self._db.execute("SELECT max(pane_ms) FROM rising_posts").fetchall()
        if newest_ms is not None and newest_ms < slot_ms:
            stored = {"slot": newest_ms - newest_ms % self._slot_ms, "size": self._slot_ms}
            self._db.execute(_STORE_SLOT, stored)
            self._db.execute(_STORE_POSTS, stored)
            horizon_ms = slot_ms - DAYS * DAY_MS - AROUND_MS - SMOOTH_MS
            for table in ("rising_slots", "rising_slot_posts"):
                self._db.execute(f"DELETE FROM {table} WHERE slot_ms < ?", [horizon_ms])  # noqa: S608 - names above
        if slot_ms != self._at_ms:
            self._prepare(slot_ms)

    def _prepare(self, slot_ms: int) -> None:
        now = {"now": slot_ms, "size": self._slot_ms}
        self._db.execute(_READY, {"now": slot_ms})
        self._db.execute("DELETE FROM rising_ready WHERE slots * ? < ?", [self._slot_ms, WARM_MS])
        self._db.execute(_FACETS, now | {"steps": self._steps})
        self._db.execute(
            "CREATE OR REPLACE TEMP TABLE rising_shares"
            " (hash UBIGINT, facet SMALLINT, horizon BIGINT, share DOUBLE, mean DOUBLE)"
        )
        self._db.execute("CREATE OR REPLACE TEMP TABLE rising_looked_up (hash UBIGINT)")
        self._at_ms = slot_ms

    def expected(self) -> dict[int, float]:
        """Return the expected voices of each tag of the temporary table `rising_candidates`, by its hash."""
        self._db.execute(
            "CREATE OR REPLACE TEMP TABLE rising_new AS SELECT hash FROM rising_candidates ANTI JOIN rising_looked_up"
            " USING (hash)"
        )
        self._db.execute(
            _SHARES, {"now": self._at_ms, "size": self._slot_ms, "steps": self._steps}
        )
        self._db.execute("INSERT INTO rising_looked_up FROM rising_new")
        return dict(self._db.execute(_EXPECTED).fetchall())

    def floor(self) -> float:
        """Return the expected voices of a tag that has no past. They grow with the posts of the stream."""
        ((now, usual),) = self._db.execute(_VOLUME).fetchall()
        return FLOOR * max(1.0, now / usual) if usual else FLOOR

    def missing_ms(self) -> int:
        """Return how long it takes until a first facet has enough history; 0 if one has."""
        ((ready,),) = self._db.execute("SELECT count(*) FROM rising_ready").fetchall()
        if ready:
            return 0
        rows = self._db.execute("SELECT count(*) FROM rising_slot_posts GROUP BY facet ORDER BY 1 DESC LIMIT 1").fetchall()
        stored = rows[0][0] if rows else 0
        return max(self._slot_ms, WARM_MS - stored * self._slot_ms)

    def past(self, tag_hash: int) -> Past:
        """Return the earlier peak of a tag: its slot with the most voices of all facets together."""
        rows = self._db.execute(
            "SELECT sum(voices)::BIGINT AS total, slot_ms FROM rising_slots WHERE hash = ? AND slot_ms + ? <= ?"
            " GROUP BY slot_ms ORDER BY total DESC, slot_ms LIMIT 1",
            [tag_hash, self._slot_ms, (self._at_ms or 0) - REST_MS],
        ).fetchall()
        return Past(*rows[0]) if rows else Past(0, 0)
