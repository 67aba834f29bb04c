"""How many different authors used each tag in the closed panes of the window, and the tags with the most of them.

A use adds its author to its tag if the author is not there yet, and the author leaves with the last pane in which it
used the tag. So a pane that closes costs as much as it has uses, not as many as the window has. Each tag has one number
in each ranking: its authors times `ONE_AUTHOR`, plus its posts. So equal authors are ranked by posts.

A ranking knows its candidates and a bound: every other tag ranks behind it (docs/decisions/0004 has the proof).
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

import pyarrow as pa

from spark_job.executor.tag_uses import level_of, sample
from spark_job.mute.mute_list import NOTHING, MuteList

#: What an author adds to the number of a tag. Its posts are the lower bits.
ONE_AUTHOR = 1 << 40
#: Candidates after all tags were ranked, and the most of them before the bound is raised.
MIN_CANDIDATES = 250
MAX_CANDIDATES = 1000
#: With fewer candidates above the bound, all tags are ranked.
LEAST_CANDIDATES = 50

#: A ranking: everything, one source, or one language.
Name = tuple[str, str]
WHOLE: Name = ("all", "")
#: The rankings to which the posts of one source and language belong.
Group = tuple[Name, Name, Name]
#: A tag, and its number.
Number = tuple[str | None, int]
#: Tag, author, posts.
Row = list[Any]


def shown(numbers: dict[str | None, int], muted: MuteList) -> dict[str | None, int]:
    """The numbers of the tags that are not muted."""
    return {key: number for key, number in numbers.items() if not muted.hides(key or "")} if muted else numbers


class AuthorRanking:
    """The numbers of the tags of one ranking, see the module."""

    __slots__ = ("_bound", "_bound_key", "_candidates", "numbers")

    def __init__(self) -> None:
        self.numbers: dict[str | None, int] = {}
        self._candidates: set[str | None] = set()
        # Every tag outside the candidates has a smaller number, or the same and a greater key.
        self._bound, self._bound_key = 0, ""

    def add(self, more: Iterable[Number]) -> None:
        """Add to the numbers of tags."""
        numbers, bound, bound_key, candidates = self.numbers, self._bound, self._bound_key, self._candidates
        for key, number in more:
            numbers[key] = found = numbers.get(key, 0) + number
            if found >= bound and (found > bound or (key or "") <= bound_key):
                candidates.add(key)

    def take(self, less: Iterable[Number]) -> None:
        """Take from the numbers of tags."""
        numbers = self.numbers
        for key, number in less:
            left = numbers[key] - number
            if left:
                numbers[key] = left
            else:
                del numbers[key]
                self._candidates.discard(key)

    def best(self, muted: MuteList = NOTHING) -> dict[str | None, int]:
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

    def _rank(self, numbers: Mapping[str | None, int]) -> dict[str | None, int]:
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


class SlidingAuthors:
    """The authors of the tags in a sliding window of panes."""

    def __init__(self) -> None:
        self.rankings: dict[Name, AuthorRanking] = {}
        #: The level of the sample of the authors. All that is here is of this sample.
        self.level = 0
        #: The last pane of each use: of a tag and an author, and of these in a language.
        self.last: dict[int, int] = {}
        self._panes: dict[int, pa.Table] = {}

    def add(self, at_ms: int, uses: pa.Table) -> None:
        """Add a pane, which is not earlier than those before."""
        self._panes[at_ms] = uses
        self.set_level(max(self.level, level_of(uses)))
        self._count(at_ms, uses)

    def expire(self, from_ms: int) -> None:
        """Forget the panes before `from_ms`."""
        for at_ms in sorted(at_ms for at_ms in self._panes if at_ms < from_ms):
            self._remove(at_ms, self._panes.pop(at_ms))
        self.rankings = {name: found for name, found in self.rankings.items() if found.numbers}
        if self.level:
            self.set_level(max((level_of(uses) for uses in self._panes.values()), default=0))

    def set_level(self, level: int) -> None:
        """Count the authors of another sample."""
        if level != self.level:
            self.level, self.last, self.rankings = level, {}, {}
            for at_ms, uses in self._panes.items():
                self._count(at_ms, uses)

    def ranking(self, name: Name) -> AuthorRanking:
        """The ranking of this name."""
        found = self.rankings.get(name)
        if found is None:
            found = self.rankings[name] = AuthorRanking()
        return found

    def authors(self, number: int) -> int:
        """The authors in the number of a tag, or about so many if there is a sample."""
        return number // ONE_AUTHOR << self.level

    def _count(self, at_ms: int, uses: pa.Table) -> None:
        last = self.last
        for group, rows in groups_of(uses, self.level):
            lang_hash = hash(group[2])
            numbers, of_lang = [], []
            for key, author, posts in rows:
                use = author ^ hash(key)
                numbers.append((key, posts if use in last else posts + ONE_AUTHOR))
                last[use] = at_ms
                use ^= lang_hash
                of_lang.append((key, posts if use in last else posts + ONE_AUTHOR))
                last[use] = at_ms
            for name, more in zip(group, (numbers, numbers, of_lang), strict=True):
                self.ranking(name).add(more)

    def _remove(self, at_ms: int, uses: pa.Table) -> None:
        last = self.last
        for group, rows in groups_of(uses, self.level):
            lang_hash = hash(group[2])
            numbers, of_lang = [], []
            for key, author, posts in rows:
                use, number = author ^ hash(key), posts
                if last.get(use) == at_ms:
                    del last[use]
                    number += ONE_AUTHOR
                numbers.append((key, number))
                use, number = use ^ lang_hash, posts
                if last.get(use) == at_ms:
                    del last[use]
                    number += ONE_AUTHOR
                of_lang.append((key, number))
            for name, less in zip(group, (numbers, numbers, of_lang), strict=True):
                self.ranking(name).take(less)


def groups_of(uses: pa.Table, level: int) -> Iterator[tuple[Group, list[Row]]]:
    """The rows (tag, author, posts) of the authors in the sample of this level, by source and language.

    Args:
        uses: All have a tag, or none has.
        level: The level of the sample.

    """
    if level > level_of(uses):
        uses = sample(uses, level)
    if not len(uses):
        return
    (sources, source), (langs, lang) = _texts(uses["source"]), _texts(uses["lang"])
    keys: list[str | None] = [None] * len(uses)
    if not uses["key"].null_count:
        names, key_of = _texts(uses["key"])
        keys = [names[place] for place in key_of]
    found: dict[int, list[Row]] = defaultdict(list)
    authors, posts = _numbers(uses["author"], "Q"), _numbers(uses["posts"], "q")
    for one_source, one_lang, *row in zip(source, lang, keys, authors, posts, strict=True):
        found[one_source * len(langs) + one_lang].append(row)
    for group, rows in found.items():
        one_source, one_lang = divmod(group, len(langs))
        yield (WHOLE, ("source", sources[one_source]), ("lang", langs[one_lang])), rows


def _texts(column: pa.ChunkedArray) -> tuple[list[str], list[int]]:
    """The different texts of a column without nulls, and for each row the place of its text in them.

    To read the buffers is many times as fast as to make a Python object of each row.
    """
    coded = column.chunk(0) if column.num_chunks == 1 else column.unify_dictionaries().combine_chunks()
    return coded.dictionary.to_pylist(), _numbers(coded.indices, "i")


def _numbers(column: pa.Array | pa.ChunkedArray, kind: Literal["i", "q", "Q"]) -> list[int]:
    """The numbers of a column without nulls."""
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks() if column.num_chunks != 1 else column.chunk(0)
    view = memoryview(column.buffers()[1]).cast("B").cast(kind)
    return view[column.offset : column.offset + len(column)].tolist()
