"""Gnip's Poisson method: Hendrickson, Kolb, Lehman, Montague, "Trend Detection in Social Data", Twitter, 2015.

`eta = (count - mean) / width`, where `width` is that of the interval that has the share `alpha` of a Poisson
distribution with this mean. A tag trends if eta is above a threshold. The mean is the count of the bin before, or that
of all bins of the same hour of the day. Without a mean there is no eta: so a new tag trends in its second bin.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from math import exp, log, sqrt
from statistics import NormalDist
from typing import Literal

from bench.trends.rivals.bins import Bin
from bench.trends.stream import HOUR_MS

Mode = Literal["last count", "same hour"]
Of = Literal["posts", "authors"]
ALPHA = 0.99
#: From this mean on, the distribution is as good as normal.
_LARGE = 400


@lru_cache(maxsize=100_000)
def interval_width(mean: float) -> float:
    """The width of the interval with the share `ALPHA` of a Poisson distribution."""
    if mean > _LARGE:
        return 2 * NormalDist().inv_cdf((1 + ALPHA) / 2) * sqrt(mean)
    low = high = -1
    total, term, count = 0.0, exp(-mean), 0
    while high < 0:
        total += term
        if low < 0 and total >= (1 - ALPHA) / 2:
            low = count
        if total >= (1 + ALPHA) / 2:
            high = count
        count += 1
        term *= mean / count
    return float(high - low)


@dataclass
class Gnip:
    """The method. `mode`: which mean; `of`: what is counted."""

    mode: Mode = "last count"
    of: Of = "posts"
    _last: dict[str, int] = field(default_factory=dict)
    _sums: dict[tuple[str, int], int] = field(default_factory=dict)
    _bins: dict[int, int] = field(default_factory=dict)

    def scores(self, one: Bin) -> Mapping[str, float]:
        """See `Rival`."""
        hour = (one.until_ms - 1) // HOUR_MS % 24
        counts: dict[str, int] = {key: getattr(count, self.of) for key, count in one.counts.items()}
        if self.mode == "last count":
            means = {key: float(self._last[key]) for key in counts if key in self._last}
            self._last = counts
        else:
            # The authors' program adds the count to the mean before it compares.
            self._bins[hour] = self._bins.get(hour, 0) + 1
            for key, count in counts.items():
                self._sums[key, hour] = self._sums.get((key, hour), 0) + count
            means = {key: self._sums[key, hour] / self._bins[hour] for key in counts}
        return {key: self._eta(counts[key], mean) for key, mean in means.items() if counts[key] > mean}

    @staticmethod
    def _eta(count: int, mean: float) -> float:
        # Means in steps of a hundredth of their size are exact enough, and their widths are found in the cache.
        rounded = exp(round(log(mean) * 100) / 100)
        return (count - mean) / max(1.0, interval_width(rounded))
