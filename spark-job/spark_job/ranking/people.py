"""The people of the window in memory: how many use each tag, and the tags that the most people use.

The closed panes are in the state's cache (`state/window_people.py`). Here are the open ones, and the leading tags. Each
micro-batch is added. After anything else they are read from the state again.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from operator import eq

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.tag_uses import level_of, parts
from spark_job.snapshot_schema import LEADERS, Sampled
from spark_job.state.author_ranking import Numbers, add_numbers, shown
from spark_job.state.numbered_uses import NumberedUses
from spark_job.state.sliding_authors import SlidingAuthors
from spark_job.state.store import State
from spark_job.state.tag_sums import Name, numbers_of
from spark_job.state.window import Window


@dataclass(slots=True)
class _OpenAuthors:
    """The authors of the open panes that the closed panes of the window don't have.

    Args:
        closed: Those of the closed panes.
        numbers: What the open panes add to the numbers of the tags, by ranking.
        touched: The tags of each ranking that got posts since the last snapshot.

    """

    closed: SlidingAuthors
    numbers: dict[Name, Numbers] = field(default_factory=lambda: defaultdict(dict))
    touched: dict[Name, set[str | None]] = field(default_factory=lambda: defaultdict(set))
    #: The uses of the open panes, each with the mark of its first row, and how many rows there were.
    _seen: dict[int, int] = field(default_factory=dict)
    _rows: int = 0

    def add(self, uses: pa.Table) -> None:
        """Add uses. Their sample must have no higher level than that of the closed panes."""
        added = NumberedUses(uses, self.closed.level)
        marks = range(self._rows, self._rows + len(added.numbers))
        self._rows = marks.stop
        is_first = bytearray(map(eq, map(self._seen.setdefault, numbers_of(added.numbers, "Q"), marks), marks))
        first = pa.Array.from_buffers(pa.uint8(), len(is_first), [None, pa.py_buffer(is_first)])
        for name, keys, numbers in added.sums(pc.multiply(first, self.closed.uses.lacks(added.numbers))):
            add_numbers(self.numbers[name], keys, numbers)
            self.touched[name].update(keys)

    def number(self, name: Name, key: str | None) -> int:
        """The number of a tag in the window."""
        ranking = self.closed.rankings.get(name)
        closed = ranking.numbers.get(key, 0) if ranking is not None else 0
        opened = self.numbers.get(name)
        return closed + opened.get(key, 0) if opened else closed

    def at_least(self, least: int, name: Name, keys: set[str | None]) -> Numbers:
        """The tags of these that have at least this number."""
        ranking, opened = self.closed.rankings.get(name), self.numbers[name]
        closed = ranking.numbers if ranking is not None else {}
        return {key: number for key in keys if (number := closed.get(key, 0) + opened.get(key, 0)) >= least}


class People:
    """The people of the window that ends in the open pane."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._window = Window(0, 0, 1)
        self._tags = self._posts = _OpenAuthors(SlidingAuthors())
        self._leaders: dict[Name, list[str]] = {}
        self._earlier: dict[Name, dict[str, int]] = {}
        self._ended: dict[Name, Numbers] = {}

    def read(self, window: Window) -> None:
        """Read all from the state, after a pane has closed or something else has happened."""
        people = self._state.people
        self._window, self._ended = window, people.ended
        self._leaders, self._earlier = {}, {}
        uses = self._state.uses.opened()
        tags, posts = parts(uses)
        for closed, part in ((people.tags, tags), (people.posts, posts)):
            closed.set_level(max(closed.level, level_of(part)))
        self._tags, self._posts = _OpenAuthors(people.tags), _OpenAuthors(people.posts)
        self._add(tags, posts)

    def add(self, uses: pa.Table) -> None:
        """Add the uses of the micro-batch that was counted last."""
        tags, posts = parts(uses)
        if level_of(tags) > self._tags.closed.level or level_of(posts) > self._posts.closed.level:
            self.read(self._window)
        else:
            self._add(tags, posts)

    def _add(self, tags: pa.Table, posts: pa.Table) -> None:
        for opened, uses in ((self._tags, tags), (self._posts, posts)):
            if len(uses):
                is_within = pc.and_(
                    pc.greater_equal(uses["pane_ms"], self._window.from_ms),
                    pc.less_equal(uses["pane_ms"], self._window.open_ms),
                )
                opened.add(uses if pc.all(is_within).as_py() else uses.filter(is_within))

    def sampled(self) -> Sampled:
        """Of how many authors one is counted."""
        return Sampled(authors=1 << self._posts.closed.level, tags=1 << self._tags.closed.level)

    def all_authors(self, name: Name) -> int:
        """The different authors of all posts of a ranking."""
        return self._posts.closed.authors(self._posts.number(name, None))

    def authors(self, name: Name, key: str) -> int:
        """The different authors of a tag in a ranking."""
        return self._tags.closed.authors(self._tags.number(name, key))

    def leaders(self, name: Name, most: int) -> list[tuple[int, int | None, str]]:
        """The tags with the most authors: rank, rank when the open pane began, and tag.

        Of equal authors the tag with more posts is first, then the key decides.
        """
        number = self._tags.number
        found: Numbers = {key: number(name, key) for key in self._leading(name)}
        least = min(found.values()) if len(found) == LEADERS else 0
        touched = self._tags.at_least(least, name, self._tags.touched.pop(name, set()))
        found |= shown(touched, self._state.muted.muted)
        self._leaders[name] = _ranked(found)
        earlier = self._ranks_before(name)
        return [(rank, earlier.get(key), key) for rank, key in enumerate(self._leaders[name][:most], 1)]

    def _leading(self, name: Name) -> list[str]:
        """The leaders of the last snapshot. At first those of the closed panes: others lead only with new posts."""
        if name not in self._leaders:
            ranking = self._tags.closed.rankings.get(name)
            self._leaders[name] = _ranked(ranking.best(self._state.muted.muted)) if ranking is not None else []
        return self._leaders[name]

    def _ranks_before(self, name: Name) -> dict[str, int]:
        if name not in self._earlier:
            ended = _ranked(self._ended.get(name, {}))
            self._earlier[name] = {key: rank for rank, key in enumerate(ended, 1)}
        return self._earlier[name]


def _ranked(numbers: Numbers) -> list[str]:
    return sorted((key for key in numbers if key is not None), key=lambda key: (-numbers[key], key))[:LEADERS]
