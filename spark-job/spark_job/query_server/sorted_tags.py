"""Tags sorted by key as columns of Arrow: found by a part of their key, and counted by their posts.

A tag takes 28 bytes and its key. Nothing is changed: sums that were added to make a new object, which shares the keys.
Arrow compares a million numbers in a millisecond and a million keys in 20, without Python's lock.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

#: `posts`: those in the window; `total`: those since the epoch began.
SCHEMA = pa.schema([("key", pa.string()), ("hash", pa.uint64()), ("posts", pa.int64()), ("total", pa.int64())])


class TagPosts(NamedTuple):
    """A tag, its posts in the window, and its posts since the epoch began."""

    key: str
    window_posts: int
    total_posts: int


class SortedTags:
    """Tags in the order of their keys."""

    def __init__(self, rows: pa.Table) -> None:
        """`rows`: a table of `SCHEMA`, sorted by key."""
        self.rows = rows
        self._key, self._hash, self._posts, self._total = map(_chunk, rows.select(SCHEMA.names).columns)

    def __len__(self) -> int:
        """How many tags."""
        return len(self.rows)

    def plus(self, sums: pa.Table) -> tuple["SortedTags", pa.Array]:
        """Add sums, and say which places in `sums` were added.

        Args:
            sums: hash, posts, total; each hash once.

        """
        places = pc.index_in(self._hash, value_set=_chunk(sums["hash"]))
        if places.null_count == len(places):
            return self, pa.array([], pa.int32())
        posts = pc.fill_null(_chunk(sums["posts"]).take(places), 0)
        is_same = sums["posts"] is sums["total"] or sums["posts"].equals(sums["total"])
        total = posts if is_same else pc.fill_null(_chunk(sums["total"]).take(places), 0)
        numbers = [pc.add(self._posts, posts), pc.add(self._total, total)]
        return SortedTags(pa.table([self._key, self._hash, *numbers], SCHEMA)), pc.drop_null(places)

    def merged(self, other: "SortedTags") -> "SortedTags":
        """The tags of both. No tag is in both."""
        return sorted_tags(pa.concat_tables([self.rows, other.rows]))

    def beginning(self, text: str) -> range:
        """The places of the tags whose key begins with the text."""
        first = self._place(text)
        end = bisect_left(range(len(self)), True, lo=first, key=lambda place: not self._at(place).startswith(text))
        return range(first, end)

    def best_beginning(self, text: str, most: int) -> list[TagPosts]:
        """The `most` tags with the most posts whose key begins with the text, in any order."""
        found = self.beginning(text)
        return self._best(pa.arange(found.start, found.stop), most) if found else []

    def best_inside(self, text: str, most: int) -> list[TagPosts]:
        """The same of tags that have the text in their key, but don't begin with it."""
        found = self.beginning(text)
        before = pc.indices_nonzero(pc.match_substring(self._key.slice(0, found.start), text))
        behind = pc.indices_nonzero(pc.match_substring(self._key.slice(found.stop), text))
        places = pa.concat_arrays([before.cast(pa.int64()), pc.add(behind.cast(pa.int64()), found.stop)])
        return self._best(places, most)

    def before(self, tags: Sequence[TagPosts]) -> list[int]:
        """For each of these tags, how many of the sorted ones rank before it in the window."""
        return [more + ties for more, ties in zip(self._with_more(tags), self._ties_before(tags), strict=True)]

    def _with_more(self, tags: Sequence[TagPosts]) -> list[int]:
        numbers, tags_with = self._spread
        return [pc.sum(tags_with.filter(pc.greater(numbers, tag.window_posts))).as_py() or 0 for tag in tags]

    def _ties_before(self, tags: Sequence[TagPosts]) -> list[int]:
        """How many have as many posts and a smaller key. The tags with the same number of posts share one pass."""
        places = [self._place(tag.key) for tag in tags]
        before = [0] * len(tags)
        passed: dict[int, tuple[int, int]] = {}
        for number in sorted(range(len(tags)), key=places.__getitem__):
            posts = tags[number].window_posts
            since, ties = passed.get(posts, (0, 0))
            ties += pc.equal(self._posts.slice(since, places[number] - since), posts).true_count
            passed[posts] = places[number], ties
            before[number] = ties
        return before

    @cached_property
    def _spread(self) -> tuple[pa.Array, pa.Array]:
        """The different numbers of posts, and how many tags have each."""
        return tuple(pc.value_counts(self._posts).flatten())

    def _place(self, key: str) -> int:
        """The place of the first tag whose key is not smaller."""
        return bisect_left(range(len(self)), key, key=self._at)

    def _at(self, place: int) -> str:
        return str(self._key[place].as_py())

    def _best(self, places: pa.Array, most: int) -> list[TagPosts]:
        rows = self.rows.take(_leading(places, [self._posts, self._total], most)).to_pylist()
        return [TagPosts(row["key"], row["posts"], row["total"]) for row in rows]


def sorted_tags(rows: pa.Table) -> SortedTags:
    """Sort rows of `SCHEMA` by key."""
    rows = rows.combine_chunks()
    return SortedTags(rows.take(pc.sort_indices(rows["key"])))


def _leading(places: pa.Array, columns: Sequence[pa.Array], most: int) -> pa.Array:
    """The places with the highest numbers of the first column, then of the next one; of equals the first places."""
    if len(places) <= most or not columns:
        return places.slice(0, most)
    numbers = columns[0].take(places)
    least = pc.min(numbers.take(pc.top_k_unstable(numbers, most)))
    above, tied = (places.filter(is_in(numbers, least)) for is_in in (pc.greater, pc.equal))
    return pa.concat_arrays([above, _leading(tied, columns[1:], most - len(above))])


def _chunk(column: Any) -> pa.Array:
    """One array, because a look-up in several takes longer."""
    if isinstance(column, pa.ChunkedArray):
        column = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    return column
