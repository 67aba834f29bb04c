"""The earlier peaks of tags, from the stored slots."""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from spark_job.rising.window import list_of

#: Habits tell of the time before the oldest slot of the last day.
_PEAKS = """
WITH wanted AS (SELECT unnest($tags::UBIGINT[]) AS hash, unnest($before::BIGINT[]) AS before_ms),
found AS (
  SELECT hash, slot_ms, voices FROM rising_slots WHERE hash IN (SELECT hash FROM wanted)
  UNION ALL
  SELECT hash, slot_ms, voices FROM rising_habits WHERE hash IN (SELECT hash FROM wanted)
    AND slot_ms < (SELECT coalesce(min(slot_ms), 9223372036854775807) FROM rising_slots)),
totals AS (
  SELECT hash, slot_ms, sum(voices)::BIGINT AS voices FROM found JOIN wanted USING (hash)
  WHERE slot_ms < before_ms GROUP BY hash, slot_ms)
FROM totals QUALIFY row_number() OVER (PARTITION BY hash ORDER BY voices DESC, slot_ms DESC) = 1
"""


@dataclass(frozen=True)
class Peak:
    """The greatest number of voices that a tag had in an earlier slot, and when. 0 voices: it has no past."""

    voices: int
    at_ms: int


NO_PEAK = Peak(0, 0)


def peaks(db: duckdb.DuckDBPyConnection, before_ms: Mapping[int, int]) -> dict[int, Peak]:
    """Return the peaks of those tags that have one: the slot with the most voices, all facets together.

    One statement reads the past once for all tags: with full tables this takes as long as for one.

    Args:
        db: The state.
        before_ms: By the hash of a tag, the time before which its slots are looked at.

    """
    if not before_ms:
        return {}
    rows = db.execute(_PEAKS, {"tags": list_of(before_ms), "before": list_of(before_ms.values())}).fetchall()
    return {tag: Peak(voices, slot_ms) for tag, slot_ms, voices in rows}
