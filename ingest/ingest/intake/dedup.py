"""Deduplication: an id is remembered for as long as its post is stored."""

from array import array
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

#: Slots of one table. A table is 8 MiB and is allocated at once, so that memory stays flat while it fills.
SLOTS = 2**20
#: A table counts as full at this load; fuller tables are slow. That makes about 12 bytes a post.
MAX_LOAD = 0.6875

_MASK = 2**64 - 1


@dataclass
class _Table:
    """Hashes of ids of posts up to offset `last`, in open addressing; 0 is an empty slot."""

    slots: "array[int]"
    used: int = 0
    last: int = field(default=-1)


class Deduplicator:
    """A set of post ids, stored as 64-bit hashes in tables of a fixed size.

    Two ids collide once in some 10^19 / (stored posts) posts. The hash is Python's own, which has a new random key in
    each process, so nobody can construct collisions. Tables fill one after the other: when posts are trimmed, whole
    tables are dropped, which takes no time. Not thread-safe.
    """

    def __init__(self, slots: int = SLOTS) -> None:
        self._size = slots
        self._full = int(slots * MAX_LOAD)
        self._older: deque[_Table] = deque()
        self._newest = self._table()

    def __len__(self) -> int:
        return self._newest.used + sum(table.used for table in self._older)

    def add(self, post_id: str, offset: int) -> bool:
        """Add the id of the post at `offset`; return False if the id is known already.

        Offsets must grow from call to call.
        """
        value = (hash(post_id) & _MASK) or 1
        mask = self._size - 1
        for table in self._older:
            slots = table.slots
            i = value & mask
            while stored := slots[i]:
                if stored == value:
                    return False
                i = (i + 1) & mask
        return self._put(value, offset)

    def add_distinct(self, post_ids: Iterable[str], first: int) -> None:
        """Add the ids of the posts from offset `first` on. None of them may be known yet. Faster than `add`."""
        for offset, post_id in enumerate(post_ids, first):
            self._put((hash(post_id) & _MASK) or 1, offset)

    def drop_before(self, offset: int) -> None:
        """Drop the tables of which all posts lie before `offset`: the spool has trimmed these posts."""
        while self._older and self._older[0].last < offset:
            self._older.popleft()

    def _put(self, value: int, offset: int) -> bool:
        newest = self._newest
        slots, mask = newest.slots, self._size - 1
        i = value & mask
        while stored := slots[i]:
            if stored == value:
                return False
            i = (i + 1) & mask
        if newest.used >= self._full:
            self._older.append(newest)
            newest = self._newest = self._table()
            slots, i = newest.slots, value & mask
        slots[i] = value
        newest.used += 1
        newest.last = offset
        return True

    def _table(self) -> _Table:
        return _Table(array("Q", bytes(8 * self._size)))
