"""The counts of the open panes in memory, so that a snapshot within a pane reads no table of them.

They are a cache of the table `open_counts`. Each micro-batch is added to them. After anything else than one more
micro-batch (a pane closed, a new epoch, an error, a start), they are read from the table again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.state.progress import Progress
from spark_job.state.window import Window

#: A ranking is named by facet and value: everything, one source, or one language.
Name = tuple[str, str]
WHOLE: Name = ("all", "")

COLUMNS = ("pane_ms", "source", "lang", "key", "label", "posts", "first_at_ms")
READ = "SELECT pane_ms, source, lang, key, label, posts, first_at_ms FROM open_counts"


@dataclass(slots=True)
class OpenPane:
    """The counts of one pane.

    Args:
        posts: All posts, those without tags too, by ranking.
        tags: Posts of each tag, by ranking.
        labels: Posts of each spelling, by tag.

    """

    posts: dict[Name, int] = field(default_factory=lambda: defaultdict(int))
    tags: dict[Name, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    labels: dict[str, dict[str, int]] = field(default_factory=dict)

    def add(self, source: str, lang: str, rows: Iterable[tuple[str | None, str, int]]) -> list[str]:
        """Add rows (key, label, posts) of one source and language. Return their keys."""
        names: tuple[Name, ...] = (WHOLE, ("source", source), ("lang", lang))
        everything, of_source, of_lang = (self.tags[name] for name in names)
        labels, keys = self.labels, []
        for key, label, posts in rows:
            if key is None:
                for name in names:
                    self.posts[name] += posts
                continue
            everything[key] = everything.get(key, 0) + posts
            of_source[key] = of_source.get(key, 0) + posts
            of_lang[key] = of_lang.get(key, 0) + posts
            spelled = labels.get(key)
            if spelled is None:
                labels[key] = {label: posts}
            else:
                spelled[label] = spelled.get(label, 0) + posts
            keys.append(key)
        return keys


class OpenCounts:
    """The open panes, by their start.

    `touched`: the tags of each ranking that got posts since they were taken. `touched_totals`: the same of the totals.
    """

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._at: tuple[int, int, int] | None = None
        self.panes: dict[int, OpenPane] = {}
        self.first_at_ms: dict[str, int] = {}
        self.touched: dict[Name, set[str]] = defaultdict(set)
        self.touched_totals: set[str] = set()
        #: Whether the last update added a micro-batch, and how often the table was read.
        self.added, self.readings = False, 0

    def update(self, progress: Progress, counts: pa.Table | None) -> None:
        """Bring the counts up to `progress`. `added` and `readings` say how.

        Args:
            progress: The position of counting.
            counts: The micro-batch that was counted last, if there was one since the last call.

        """
        at = (progress.epoch, progress.closed_until_ms, progress.next_offset)
        self.added = False
        if at == self._at:
            return
        if counts is not None and self._at == (*at[:2], _first_offset(counts)) and _end_offset(counts) == at[2]:
            self._add(counts)
            self.added = True
        else:
            self.readings += 1
            self.panes, self.first_at_ms = {}, {}
            self.touched, self.touched_totals = defaultdict(set), set()
            self._add(self._db.execute(READ).to_arrow_table())
        self._at = at

    def forget(self) -> None:
        """Read the table at the next update."""
        self._at = None

    def within(self, window: Window) -> dict[int, OpenPane]:
        """The open panes of the window. It is one, unless a clock was set back."""
        return {at_ms: pane for at_ms, pane in self.panes.items() if window.from_ms <= at_ms <= window.open_ms}

    def tags(self, window: Window, name: Name) -> Mapping[str, int]:
        """Posts of each tag of a ranking in the open panes of the window."""
        return _merged([pane.tags[name] for pane in self.within(window).values() if name in pane.tags])

    def all_tags(self) -> Mapping[str, int]:
        """Posts of each tag in all open panes."""
        return _merged([pane.tags[WHOLE] for pane in self.panes.values()])

    def _add(self, counts: pa.Table) -> None:
        columns = [counts[name].to_pylist() for name in COLUMNS]
        groups: dict[tuple[int, str, str], list[tuple[str | None, str, int]]] = defaultdict(list)
        first = self.first_at_ms
        for pane_ms, source, lang, key, label, posts, at_ms in zip(*columns, strict=True):
            # Rows without a pane stand for posts that could not be read.
            if pane_ms is not None:
                groups[pane_ms, source, lang].append((key, label, posts))
                if key is not None and first.get(key, at_ms) >= at_ms:
                    first[key] = at_ms
        for (pane_ms, source, lang), rows in groups.items():
            pane = self.panes.setdefault(pane_ms, OpenPane())
            keys = pane.add(source, lang, rows)
            for name in (WHOLE, ("source", source), ("lang", lang)):
                self.touched[name].update(keys)
            self.touched_totals.update(keys)


def _first_offset(counts: pa.Table) -> int:
    return int(pc.min(counts["first_offset"]).as_py())


def _end_offset(counts: pa.Table) -> int:
    return int(pc.max(counts["last_offset"]).as_py()) + 1


def _merged(counts: list[dict[str, int]]) -> Mapping[str, int]:
    if len(counts) == 1:
        return counts[0]
    merged: dict[str, int] = defaultdict(int)
    for each in counts:
        for key, posts in each.items():
            merged[key] += posts
    return merged
