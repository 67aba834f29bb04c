"""Which posts of the topic a deletion means: a tombstone needs the id of the post, and a platform may give another."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec

from ingest.intake.account_posts import account_of
from ingest.posts.change import WantedChange
from ingest.spool.apply import Applied

#: The most posts whose alias or account is remembered, and the most deleted ids: some 200 bytes each.
MOST = 200_000


class NamedPost(Protocol):
    """A post, as far as its names are concerned."""

    id: str
    source: str
    alias: str | msgspec.UnsetType


class DeletedPosts:
    """Finds the ids of posts that were deleted. For the thread that commits."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._by_alias: OrderedDict[str, str] = OrderedDict()
        self._by_account: OrderedDict[str, list[str]] = OrderedDict()
        self._in_accounts = 0
        self._deleted: OrderedDict[str, None] = OrderedDict()
        #: The sources that report the deletion of accounts.
        self.with_accounts = frozenset[str]()

    def add(self, posts: Iterable[NamedPost]) -> None:
        """Remember the names of posts that are committed."""
        for post in posts:
            if post.alias is not msgspec.UNSET:
                self._by_alias[post.alias] = post.id
            if post.source in self.with_accounts:
                self._by_account.setdefault(account_of(post.id), []).append(post.id)
                self._in_accounts += 1
        while len(self._by_alias) > self._most:
            self._by_alias.popitem(last=False)
        while self._in_accounts > self._most:
            self._in_accounts -= len(self._by_account.popitem(last=False)[1])

    def clear(self) -> None:
        """Forget the names of all posts. What is deleted stays noted."""
        self._by_alias.clear()
        self._by_account.clear()
        self._in_accounts = 0

    def apply(self, changes: Sequence[WantedChange], waiting: Iterable[NamedPost]) -> tuple[list[str], list[Applied]]:
        """Return the ids that need a tombstone, and what becomes of each change; nothing is noted yet.

        Args:
            changes: The changes; those of one account are as many as it has posts.
            waiting: The posts of the same run.

        """
        own = list(waiting)
        ids: dict[str, None] = {}
        applied: list[Applied] = []
        accounts: set[str] = set()
        for change in changes:
            if change.kind == "edited":
                applied.append(Applied(change, "not_stored"))
                continue
            if change.is_account:
                found = [] if change.id in accounts else self._of_account(change.id, own)
                accounts.add(change.id)
            else:
                found = [self._by_alias.get(change.id) or _of_alias(change.id, own) or change.id]
            # Somebody may have written a post twice.
            new = [each for each in dict.fromkeys(found) if each not in ids and each not in self._deleted]
            ids.update(dict.fromkeys(new))
            applied += [Applied(change, "deleted")] * len(new) or [Applied(change, "none")]
        return list(ids), applied

    def note(self, ids: Iterable[str]) -> None:
        """Note that the tombstones of these ids are committed."""
        self._deleted.update(dict.fromkeys(ids))
        while len(self._deleted) > self._most:
            self._deleted.popitem(last=False)

    def _of_account(self, account: str, own: Sequence[NamedPost]) -> list[str]:
        stored = self._by_account.get(account, ())
        return [*stored, *(post.id for post in own if account_of(post.id) == account)]


def _of_alias(alias: str, own: Sequence[NamedPost]) -> str | None:
    return next((post.id for post in own if post.alias == alias), None)
