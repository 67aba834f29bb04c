"""The methods that are compared, and the thresholds that each of the others is tried at."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from bench.trends.events import Burst
from bench.trends.marks import Entries, Marks, mark
from bench.trends.rivals.bins import Bin, Rival
from bench.trends.rivals.gnip import Gnip, Mode, Of
from bench.trends.rivals.mastodon import HALF_LIFE_MS, Mastodon
from bench.trends.rivals.signitrend import SigniTrend
from bench.trends.stream import HOUR_MS

MINUTE_MS = 60_000
MASTODON, GNIP, SIGNITREND = "Mastodon", "Gnip's Poisson", "SigniTrend"
PUBLISHED = f"{MASTODON}, half-life 4 h, threshold 1"


@dataclass(frozen=True)
class Variant:
    """A method with its settings.

    Attributes:
        method: Its name.
        settings: Its settings, for the table.
        bin_ms: How long its bins are.
        make: Makes it.
        thresholds: What it is tried at.

    """

    method: str
    settings: str
    bin_ms: int
    make: Callable[[], Rival]
    thresholds: Sequence[float]

    def label(self, threshold: float) -> str:
        """The name of the method at a threshold."""
        return f"{self.method}, {self.settings}, threshold {threshold:g}"


def variants() -> list[Variant]:
    """All that are tried. Nearly all settings are kinder to a method than its authors' are."""
    return [*_mastodon(), *_gnip(), *_signitrend()]


def _mastodon() -> Iterator[Variant]:
    for name, half_life_ms in (("4 h", HALF_LIFE_MS), ("30 min", 30 * MINUTE_MS), ("5 min", 5 * MINUTE_MS)):
        made = partial(Mastodon, half_life_ms)
        yield Variant(MASTODON, f"half-life {name}", 5 * MINUTE_MS, made, (1, 5, 25, 50, 100, 200, 400, 800, 1600))


def _gnip() -> Iterator[Variant]:
    modes: tuple[Mode, ...] = ("last count", "same hour")
    counted: tuple[Of, ...] = ("posts", "authors")
    for mode in modes:
        for of in counted:
            for minutes in (5, 60):
                settings = f"{mode}, {of}, bins of {minutes} min"
                yield Variant(
                    GNIP, settings, minutes * MINUTE_MS, partial(Gnip, mode, of), (0.5, 1, 1.5, 2, 3, 4, 6, 8, 12)
                )


def _signitrend() -> Iterator[Variant]:
    for hours in (1, 8):
        for bias, minutes in ((2.0, 1), (3.0, 5)):
            bin_ms = minutes * MINUTE_MS
            settings = f"half-life {hours} h, bias {bias:g}, bins of {minutes} min"
            made = partial(SigniTrend, bin_ms, hours * HOUR_MS, bias)
            yield Variant(SIGNITREND, settings, bin_ms, made, (2, 3, 4, 6, 8, 10, 14, 20))


class Trial:
    """A variant at each of its thresholds."""

    def __init__(self, variant: Variant) -> None:
        self.variant = variant
        self._rival = variant.make()
        self._entries: Mapping[float, Entries] = {threshold: Entries() for threshold in variant.thresholds}

    def learn(self, one: Bin) -> None:
        """Take a bin of a day before the marked one."""
        self._rival.scores(one)

    def look(self, one: Bin) -> None:
        """Take a bin of the marked day."""
        scores = self._rival.scores(one)
        for threshold, entries in self._entries.items():
            entries.note(one.until_ms, [key for key, score in scores.items() if score >= threshold])

    def marks(self, rises: Sequence[Burst], hours: float) -> dict[str, Marks]:
        """Return the marks by the name of the method at a threshold."""
        return {
            self.variant.label(threshold): mark(entries.found, rises, hours)
            for threshold, entries in self._entries.items()
        }


def best(marks: Mapping[str, Marks], method: str) -> str:
    """The name of the setting of a method that does best: by the harmonic mean of precision and recall."""
    return max((name for name in marks if name.startswith(method)), key=lambda name: (marks[name].balance, name))
