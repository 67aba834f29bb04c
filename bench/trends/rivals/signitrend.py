"""SigniTrend: Schubert, Weiler, Kriegel, "SigniTrend: Scalable Detection of Emerging Topics", KDD 2014.

An exponentially weighted mean and variance of each term. The significance of a count is
`(x - max(mean, bias)) / (deviation + bias)`. The authors remove near-duplicates first, so it gets different texts. They
store the means in hashed tables to save memory; without that, as here, the method can only become more exact.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt
from typing import Literal

from bench.trends.rivals.bins import Bin
from bench.trends.stream import HOUR_MS


@dataclass
class SigniTrend:
    """The method.

    Attributes:
        bin_ms: Length of a bin.
        half_life_ms: Of the weights.
        bias: What is too little to be a trend, in texts of a bin.
        of: What is counted.

    """

    bin_ms: int
    half_life_ms: int = HOUR_MS
    bias: float = 3.0
    of: Literal["posts", "texts", "authors"] = "texts"
    _state: dict[str, tuple[float, float, int]] = field(default_factory=dict)

    def scores(self, one: Bin) -> Mapping[str, float]:
        """See `Rival`."""
        keep = 0.5 ** (self.bin_ms / self.half_life_ms)
        number = one.until_ms // self.bin_ms
        found: dict[str, float] = {}
        for key, count in one.counts.items():
            mean, variance, last = self._state.get(key, (0.0, 0.0, number - 1))
            # Bins without the term: x = 0 for each of them.
            faded = keep ** (number - 1 - last)
            mean, variance = mean * faded, variance * faded + mean * mean * faded * (1 - faded)
            x = float(getattr(count, self.of))
            found[key] = (x - max(mean, self.bias)) / (sqrt(variance) + self.bias)
            delta = x - mean
            mean += (1 - keep) * delta
            variance = keep * (variance + (1 - keep) * delta * delta)
            self._state[key] = (mean, variance, number)
        return found
