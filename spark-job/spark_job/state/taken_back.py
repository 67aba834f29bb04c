"""The posts of the last two windows that were deleted: how many of each pane, source, language and tag.

They are never subtracted from the posts. Each deletion is counted in the transaction that moves `next_change`, so it is
counted exactly once.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager

import duckdb

from spark_job.changes.change import DELETED, Change
from spark_job.executor.kafka_deletions import TakenBackPost
from spark_job.executor.kafka_slices import CountedSlice
from spark_job.state.open_hours import Deleted, OpenHours
from spark_job.state.progress import Progress

SCHEMA = """
CREATE TABLE IF NOT EXISTS taken_back (pane_ms BIGINT, source VARCHAR, lang VARCHAR, key VARCHAR, posts BIGINT);
"""
#: One statement for all rows: a micro-batch of a backlog may have very many.
ADD = """
INSERT INTO taken_back
  SELECT unnest(?::BIGINT[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::VARCHAR[]), unnest(?::BIGINT[])
"""
MOVE = "UPDATE progress SET next_change = ?"
#: A ranking: everything, one source, or one language.
Name = tuple[str, str]
#: Pane, source, language, and the key of a tag; None: the posts themselves.
Row = tuple[int, str, str, "str | None"]
WHOLE: Name = ("all", "")
#: After so many panes have closed, the table is read again, so that memory does not grow.
CLOSINGS_UNTIL_READ = 32


class TakenBack:
    """The table, and the same in memory. A row without a key counts the posts themselves."""

    def __init__(self, db: duckdb.DuckDBPyConnection, pane_ms: int, hours: OpenHours | None = None) -> None:
        self._db = db
        self._pane_ms = pane_ms
        self._hours = hours or OpenHours()
        self._posts: dict[Name, dict[str | None, dict[int, int]]] | None = None
        self._closings = 0

    def forget_cached(self) -> None:
        """Read the table again: a transaction was rolled back, or it was changed elsewhere."""
        self._posts = None

    def add(
        self,
        transaction: Callable[[], AbstractContextManager[None]],
        progress: Progress,
        changes: Sequence[Change],
        after: int,
        from_ms: int,
    ) -> int:
        """Count changes, and move `next_change`, in one transaction.

        Args:
            transaction: Begins and ends it.
            progress: The position of counting. A change waits until its post is counted, and so do all after it.
            changes: The changes from the next one on, in order.
            after: The number of the next change after them, if there are none: ingest has trimmed those before.
            from_ms: Posts before this time are in no window any more.

        Returns:
            The number of the first change that is not counted.

        """
        ready = [*changes]
        for place, change in enumerate(changes):
            if change.offset >= progress.next_offset:
                ready = ready[:place]
                break
        after = ready[-1].number + 1 if ready else (progress.next_change if changes else after)
        if after <= progress.next_change:
            return progress.next_change
        posts = [
            TakenBackPost(change.post_at_ms, change.source, change.lang, tuple(tag.key for tag in change.tags))
            for change in ready
            # Not one that was counted already, or of a post that is not counted in this epoch.
            if change.kind == DELETED
            and change.number >= progress.next_change
            and change.offset >= progress.from_offset
        ]
        with transaction():
            rows = self._store(posts, from_ms)
            self._db.execute(MOVE, [after])
        self._count_rows(rows)
        return after

    def add_deleted(self, slices: Sequence[CountedSlice], from_ms: int) -> None:
        """Count what tombstones of a topic say, inside the transaction that moves the position.

        Args:
            slices: The slices of a micro-batch.
            from_ms: Posts before this time are in no window any more.

        """
        posts = [post for each in slices for post in each.taken_back]
        if posts:
            # If the transaction is rolled back, the table is read again.
            self._count_rows(self._store(posts, from_ms))

    def _store(self, posts: Sequence[TakenBackPost], from_ms: int) -> "Counter[Row]":
        """Write deleted posts, and return the rows of those that are not before `from_ms`."""
        rows: Counter[Row] = Counter()
        of_hours: list[Deleted] = []
        for post in posts:
            pane_ms = post.at_ms - post.at_ms % self._pane_ms
            keys = dict.fromkeys(post.keys)
            of_hours += [Deleted(pane_ms, post.source, post.lang, key, post.posts) for key in keys]
            if pane_ms >= from_ms:
                for key in (None, *keys):
                    rows[pane_ms, post.source, post.lang, key] += post.posts
        self._hours.take_back(of_hours)
        if rows:
            self._db.execute(ADD, [*map(list, zip(*rows, strict=True)), [*rows.values()]])
        return rows

    def _count_rows(self, rows: "Counter[Row]") -> None:
        for (pane_ms, source, lang, key), posts in rows.items():
            self._count(pane_ms, source, lang, key, posts)

    def forget_before(self, from_ms: int) -> None:
        """Forget the panes before `from_ms`, inside the transaction that closes panes."""
        if self._loaded():
            self._db.execute("DELETE FROM taken_back WHERE pane_ms < ?", [from_ms])
            # What is left of older panes in memory is in no window. To read the table each time would take longer.
            self._closings += 1
            if self._closings % CLOSINGS_UNTIL_READ == 0:
                self._posts = None

    def posts(self, name: Name, key: str | None, from_ms: int, last_ms: int) -> int:
        """The deleted posts of a tag, or all of a ranking (None), in the panes that start at `from_ms` to `last_ms`."""
        panes = self._loaded().get(name, {}).get(key)
        return sum(posts for at_ms, posts in panes.items() if from_ms <= at_ms <= last_ms) if panes else 0

    def keys(self, name: Name, from_ms: int, last_ms: int) -> list[str]:
        """The tags of a ranking with deleted posts in the panes that start at `from_ms` to `last_ms`."""
        found = self._loaded().get(name, {})
        return [key for key, panes in found.items() if key and any(from_ms <= at_ms <= last_ms for at_ms in panes)]

    def _loaded(self) -> dict[Name, dict[str | None, dict[int, int]]]:
        if self._posts is None:
            self._posts = {}
            for row in self._db.execute("FROM taken_back").fetchall():
                self._count(*row)
        return self._posts

    def _count(self, pane_ms: int, source: str, lang: str, key: str | None, posts: int) -> None:
        if self._posts is None:
            return
        for name in (WHOLE, ("source", source), ("lang", lang)):
            panes = self._posts.setdefault(name, defaultdict(dict))[key]
            panes[pane_ms] = panes.get(pane_ms, 0) + posts
