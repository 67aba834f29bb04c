"""Rows of tags added up for each ranking, by Arrow and not by loops of Python."""

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

#: A ranking: everything, one source, or one language.
Name = tuple[str, str]
WHOLE: Name = ("all", "")


class Sums(NamedTuple):
    """The sum of each tag in a ranking. The key None stands for rows without a tag."""

    name: Name
    keys: list[str | None]
    numbers: list[int]


class TagRows:
    """Rows of tags, each with a source and a language.

    Attributes:
        sources, langs, keys: The different texts of the rows.
        source, lang, key: For each row the place of its text in them.

    """

    def __init__(self, rows: pa.Table) -> None:
        """Args:
        rows: source, lang and key as dictionaries. All rows have a key, or none has.
        """
        rows = rows.unify_dictionaries().combine_chunks()
        self.sources, self.source = _texts(rows["source"])
        self.langs, self.lang = _texts(rows["lang"])
        self.keys: list[str | None] = [None]
        self.key = pa.repeat(pa.scalar(0, pa.int32()), len(rows))
        if not rows["key"].null_count:
            self.keys[:], self.key = _texts(rows["key"])

    def sums(self, of_tags: pa.Array, of_langs: pa.Array) -> Iterator[Sums]:
        """The sums of each ranking that has rows.

        Args:
            of_tags: A number of each row, which counts for everything and for its source.
            of_langs: A number of each row, which counts for its language.

        """
        if not len(self.key):
            return
        rows = pa.table([self.source, self.lang, self.key, of_tags, of_langs], [*_PLACES, "of_tags", "of_langs"])
        rows = _summed(rows, [*_PLACES], ["of_tags", "of_langs"])
        whole = self._sums(WHOLE, _summed(rows, ["key"], ["of_tags"]), "of_tags")
        yield whole
        if len(self.sources) == 1:
            yield whole._replace(name=("source", self.sources[0]))
        else:
            yield from self._each(rows, "source", self.sources, "of_tags")
        yield from self._each(rows, "lang", self.langs, "of_langs")

    def _each(self, rows: pa.Table, facet: str, names: Sequence[str], numbers: str) -> Iterator[Sums]:
        """The sums of each ranking of a facet."""
        summed = _summed(rows, [facet, "key"], [numbers]).sort_by(facet)
        for place, begin, end in runs(summed[facet]):
            yield self._sums((facet, names[place]), summed.slice(begin, end - begin), numbers)

    def _sums(self, name: Name, summed: pa.Table, numbers: str) -> Sums:
        keys = [*map(self.keys.__getitem__, numbers_of(summed["key"], "i"))]
        return Sums(name, keys, numbers_of(summed[numbers], "q"))


_PLACES = ("source", "lang", "key")


def runs(column: pa.ChunkedArray) -> Iterator[tuple[int, int, int]]:
    """Each number of a column, the first of the rows that have it one after the other, and the row after them."""
    encoded = pc.run_end_encode(_chunk(column))
    ends = encoded.run_ends.to_pylist()
    return zip(encoded.values.to_pylist(), [0, *ends], ends, strict=False)


def numbers_of(column: pa.Array | pa.ChunkedArray, kind: Literal["i", "q", "Q"]) -> list[int]:
    """The numbers of a column without nulls, whose type is that of `memoryview.format`.

    To read the buffer is many times as fast as to convert each value.
    """
    array = _chunk(column) if isinstance(column, pa.ChunkedArray) else column
    view = memoryview(array.buffers()[1]).cast("B").cast(kind)
    return view[array.offset : array.offset + len(array)].tolist()


def _summed(rows: pa.Table, by: list[str], numbers: list[str]) -> pa.Table:
    summed = rows.group_by(by, use_threads=False).aggregate([(name, "sum") for name in numbers])
    return summed.rename_columns([*by, *numbers])


def _texts(column: pa.ChunkedArray) -> tuple[list[str], pa.Array]:
    """The different texts of a column without nulls, and for each row the place of its text in them."""
    coded = _chunk(column)
    return coded.dictionary.to_pylist(), coded.indices


def _chunk(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
