"""Deduplication: an id is remembered for as long as its post is stored."""

from array import array
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

#: Slots of one table. A table is 8 MiB and is allocated at once, so that memory stays flat while it fills.
SLOTS = 2**20
#: A table counts as full at this load; fuller tables are slow. That makes about 12 bytes a post.
MAX_LOAD = 0.6875


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
        return not self.add_all([post_id], offset)

    def add_all(self, post_ids: Iterable[str], first: int) -> list[int]:
        """Add the ids of posts; return the places of those that are known.

        The new ones have the offsets from `first` on.
        """
        return self._add(_hashes(post_ids), first)

    def add_distinct(self, post_ids: Iterable[str], first: int) -> None:
        """Add the ids of the posts from offset `first` on. None of them may be known yet. Faster than `add`."""
        self._add(_hashes(post_ids), first, distinct=True)

    def drop_before(self, offset: int) -> None:
        """Drop the tables of which all posts lie before `offset`: the spool has trimmed these posts."""
        while self._older and self._older[0].last < offset:
            self._older.popleft()

    def _add(self, values: Sequence[int], first: int, *, distinct: bool = False) -> list[int]:
        known: list[int] = []
        done = 0
        while done < len(values):
            if self._newest.used >= self._full:
                self._older.append(self._newest)
                self._newest = self._table()
            some = values[done : done + self._full - self._newest.used]
            places = self._add_to_newest(some, done, distinct=distinct)
            if len(places) < len(some):
                first += len(some) - len(places)
                self._newest.last = first - 1
            known += places
            done += len(some)
        return known

    def _add_to_newest(self, values: Sequence[int], place: int, *, distinct: bool) -> list[int]:
        """Add values for which the newest table has room; return the places of those that are known.

        The first value has the place `place`.
        """
        slots, mask, older = self._newest.slots, self._size - 1, bool(self._older) and not distinct
        known = []
        for value in values:
            i = value & mask
            while (stored := slots[i]) and stored != value:
                i = (i + 1) & mask
            if stored or (older and self._is_in_older(value)):
                known.append(place)
            else:
                slots[i] = value
            place += 1
        self._newest.used += len(values) - len(known)
        return known

    def _is_in_older(self, value: int) -> bool:
        mask = self._size - 1
        for table in self._older:
            i = value & mask
            while stored := table.slots[i]:
                if stored == value:
                    return True
                i = (i + 1) & mask
        return False

    def _table(self) -> _Table:
        return _Table(array("q", bytes(8 * self._size)))


def _hashes(post_ids: Iterable[str]) -> list[int]:
    hashes = list(map(hash, post_ids))
    return [value or 1 for value in hashes] if 0 in hashes else hashes
