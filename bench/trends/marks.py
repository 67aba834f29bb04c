"""How well a method has found the planted rises."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.table import markdown
from bench.trends.events import Burst

#: A rise may be found this long after its last post.
AFTER_MS = 300_000
#: A tag that comes back onto the list within this time is no second alarm, neither a right nor a false one.
AGAIN_MS = 1_800_000
#: Kinds of rises that begin at once.
SUDDEN = frozenset({"sudden", "known", "again", "pair", "language", "pictures"})


@dataclass(frozen=True)
class Entry:
    """A tag that came onto a method's list."""

    key: str
    at_ms: int


@dataclass(frozen=True)
class Marks:
    """What a method has found in a number of hours, of one stream or several.

    Attributes:
        hours: How long it was watched.
        right: Its entries that belong to a rise.
        delays_ms: The delay of each found rise, by kind.
        missed: The kinds of the rises that it has not found.
        false: How many of its entries belong to none.

    """

    hours: float = 0.0
    right: int = 0
    false: int = 0
    delays_ms: tuple[tuple[str, int], ...] = ()
    missed: tuple[str, ...] = ()

    def __add__(self, other: "Marks") -> "Marks":
        return Marks(
            self.hours + other.hours,
            self.right + other.right,
            self.false + other.false,
            self.delays_ms + other.delays_ms,
            self.missed + other.missed,
        )

    @property
    def precision(self) -> float:
        """The part of its entries that are right; 0 without entries."""
        return self.right / (self.right + self.false) if self.right else 0.0

    @property
    def recall(self) -> float:
        """The part of the rises that it has found."""
        return len(self.delays_ms) / max(1, len(self.delays_ms) + len(self.missed))

    @property
    def balance(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.precision * self.recall / (self.precision + self.recall) if self.right else 0.0

    @property
    def false_per_hour(self) -> float:
        """False entries an hour."""
        return self.false / self.hours

    def recall_of(self, kind: str) -> float | None:
        """The part of the rises of a kind that it has found; None if there was none."""
        found = sum(one == kind for one, _ in self.delays_ms)
        missed = self.missed.count(kind)
        return found / (found + missed) if found + missed else None

    def delay_seconds(self, kinds: Iterable[str] | None = None) -> float:
        """The median delay, of rises of these kinds or of all; 0 if none was found."""
        wanted = None if kinds is None else set(kinds)
        found = [delay for kind, delay in self.delays_ms if wanted is None or kind in wanted]
        return median(found) / 1000 if found else 0.0


def mark(entries: Sequence[Entry], rises: Sequence[Burst], hours: float) -> Marks:
    """Compare the entries of a marked day with the rises that were planted in it.

    An entry is right if one of the tags of a rise came onto the list between its first post and `AFTER_MS` after its
    last one. Each other entry is a false alarm.
    """
    delays: dict[int, int] = {}
    for entry in entries:
        hit = _hit(entry, rises)
        if hit is not None:
            delays.setdefault(hit, entry.at_ms - rises[hit].begin_ms)
    false = len(false_alarms(entries, rises))
    return Marks(
        hours=hours,
        right=len(entries) - false,
        false=false,
        delays_ms=tuple((rises[number].kind, delay) for number, delay in delays.items()),
        missed=tuple(rise.kind for number, rise in enumerate(rises) if number not in delays),
    )


def false_alarms(entries: Sequence[Entry], rises: Sequence[Burst]) -> list[Entry]:
    """The entries that belong to no rise."""
    return [entry for entry in entries if _hit(entry, rises) is None]


def _hit(entry: Entry, rises: Sequence[Burst]) -> int | None:
    for number, rise in enumerate(rises):
        if entry.key in rise.tags and rise.begin_ms <= entry.at_ms <= rise.end_ms + AFTER_MS:
            return number
    return None


class Entries:
    """Notes which tags come onto a list."""

    def __init__(self) -> None:
        self.found: list[Entry] = []
        self._seen_ms: dict[str, int] = {}

    def note(self, at_ms: int, listed: Iterable[str]) -> None:
        """Note the list at a time. Times come in order."""
        for key in sorted(listed):
            if key not in self._seen_ms or at_ms - self._seen_ms[key] > AGAIN_MS:
                self.found.append(Entry(key, at_ms))
            self._seen_ms[key] = at_ms


def table(rows: Mapping[str, Marks]) -> list[str]:
    """The marks of several methods as Markdown."""
    cells = [("method", "precision", "recall", "false alarms an hour", "median delay", "of sudden rises")]
    for name, one in rows.items():
        cells.append((name, *figures(one)))
    return markdown(cells)


def figures(one: Marks) -> tuple[str, str, str, str, str]:
    """Precision, recall, false alarms an hour, the median delay, and that of sudden rises, as text."""
    return (
        f"{one.precision:.2f}",
        f"{one.recall:.2f}",
        f"{one.false_per_hour:.2f}",
        f"{one.delay_seconds():.0f} s",
        f"{one.delay_seconds(SUDDEN):.0f} s",
    )
