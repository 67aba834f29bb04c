"""Uses of tags as numbers, and what they change in each ranking.

Loops of Python would take most of the time of a closing pane. So the uses are columns of Arrow, and lists on which only
functions written in C run.
"""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.tag_uses import sample
from spark_job.state.author_ranking import ONE_AUTHOR

#: A ranking: everything, one source, or one language.
Name = tuple[str, str]
WHOLE: Name = ("all", "")

_ONE_AUTHOR = pa.scalar(ONE_AUTHOR, pa.int64())


class Change(NamedTuple):
    """What uses change in a ranking: of each tag, its new authors times `ONE_AUTHOR`, and its posts."""

    name: Name
    keys: list[str | None]
    numbers: list[int]


class NumberedUses:
    """Uses, each with a 64-bit number.

    Attributes:
        of_tags: For each use the number of its tag and its author. Two uses have the same one if their languages
            differ. The hash of an author is another one in each source.
        of_langs: For each use the number of its tag, its author and its language.
        panes: The pane, and how many uses one after the other are in it.

    """

    def __init__(self, uses: pa.Table, level: int) -> None:
        """Args:
        uses: A table of `USES`. All have a tag, or none has.
        level: The level of the sample. Only authors in this sample are taken.
        """
        if level > (pc.min(uses["level"]).as_py() or 0):
            uses = sample(uses, level)
        uses = uses.unify_dictionaries().combine_chunks()
        self._sources, source = _texts(uses["source"])
        self._langs, lang = _texts(uses["lang"])
        self._keys: list[str | None] = [None]
        key = pa.repeat(pa.scalar(0, pa.int32()), len(uses))
        if not uses["key"].null_count:
            self._keys[:], key = _texts(uses["key"])
        self._groups = pa.table({"source": source, "lang": lang, "key": key})
        self._posts = _chunk(uses["posts"])
        number = pc.bit_wise_xor(_chunk(uses["author"]), _hashes(self._keys).take(key))
        in_lang = pc.bit_wise_xor(number, _hashes([("lang", name) for name in self._langs]).take(lang))
        self.of_tags, self.of_langs = _numbers(number, "Q"), _numbers(in_lang, "Q")
        self.panes = [(at_ms, end - begin) for at_ms, begin, end in _runs(uses["pane_ms"])]

    def __len__(self) -> int:
        return len(self.of_tags)

    def changes(self, of_tags: bytearray, of_langs: bytearray) -> Iterator[Change]:
        """What these uses change in the rankings.

        Args:
            of_tags: For each use 1 if it adds its author to its tag, or else 0.
            of_langs: The same of its tag in its language.

        """
        if not len(self):
            return
        groups = self._groups
        for name, flags in (("of_tags", of_tags), ("of_langs", of_langs)):
            is_new = pa.Array.from_buffers(pa.uint8(), len(self), [None, pa.py_buffer(flags)]).cast(pa.int64())
            groups = groups.append_column(name, pc.add(self._posts, pc.multiply(is_new, _ONE_AUTHOR)))
        groups = _summed(groups, ["source", "lang", "key"], ["of_tags", "of_langs"])
        whole = self._change(WHOLE, _summed(groups, ["key"], ["of_tags"]), "of_tags")
        yield whole
        if len(self._sources) == 1:
            yield whole._replace(name=("source", self._sources[0]))
        else:
            yield from self._each(groups, "source", self._sources, "of_tags")
        yield from self._each(groups, "lang", self._langs, "of_langs")

    def _each(self, groups: pa.Table, facet: str, names: Sequence[str], numbers: str) -> Iterator[Change]:
        """The changes in the rankings of a facet."""
        summed = _summed(groups, [facet, "key"], [numbers]).sort_by(facet)
        for place, begin, end in _runs(summed[facet]):
            yield self._change((facet, names[place]), summed.slice(begin, end - begin), numbers)

    def _change(self, name: Name, summed: pa.Table, numbers: str) -> Change:
        keys = [*map(self._keys.__getitem__, _numbers(_chunk(summed["key"]), "i"))]
        return Change(name, keys, _numbers(_chunk(summed[numbers]), "q"))


def _summed(groups: pa.Table, by: list[str], numbers: list[str]) -> pa.Table:
    summed = groups.group_by(by, use_threads=False).aggregate([(name, "sum") for name in numbers])
    return summed.rename_columns([*by, *numbers])


def _runs(column: pa.ChunkedArray) -> Iterator[tuple[int, int, int]]:
    """Each number of a column, the first of the rows that have it one after the other, and the row after them."""
    runs = pc.run_end_encode(_chunk(column))
    ends = runs.run_ends.to_pylist()
    return zip(runs.values.to_pylist(), [0, *ends], ends, strict=False)


def _texts(column: pa.ChunkedArray) -> tuple[list[str], pa.Array]:
    """The different texts of a column without nulls, and for each row the place of its text in them."""
    coded = _chunk(column)
    return coded.dictionary.to_pylist(), coded.indices


def _hashes(values: Sequence[object]) -> pa.Array:
    signed = pa.array(map(hash, values), pa.int64())
    return signed.view(pa.uint64())


def _chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _numbers(column: pa.Array, kind: Literal["i", "q", "Q"]) -> list[int]:
    """The numbers of a column without nulls. To read its buffer is many times as fast as to convert each value."""
    view = memoryview(column.buffers()[1]).cast("B").cast(kind)
    return view[column.offset : column.offset + len(column)].tolist()
