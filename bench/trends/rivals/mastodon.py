"""Mastodon's trending hashtags, as in `app/models/trends/tags.rb` of version 4.

Accounts of today are compared with those of yesterday: `(observed - expected)**2 / expected`. The greatest score of a
tag decays with a half-life. A scheduler looks every five minutes. There, moderators approve each tag; not here. On its
first day, each tag would trend because nothing is known of the day before, so here that day counts nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from bench.trends.rivals.bins import Bin
from bench.trends.stream import DAY_MS, HOUR_MS

#: Fewer accounts do not trend.
LEAST_ACCOUNTS = 5
COOLDOWN_MS = 2 * DAY_MS
#: The settings of Mastodon.
HALF_LIFE_MS, THRESHOLD = 4 * HOUR_MS, 1.0
#: A tag is looked at while its decayed score is at least this.
_LEAST = 1.0


@dataclass
class Mastodon:
    """The formula, with its half-life."""

    half_life_ms: int = HALF_LIFE_MS
    _today: dict[str, int] = field(default_factory=dict)
    _yesterday: dict[str, int] = field(default_factory=dict)
    _best: dict[str, tuple[float, int]] = field(default_factory=dict)
    _trending: set[str] = field(default_factory=set)
    _day: int = -1

    def scores(self, one: Bin) -> Mapping[str, float]:
        """See `Rival`."""
        day = (one.until_ms - 1) // DAY_MS
        if day != self._day:
            self._yesterday, self._today = self._today if day == self._day + 1 else {}, {}
            self._day = day
        for key, count in one.counts.items():
            self._today[key] = self._today.get(key, 0) + count.first_today
            if self._yesterday:
                self._raise_best(key, one.until_ms)
        found: dict[str, float] = {}
        for key in list(self._trending):
            score, at_ms = self._best[key]
            decayed = score * 0.5 ** ((one.until_ms - at_ms) / self.half_life_ms)
            if decayed >= _LEAST:
                found[key] = decayed
            else:
                self._trending.remove(key)
        return found

    def _raise_best(self, key: str, now_ms: int) -> None:
        expected = self._yesterday.get(key, 0) or 1
        observed = self._today[key]
        if expected > observed or observed < LEAST_ACCOUNTS:
            return
        score = (observed - expected) ** 2 / expected
        best, at_ms = self._best.get(key, (0.0, 0))
        if score > best or at_ms < now_ms - COOLDOWN_MS:
            self._best[key] = (score, now_ms)
            self._trending.add(key)
