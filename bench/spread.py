"""Several measurements of the same thing: their median and range."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Spread:
    """Median, least and greatest of some values."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(median(values), min(values), max(values))


def percentile(values: Sequence[float], part: float) -> float:
    """The smallest value that at least `part` (0 to 1) of all values don't exceed; of at least one value."""
    ordered = sorted(values)
    return ordered[max(0, -(-round(part * 1e6) * len(ordered) // 1_000_000) - 1)]
