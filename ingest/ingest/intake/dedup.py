"""Deduplication: an id is remembered for as long as its post is stored, and so is where the post is."""

from array import array
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from ingest.intake.account_posts import AccountPosts

#: Slots of one table. A table is 12 MiB and is allocated at once, so that memory stays flat while it fills.
SLOTS = 2**20
#: A table counts as full at this load; fuller tables are slow. That makes about 18 bytes a post.
MAX_LOAD = 0.6875
#: An offset is stored as its distance from the first one of its table. More do not fit into 32 bits.
MAX_DISTANCE = 2**32 - SLOTS


@dataclass
class _Table:
    """Hashes of ids of posts from offset `base` up to `last`, in open addressing; 0 is an empty slot.

    `distances` has the offset of each slot, less `base`.
    """

    slots: "array[int]"
    distances: "array[int]"
    base: int
    used: int = 0
    last: int = field(default=-1)


class NamedPost(Protocol):
    """A post, as far as its names are concerned."""

    id: str
    source: str
    alias: str | msgspec.UnsetType


class IdTables:
    """The offsets of posts by their ids, which are stored as 64-bit hashes in tables of a fixed size.

    Two ids collide once in some 10^19 / (stored posts) posts. The hash is Python's own, which has a new random key in
    each process, so nobody can construct collisions. Tables fill one after the other: when posts are trimmed, whole
    tables are dropped, which takes no time. Offsets must grow from call to call. Not thread-safe.
    """

    def __init__(self, slots: int = SLOTS) -> None:
        self._size = slots
        self._full = int(slots * MAX_LOAD)
        self._older: deque[_Table] = deque()
        self._newest: _Table | None = None

    def __len__(self) -> int:
        return sum(table.used for table in self._tables())

    def add_all(self, post_ids: Iterable[str], first: int) -> list[int]:
        """Add the ids of posts; return the places of those that are known.

        The new ones have the offsets from `first` on.
        """
        return self._add(_hashes(post_ids), first, distinct=False)

    def add_distinct(self, post_ids: Iterable[str], first: int) -> None:
        """Add the ids of the posts from offset `first` on, also those that are known. Faster than `add_all`."""
        self._add(_hashes(post_ids), first, distinct=True)

    def find(self, post_id: str) -> list[int]:
        """Return the offsets of the posts with this id, as far as tables hold them; trimmed posts may be among them.

        A post with another id may be among them, too, once in 10^19 cases.
        """
        (value,) = _hashes([post_id])
        mask = self._size - 1
        found = []
        for table in self._tables():
            i = value & mask
            while stored := table.slots[i]:
                if stored == value:
                    found.append(table.base + table.distances[i])
                i = (i + 1) & mask
        return found

    def drop_before(self, offset: int) -> None:
        """Drop the tables of which all posts lie before `offset`: the spool has trimmed these posts."""
        while self._older and self._older[0].last < offset:
            self._older.popleft()

    def _tables(self) -> list[_Table]:
        return [*self._older, self._newest] if self._newest else []

    def _add(self, values: Sequence[int], first: int, *, distinct: bool) -> list[int]:
        known: list[int] = []
        done = 0
        while done < len(values):
            table = self._table_for(first)
            some = values[done : done + self._full - table.used]
            if distinct:
                self._insert(table, some, first)
                new = len(some)
            else:
                places = self._insert_unknown(table, some, first, done)
                known += places
                new = len(some) - len(places)
            if new:
                first += new
                table.last = first - 1
            done += len(some)
        return known

    def _table_for(self, first: int) -> _Table:
        """Return a table that has room for an id of the post at offset `first`."""
        table = self._newest
        if table is None or table.used >= self._full or first - table.base > MAX_DISTANCE:
            if table is not None:
                self._older.append(table)
            table = self._newest = _Table(array("q", bytes(8 * self._size)), array("I", bytes(4 * self._size)), first)
        return table

    def _insert_unknown(self, table: _Table, values: Sequence[int], first: int, place: int) -> list[int]:
        """Add values for which the table has room; return the places of those that are known.

        The first value has the place `place`, the first new one the offset `first`.
        """
        slots, distances, mask, older = table.slots, table.distances, self._size - 1, bool(self._older)
        distance = first - table.base
        known = []
        for value in values:
            i = value & mask
            while (stored := slots[i]) and stored != value:
                i = (i + 1) & mask
            if stored or (older and self._is_in_older(value)):
                known.append(place)
            else:
                slots[i], distances[i] = value, distance
                distance += 1
            place += 1
        table.used += len(values) - len(known)
        return known

    def _insert(self, table: _Table, values: Sequence[int], first: int) -> None:
        """Add values for which the table has room."""
        slots, distances, mask = table.slots, table.distances, self._size - 1
        for distance, value in enumerate(values, first - table.base):
            i = value & mask
            while slots[i]:
                i = (i + 1) & mask
            slots[i], distances[i] = value, distance
        table.used += len(values)

    def _is_in_older(self, value: int) -> bool:
        mask = self._size - 1
        for table in self._older:
            i = value & mask
            while stored := table.slots[i]:
                if stored == value:
                    return True
                i = (i + 1) & mask
        return False


class Deduplicator(IdTables):
    """The ids of the posts of the open sessions, none of which is accepted twice, and those of earlier sessions."""

    def __init__(self, slots: int = SLOTS) -> None:
        super().__init__(slots)
        self._earlier = IdTables(slots)
        self._aliases = IdTables(slots)
        self._accounts = AccountPosts()
        #: The sources whose posts have an alias, and those that report the deletion of accounts.
        self.with_aliases = self.with_accounts = frozenset[str]()

    def add(self, post_id: str, offset: int) -> bool:
        """Add the id of the post at `offset`; return False if the id is known already."""
        return not self.add_all([post_id], offset)

    def add_earlier(self, post_ids: Iterable[str], first: int) -> None:
        """Add the ids of posts of earlier sessions: `find` finds them, but they are no duplicates."""
        self._earlier.add_distinct(post_ids, first)

    def add_names(self, source: str, posts: Sequence[NamedPost], first: int) -> None:
        """Add the aliases, or the accounts, of the posts from offset `first` on, if this source has such."""
        if source in self.with_aliases:
            self.add_aliases(posts, first)
        if source in self.with_accounts:
            self._accounts.add([post.id for post in posts], first)

    def add_aliases(self, posts: Iterable[NamedPost], first: int) -> None:
        """Add the aliases of the posts from offset `first` on, as far as they have one."""
        for offset, post in enumerate(posts, first):
            if post.alias is not msgspec.UNSET:
                self._aliases.add_distinct([post.alias], offset)

    def add_accounts(self, posts: Iterable[NamedPost], first: int) -> None:
        """Add the accounts of stored posts from offset `first` on, as far as their source reports such."""
        if self.with_accounts:
            for offset, post in enumerate(posts, first):
                if post.source in self.with_accounts:
                    self._accounts.add([post.id], offset)

    def find(self, post_id: str) -> list[int]:
        """Return the offsets of the posts with this id or alias, of all sessions; see `IdTables.find`."""
        return self._earlier.find(post_id) + super().find(post_id) + self._aliases.find(post_id)

    def find_account(self, account: str) -> list[int]:
        """Return the offsets of the posts of an account, of all sessions; see `AccountPosts`."""
        return self._accounts.find(account)

    def clear(self) -> None:
        """Forget all posts."""
        super().__init__(self._size)
        self._earlier, self._aliases = IdTables(self._size), IdTables(self._size)
        self._accounts = AccountPosts()

    def drop_before(self, offset: int) -> None:
        """Drop the tables of which all posts lie before `offset`: the spool has trimmed these posts."""
        super().drop_before(offset)
        self._earlier.drop_before(offset)
        self._aliases.drop_before(offset)
        self._accounts.drop_before(offset)


def _hashes(post_ids: Iterable[str]) -> list[int]:
    hashes = list(map(hash, post_ids))
    return [value or 1 for value in hashes] if 0 in hashes else hashes
