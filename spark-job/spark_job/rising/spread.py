"""How much the voices of popular tags usually wander around their expectation.

The rate of a real hashtag is not constant, so its counts spread more than a Poisson distribution does. How much more is
measured: when a slot ends, the voices of each tag are compared with what was expected for it. From the ratios of the
last day comes the spread of the tag, by the same expectation that the detector uses. A calm leader that doubles is
found, and a tag that comes and goes has to do more.
"""

from collections.abc import Iterable

import duckdb

from spark_job.rising.window import list_of

#: The spread of a tag of which nothing is known, as a part of its mean. It wanders by a fifth.
USUAL = 0.2
#: The bounds of a measured spread.
LEAST, MOST = 0.1, 0.6
#: A ratio is stored from this expectation on: below it, chance decides. At most this many are stored with a slot.
LEAST_EXPECTED, MOST_RATIOS = 16, 1_000
#: A tag's spread comes from the ratio which all but one in twenty of its slots stay below. So a rise of an hour in the
#: day does not make it greater. `SIGMAS`: where this ratio is in a normal distribution.
QUANTILE, SIGMAS = 0.95, 1.645
#: What is known of other tags counts as much as this many slots of the tag: four hours of them.
PRIOR_SLOTS = 48
#: The spread of all tags together is measured when there are this many tags with that many slots.
LEAST_TAGS = 10

#: `rising_shares` is still that of the slot that ends. A listed tag is not as usual, so it says nothing.
_STORE = f"""
INSERT INTO rising_ratios
WITH now AS (SELECT facet, authors FROM rising_slot_authors WHERE slot_ms = $slot),
horizons AS (
  SELECT hash, horizon, sum(least(share * authors, voices)) AS voices FROM rising_shares JOIN now USING (facet)
  GROUP BY hash, horizon),
means AS (
  SELECT hash, max(voices) AS expected FROM horizons ANTI JOIN rising_list USING (hash)
  GROUP BY hash HAVING expected >= {LEAST_EXPECTED} ORDER BY expected DESC, hash LIMIT {MOST_RATIOS})
SELECT $slot, hash, coalesce(total, 0) / expected, expected
FROM means LEFT JOIN (SELECT hash, any_value(total) AS total FROM rising_closing GROUP BY hash) USING (hash)
"""  # noqa: S608 - put together from constants, like all below
_MEASURE = f"""
CREATE OR REPLACE TEMP TABLE rising_spreads AS
WITH measured AS (
  SELECT hash, count(*) AS slots,
    greatest(0, (greatest(1, quantile_cont(ratio, {QUANTILE})) - 1) / {SIGMAS}) ** 2 - avg(1 / expected) AS square
  FROM rising_ratios GROUP BY hash),
bounded AS (SELECT hash, slots, least(greatest(square, {LEAST**2}), {MOST**2}) AS square FROM measured),
known AS (SELECT median(square) AS square, count(*) AS tags FROM bounded WHERE slots >= {PRIOR_SLOTS}),
prior AS (
  SELECT CASE WHEN tags >= {LEAST_TAGS} THEN greatest({USUAL**2}, square) ELSE {USUAL**2} END AS square FROM known)
SELECT b.hash, sqrt((b.slots * b.square + {PRIOR_SLOTS} * p.square) / (b.slots + {PRIOR_SLOTS})) AS spread
FROM bounded b, prior p
UNION ALL SELECT NULL, sqrt(square) FROM prior
"""  # noqa: S608


class Spreads:
    """The spreads of tags. It works within the transaction of its caller."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        """Create its temporary table. `slots` has the others."""
        db.execute("CREATE TEMP TABLE IF NOT EXISTS rising_spreads (hash UBIGINT, spread DOUBLE)")
        self._db = db

    def store(self, slot_ms: int) -> None:
        """Store the ratios of a slot that has just been stored. `slot_ms`: its beginning."""
        self._db.execute(_STORE, {"slot": slot_ms})

    def measure(self, since_ms: int) -> None:
        """Forget the ratios of the slots before `since_ms`, and measure the spreads."""
        self._db.execute("DELETE FROM rising_ratios WHERE slot_ms < ?", [since_ms])
        self._db.execute(_MEASURE)

    def of(self, tags: Iterable[int]) -> tuple[dict[int, float], float]:
        """Return the measured spreads of tags, by their hashes, and that of all others."""
        rows = self._db.execute(
            "SELECT hash, spread FROM rising_spreads WHERE hash IS NULL OR hash IN (SELECT unnest($tags::UBIGINT[]))",
            {"tags": list_of(tags)},
        ).fetchall()
        spreads = {tag: float(spread) for tag, spread in rows}
        usual = spreads.pop(None, USUAL)
        return spreads, usual
