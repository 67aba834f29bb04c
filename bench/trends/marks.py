"""How well a method has found the planted rises."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from bench.trends.events import Burst

#: A rise may be found this long after its last post.
AFTER_MS = 300_000


@dataclass(frozen=True)
class Entry:
    """A tag that came onto a method's list."""

    key: str
    at_ms: int


@dataclass(frozen=True)
class Marks:
    """Precision and recall of events, false alarms an hour, and the median delay in seconds."""

    precision: float
    recall: float
    false_per_hour: float
    delay_seconds: float
    sudden_delay_seconds: float
    missed: Sequence[str]
    false: Sequence[str]


def mark(entries: Sequence[Entry], rises: Sequence[Burst], hours: float) -> Marks:
    """Compare the entries of a marked day with the rises that were planted in it.

    An entry is right if one of the tags of a rise came onto the list between its first post and `AFTER_MS` after its
    last one. Each other entry is a false alarm.
    """
    delays: dict[int, int] = {}
    false: list[str] = []
    for entry in entries:
        hit = _hit(entry, rises)
        if hit is None:
            false.append(f"{entry.key} at {entry.at_ms}")
        else:
            delays.setdefault(hit, entry.at_ms - rises[hit].begin_ms)
    sudden = [delay for number, delay in delays.items() if rises[number].kind in SUDDEN]
    right = len(entries) - len(false)
    return Marks(
        precision=right / len(entries) if entries else 0.0,
        recall=len(delays) / len(rises),
        false_per_hour=len(false) / hours,
        delay_seconds=median(delays.values()) / 1000 if delays else 0.0,
        sudden_delay_seconds=median(sudden) / 1000 if sudden else 0.0,
        missed=[f"{rise.kind} {rise.tags[0]}" for number, rise in enumerate(rises) if number not in delays],
        false=false,
    )


#: Kinds of rises that begin at once.
SUDDEN = frozenset({"sudden", "known", "again", "pair", "language"})


def _hit(entry: Entry, rises: Sequence[Burst]) -> int | None:
    for number, rise in enumerate(rises):
        if entry.key in rise.tags and rise.begin_ms <= entry.at_ms <= rise.end_ms + AFTER_MS:
            return number
    return None


class Entries:
    """Notes which tags come onto a list, pane by pane."""

    def __init__(self) -> None:
        self.found: list[Entry] = []
        self._listed: frozenset[str] = frozenset()

    def note(self, at_ms: int, listed: frozenset[str]) -> None:
        """Note the list at the end of a pane."""
        self.found += [Entry(key, at_ms) for key in sorted(listed - self._listed)]
        self._listed = listed


def table(rows: Mapping[str, Marks]) -> list[str]:
    """The marks of several methods as Markdown."""
    lines = [
        "| method | precision | recall | false alarms/h | delay s | delay of sudden rises s |",
        "|---|---|---|---|---|---|",
    ]
    return lines + [
        f"| {name} | {m.precision:.2f} | {m.recall:.2f} | {m.false_per_hour:.2f} | {m.delay_seconds:.0f} | {m.sudden_delay_seconds:.0f} |"
        for name, m in rows.items()
    ]
