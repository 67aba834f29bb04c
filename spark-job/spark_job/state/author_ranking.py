"""The numbers of the tags of one ranking by authors, and the tags with the greatest ones.

Each tag has one number: its authors times `ONE_AUTHOR`, plus its posts. So equal authors are ranked by posts. A ranking
knows its candidates and a bound: every other tag ranks behind it (docs/decisions/0004 has the proof).
"""

import heapq
from collections.abc import Mapping, Sequence
from itertools import repeat
from operator import add, sub
from typing import TypeVar

from spark_job.mute.mute_list import NOTHING, MuteList

#: What an author adds to the number of a tag. Its posts are the lower bits.
ONE_AUTHOR = 1 << 40
#: Candidates after all tags were ranked, and the most of them before the bound is raised.
MIN_CANDIDATES = 250
MAX_CANDIDATES = 1000
#: With fewer candidates above the bound, all tags are ranked.
LEAST_CANDIDATES = 50

#: Of each tag its number. `None` stands for all posts, with tags or without.
Numbers = dict[str | None, int]
Keys = Sequence[str | None]
K = TypeVar("K", str, str | None)


def add_numbers(numbers: dict[K, int], keys: Sequence[K], more: Sequence[int]) -> list[int]:
    """Add to the numbers of different tags, and return their new numbers."""
    # No loop of Python runs here, which would take several times as long.
    found = [*map(add, map(numbers.get, keys, repeat(0)), more)]
    numbers.update(zip(keys, found, strict=True))
    return found


def shown(numbers: Numbers, muted: MuteList) -> Numbers:
    """The numbers of the tags that are not muted."""
    return {key: number for key, number in numbers.items() if not muted.hides(key or "")} if muted else numbers


class AuthorRanking:
    """The numbers of the tags of one ranking, see the module."""

    __slots__ = ("_bound", "_bound_key", "_candidates", "numbers")

    def __init__(self) -> None:
        self.numbers: Numbers = {}
        self._candidates: set[str | None] = set()
        # Every tag outside the candidates has a smaller number, or the same and a greater key.
        self._bound, self._bound_key = 0, ""

    def add(self, keys: Keys, more: Sequence[int]) -> None:
        """Add to the numbers of different tags."""
        bound, bound_key = self._bound, self._bound_key
        found = add_numbers(self.numbers, keys, more)
        self._candidates.update(
            key
            for key, number in zip(keys, found, strict=True)
            if number >= bound and (number > bound or (key or "") <= bound_key)
        )

    def take(self, keys: Keys, less: Sequence[int]) -> None:
        """Take from the numbers of different tags. Those without posts are forgotten."""
        numbers = self.numbers
        left = [*map(sub, map(numbers.__getitem__, keys), less)]
        numbers.update(zip(keys, left, strict=True))
        gone = [key for key, number in zip(keys, left, strict=True) if not number]
        for key in gone:
            del numbers[key]
        self._candidates.difference_update(gone)

    def best(self, muted: MuteList = NOTHING) -> Numbers:
        """The leading tags that are not muted, with their numbers: all of them, or at least `LEAST_CANDIDATES`.

        After another list of muted tags, the ranking must be made again.
        """
        numbers, bound, bound_key = self.numbers, self._bound, self._bound_key
        found = {
            key: number
            for key in self._candidates
            if (number := numbers[key]) > bound or (number == bound and (key or "") <= bound_key)
        }
        found = shown(found, muted)
        if bound and len(found) < LEAST_CANDIDATES:
            return self._rank(shown(numbers, muted))
        return self._rank(found) if len(found) > MAX_CANDIDATES else found

    def _rank(self, numbers: Mapping[str | None, int]) -> Numbers:
        if len(numbers) <= MIN_CANDIDATES:
            self._bound, self._bound_key = 0, ""
            best = [*numbers.items()]
        else:
            least = heapq.nlargest(MIN_CANDIDATES, numbers.values())[-1]
            above = [item for item in numbers.items() if item[1] >= least]
            best = sorted(above, key=lambda item: (-item[1], item[0] or ""))[:MIN_CANDIDATES]
            self._bound, self._bound_key = least, best[-1][0] or ""
        self._candidates = {key for key, _ in best}
        return dict(best)
