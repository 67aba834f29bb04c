"""How many different authors used each tag in the closed panes of the window, and the tags with the most of them.

A use adds its author to its tag if the author is not there yet, and the author leaves with the last pane in which it
used the tag. So a pane that closes costs as much as it has uses, not as many as the window has. Each tag has one number
in each ranking, see `author_ranking`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, compress, repeat, starmap
from operator import eq

import pyarrow as pa

from spark_job.executor.tag_uses import level_of
from spark_job.state.author_ranking import ONE_AUTHOR, AuthorRanking
from spark_job.state.numbered_uses import Name, NumberedUses


class SlidingAuthors:
    """The authors of the tags in a sliding window of panes."""

    def __init__(self) -> None:
        self.rankings: dict[Name, AuthorRanking] = {}
        #: The level of the sample of the authors. All that is here is of this sample.
        self.level = 0
        #: The last pane of each use: of a tag and an author, and of these in a language.
        self.last: dict[int, int] = {}
        self._panes: dict[int, pa.Table] = {}

    def add(self, panes: Mapping[int, pa.Table]) -> None:
        """Add the uses of panes, by their starts. They are later than those before, and in order."""
        self._panes |= panes
        level = max((self.level, *map(level_of, panes.values())))
        if level == self.level:
            self._count(panes)
        else:
            self.set_level(level)

    def expire(self, from_ms: int) -> None:
        """Forget the panes before `from_ms`."""
        for at_ms in sorted(at_ms for at_ms in self._panes if at_ms < from_ms):
            self._remove(at_ms, self._panes.pop(at_ms))
        self.rankings = {name: found for name, found in self.rankings.items() if found.numbers}
        if self.level:
            self.set_level(max(map(level_of, self._panes.values()), default=0))

    def set_level(self, level: int) -> None:
        """Count the authors of another sample."""
        if level != self.level:
            self.level, self.last, self.rankings = level, {}, {}
            self._count(self._panes)

    def ranking(self, name: Name) -> AuthorRanking:
        """The ranking of this name."""
        found = self.rankings.get(name)
        if found is None:
            found = self.rankings[name] = AuthorRanking()
        return found

    def authors(self, number: int) -> int:
        """The authors in the number of a tag, or about so many if there is a sample."""
        return number // ONE_AUTHOR << self.level

    def _count(self, panes: Mapping[int, pa.Table]) -> None:
        if not panes:
            return
        uses = NumberedUses(pa.concat_tables(panes.values()), self.level)
        for change in uses.changes(self._enter(uses.of_tags, uses.panes), self._enter(uses.of_langs, uses.panes)):
            self.ranking(change.name).add(change.keys, change.numbers)

    def _remove(self, at_ms: int, uses: pa.Table) -> None:
        left = NumberedUses(uses, self.level)
        for change in left.changes(self._leave(left.of_tags, at_ms), self._leave(left.of_langs, at_ms)):
            self.ranking(change.name).take(change.keys, change.numbers)

    def _enter(self, uses: Sequence[int], panes: Iterable[tuple[int, int]]) -> bytearray:
        """Note the last pane of uses, and return for each use 1 if it was not there, or else 0.

        Args:
            uses: The numbers of the uses.
            panes: The pane, and how many of these uses are in it, one after the other.

        """
        # A use that is new has its own mark for a moment, which no pane has.
        marks = range(-len(uses), 0)
        is_new = bytearray(map(eq, map(self.last.setdefault, uses, marks), marks))
        self.last.update(zip(uses, chain.from_iterable(starmap(repeat, panes)), strict=True))
        return is_new

    def _leave(self, uses: Sequence[int], at_ms: int) -> bytearray:
        """Forget the uses whose last pane is this one, and return for each use 1 if it was forgotten, or else 0."""
        is_last = bytearray(map(eq, map(self.last.get, uses), repeat(at_ms)))
        forgotten = map(self.last.pop, compress(uses, is_last), repeat(None))
        # The same use may be there in two languages.
        rows = compress(range(len(uses)), is_last)
        for row in [row for row, pane in zip(rows, forgotten, strict=True) if pane is None]:
            is_last[row] = 0
        return is_last
