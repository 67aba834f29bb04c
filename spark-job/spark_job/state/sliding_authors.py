"""How many different authors used each tag in the closed panes of the window, and the tags with the most of them.

A use adds its author to its tag if the author is not there yet, and the author leaves with the last pane in which it
used the tag. So a pane that closes costs as much as it has uses, not as many as the window has. Each tag has one number
in each ranking, see `author_ranking`.
"""

from collections.abc import Iterable, Mapping

import pyarrow as pa

from spark_job.executor.tag_uses import USES, level_of
from spark_job.state.author_ranking import ONE_AUTHOR, AuthorRanking
from spark_job.state.numbered_uses import NumberedUses
from spark_job.state.tag_sums import Name
from spark_job.state.use_window import UseWindow


class SlidingAuthors:
    """The authors of the tags in a sliding window of panes."""

    def __init__(self) -> None:
        self.rankings: dict[Name, AuthorRanking] = {}
        #: The level of the sample of the authors. All that is here is of this sample.
        self.level = 0
        #: The uses of tags by authors, and of these in a language.
        self.uses = UseWindow()
        self._panes: dict[int, pa.Table] = {}

    def add(self, panes: Mapping[int, pa.Table]) -> None:
        """Add the uses of panes, by their starts. They are later than those before, and in order."""
        self._panes |= panes
        level = max((self.level, *map(level_of, panes.values())))
        if level == self.level:
            self._count(panes.values())
        else:
            self.set_level(level)

    def expire(self, from_ms: int) -> None:
        """Forget the panes before `from_ms`."""
        self._remove([self._panes.pop(at_ms) for at_ms in sorted(self._panes) if at_ms < from_ms])
        self.rankings = {name: found for name, found in self.rankings.items() if found.numbers}
        if self.level:
            self.set_level(max(map(level_of, self._panes.values()), default=0))

    def set_level(self, level: int) -> None:
        """Count the authors of another sample."""
        if level != self.level:
            self.level, self.uses, self.rankings = level, UseWindow(), {}
            self._count(self._panes.values())

    def ranking(self, name: Name) -> AuthorRanking:
        """The ranking of this name."""
        found = self.rankings.get(name)
        if found is None:
            found = self.rankings[name] = AuthorRanking()
        return found

    def authors(self, number: int) -> int:
        """The authors in the number of a tag, or about so many if there is a sample."""
        return number // ONE_AUTHOR << self.level

    def _count(self, panes: Iterable[pa.Table]) -> None:
        uses = self._numbered(panes)
        for name, keys, numbers in uses.sums(uses.in_order(self.uses.enter(uses.of_panes()))):
            self.ranking(name).add(keys, numbers)

    def _remove(self, panes: Iterable[pa.Table]) -> None:
        """Take the authors away that no other pane has."""
        uses = self._numbered(panes)
        for name, keys, numbers in uses.sums(uses.in_order(self.uses.leave(uses.of_panes()))):
            self.ranking(name).take(keys, numbers)

    def _numbered(self, panes: Iterable[pa.Table]) -> NumberedUses:
        return NumberedUses(pa.concat_tables([USES.empty_table(), *panes]), self.level)
