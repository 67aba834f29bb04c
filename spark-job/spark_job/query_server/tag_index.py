"""All tags of the window and of the totals with their posts, in columns that are searched without SQL."""

from collections.abc import Iterable, Sequence
from heapq import nsmallest

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.query_server.sorted_tags import SCHEMA, SortedTags, TagPosts, sorted_tags


class TagIndex:
    """Tags in few parts: nearly all are in the first, and new ones in small ones. Each part is sorted by key.

    Muted tags are in none.
    """

    def __init__(self, parts: Sequence[SortedTags]) -> None:
        self.parts = parts

    def __len__(self) -> int:
        """How many tags."""
        return sum(map(len, self.parts))

    @property
    def is_scattered(self) -> bool:
        """Whether small parts have so many tags that it is time to sort all again."""
        return len(self) > len(self.parts[0]) * 5 // 4 + 1000

    def plus(self, sums: pa.Table) -> "TagIndex":
        """Add sums. Tags that it does not have become a part of their own.

        Args:
            sums: A table of `SCHEMA`; each hash once.

        """
        if not len(sums):
            return self
        parts, added = [], []
        for part in self.parts:
            more, places = part.plus(sums)
            parts.append(more)
            added.append(places)
        known = pc.is_in(pa.arange(0, len(sums)), value_set=pa.concat_arrays(added).cast(pa.int64()))
        # A tag that is not in the index and only leaves the window is muted, or was dropped from the totals.
        new = sums.filter(pc.and_(pc.invert(known), pc.greater(sums["total"], 0)))
        return TagIndex([*parts, sorted_tags(new.select(SCHEMA.names))] if len(new) else parts)

    def merged(self) -> "TagIndex":
        """Merge small parts, until each has at least twice the tags of the next one."""
        parts = [*self.parts]
        while len(parts) > 2 and len(parts[-2]) < 2 * len(parts[-1]):
            newest = parts.pop()
            parts[-1] = parts[-1].merged(newest)
        return TagIndex(parts)

    def find(self, text: str, most: int) -> list[TagPosts]:
        """The tags whose key begins with the text, then those that contain it. Of each kind those with most posts."""
        found = _best((tag for part in self.parts for tag in part.best_beginning(text, most)), most)
        if len(found) < most:
            more = most - len(found)
            found += _best((tag for part in self.parts for tag in part.best_inside(text, more)), more)
        return found

    def ranks(self, tags: Sequence[TagPosts]) -> dict[str, int]:
        """The ranks in the window of those tags that have posts there."""
        ranked = [tag for tag in tags if tag.window_posts]
        before = zip(*(part.before(ranked) for part in self.parts), strict=True)
        return {tag.key: sum(others) + 1 for tag, others in zip(ranked, before, strict=True)}


def _best(tags: Iterable[TagPosts], most: int) -> list[TagPosts]:
    """The tags with the most posts in the window, then with the most posts at all; then the key decides."""
    # A tag without posts was dropped from the totals, and has left the window.
    there = (tag for tag in tags if tag.window_posts or tag.total_posts)
    return nsmallest(most, there, key=lambda tag: (-tag.window_posts, -tag.total_posts, tag.key))
