"""The counts of the open panes in memory, so that a snapshot within a pane reads no table of them.

They are a cache of the table `open_counts`. Each micro-batch is added to them. After anything else than one more
micro-batch (a pane closed, a new epoch, an error, a start), they are read from the table again.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import cast

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.state.author_ranking import add_numbers
from spark_job.state.progress import Progress
from spark_job.state.tag_sums import WHOLE, Name, TagRows
from spark_job.state.window import Window

#: With more rows than these, Arrow adds them up in less time than a loop.
LARGE_ROWS = 1_000
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

    def add_columns(self, tags: pa.Table) -> list[tuple[Name, list[str]]]:
        """Add many rows, all of which have a key, by Arrow and not by a loop. Return the tags of each ranking."""
        coded = {name: tags[name].dictionary_encode() for name in ("source", "lang", "key")}
        touched = []
        for name, keys, posts in TagRows(pa.table(coded)).sums(tags["posts"], tags["posts"]):
            named = cast("list[str]", keys)
            add_numbers(self.tags[name], named, posts)
            touched.append((name, named))
        spelled = tags.group_by(["key", "label"], use_threads=False).aggregate([("posts", "sum")])
        rows = zip(*(spelled[name].to_pylist() for name in ("key", "label", "posts_sum")), strict=True)
        for key, label, posts_of_label in rows:
            spellings = self.labels.setdefault(key, {})
            spellings[label] = spellings.get(label, 0) + posts_of_label
        return touched


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
        # Rows without a pane stand for posts that could not be read.
        counts = counts.select(COLUMNS).filter(pc.is_valid(counts["pane_ms"]))
        if len(counts) > LARGE_ROWS:
            has_key = pc.is_valid(counts["key"])
            self._add_columns(counts.filter(has_key))
            counts = counts.filter(pc.invert(has_key))
        self._add_rows(counts)

    def _add_rows(self, counts: pa.Table) -> None:
        groups: dict[tuple[int, str, str], list[tuple[str | None, str, int]]] = defaultdict(list)
        first = self.first_at_ms
        columns = (column.to_pylist() for column in counts.columns)
        for pane_ms, source, lang, key, label, posts, at_ms in zip(*columns, strict=True):
            groups[pane_ms, source, lang].append((key, label, posts))
            if key is not None and first.get(key, at_ms) >= at_ms:
                first[key] = at_ms
        for (pane_ms, source, lang), rows in groups.items():
            pane = self.panes.setdefault(pane_ms, OpenPane())
            keys = pane.add(source, lang, rows)
            for name in (WHOLE, ("source", source), ("lang", lang)):
                self.touched[name].update(keys)
            self.touched_totals.update(keys)

    def _add_columns(self, tags: pa.Table) -> None:
        """The same for many rows, all of which have a key."""
        for pane_ms in pc.unique(tags["pane_ms"]).to_pylist():
            of_pane = tags.filter(pc.equal(tags["pane_ms"], pane_ms))
            for name, keys in self.panes.setdefault(pane_ms, OpenPane()).add_columns(of_pane):
                self.touched[name].update(keys)
                if name == WHOLE:
                    self.touched_totals.update(keys)
        found = tags.group_by("key", use_threads=False).aggregate([("first_at_ms", "min")])
        first = self.first_at_ms
        for key, at_ms in zip(found["key"].to_pylist(), found["first_at_ms_min"].to_pylist(), strict=True):
            first[key] = min(first.get(key, at_ms), at_ms)


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
