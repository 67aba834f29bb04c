"""Counts of hashtags in bins of equal length, which is what all other methods look at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import duckdb

from bench.trends.stream import DAY_MS, START_MS

#: `first_today`: accounts whose first post of the day with this tag is in the bin.
_BINS = """
WITH tagged AS (
  SELECT at_ms - at_ms % $bin AS bin_ms, key, author, coalesce(text, id) AS text FROM posts WHERE key IS NOT NULL),
firsts AS (SELECT bin_ms, key, count(*) AS first_today FROM (
  SELECT key, author, min(bin_ms) AS bin_ms FROM tagged GROUP BY key, author) GROUP BY bin_ms, key)
SELECT bin_ms, key, posts, authors, texts, coalesce(first_today, 0) FROM (
  SELECT bin_ms, key, count(*) AS posts, count(DISTINCT author) AS authors, count(DISTINCT text) AS texts
  FROM tagged GROUP BY bin_ms, key) LEFT JOIN firsts USING (bin_ms, key)
ORDER BY bin_ms
"""


@dataclass(frozen=True)
class Count:
    """What a hashtag has in a bin: posts, different accounts, different texts, and accounts that are new today."""

    posts: int
    authors: int
    texts: int
    first_today: int


@dataclass(frozen=True)
class Bin:
    """The counts of a bin."""

    until_ms: int
    counts: Mapping[str, Count] = field(repr=False)


class Rival(Protocol):
    """A method. It gives each tag a score, and lists those with at least a threshold."""

    def scores(self, one: Bin) -> Mapping[str, float]:
        """Take the next bin, and return the scores of the tags at its end. Tags with low ones may be left out."""
        ...


def bins(db: duckdb.DuckDBPyConnection, day: int, bin_ms: int) -> Iterator[Bin]:
    """Yield the bins of a day of the table `posts`, those without posts too."""
    rows = db.execute(_BINS, {"bin": bin_ms}).fetchall()
    by_bin: dict[int, dict[str, Count]] = {}
    for at_ms, key, *counts in rows:
        by_bin.setdefault(at_ms, {})[key] = Count(*counts)
    begin_ms = START_MS + day * DAY_MS
    for at_ms in range(begin_ms, begin_ms + DAY_MS, bin_ms):
        yield Bin(at_ms + bin_ms, by_bin.get(at_ms, {}))
