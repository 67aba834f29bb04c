"""The totals of all tags in memory, sorted by hash, so that a tag is found without a scan of a million rows.

They are a cache of the table `totals`. The tags of the panes that closed are in runs of their own, until they are half
as many as all others. Then the table is read again. A row takes 24 bytes.

Tags of the totals that share a hash are told apart by their keys. A tag that is not in the totals yet, and shares a
hash with one that is, is taken for it until its pane closes: `candidates` has the probability.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.ranking.closed_rows import numbers, places
from spark_job.state.sql import rows_of
from spark_job.tag_hash import hash_of

#: With fewer rows than these in the runs, the table is not read again.
LEAST_ROWS = 50_000

READ = "SELECT hash, posts, first_seen_ms FROM totals ORDER BY hash"
READ_CHANGED = """
SELECT hash, max(posts) AS posts, min(first_seen_ms) AS first_seen_ms FROM changed_tags GROUP BY hash, key ORDER BY hash
"""
#: Large tables are searched by hash, because keys are their widest column.
BY_KEY = "SELECT key, posts, first_seen_ms, label FROM totals WHERE {}"


class Stored(NamedTuple):
    """What the totals have of a tag: posts of closed panes, first time."""

    posts: int
    first_seen_ms: int


class _Run:
    """Rows sorted by hash. Tags with the same hash are in the same run."""

    def __init__(self, rows: pa.Table) -> None:
        self.rows = rows.combine_chunks()
        if len(rows):
            hashes, posts, first_seen_ms = (column.chunk(0) for column in self.rows.columns)
            self._hashes = numbers(hashes, "Q")
            self._posts, self._first_seen_ms = numbers(posts, "q"), numbers(first_seen_ms, "q")

    def find(self, tag_hash: int) -> list[Stored]:
        """The tags with this hash."""
        if not len(self.rows):
            return []
        return [Stored(self._posts[place], self._first_seen_ms[place]) for place in places(self._hashes, tag_hash)]

    def replaced_by(self, newer: _Run) -> _Run:
        """The rows of both. Where both have a hash, those of the newer one."""
        is_old = pc.invert(pc.is_in(self.rows["hash"], value_set=newer.rows["hash"].combine_chunks()))
        rows = pa.concat_tables([self.rows.filter(is_old), newer.rows]).combine_chunks()
        return _Run(rows.take(pc.sort_indices(rows["hash"])))


class StoredTotals:
    """Looks up tags of the totals. The spelling is read from the table, because few tags need it."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._runs: list[_Run] = []
        self._dropped_tags = 0
        self._labels: dict[str, str | None] = {}

    def update(self, dropped_tags: int, *, reset: bool) -> bool:
        """Bring the rows up to the table, by the tags in `changed_tags`.

        Args:
            dropped_tags: The tags that the totals have dropped so far.
            reset: Read the whole table.

        Returns:
            Whether tags may have left the totals.

        """
        reset = reset or not self._runs or dropped_tags != self._dropped_tags
        self._dropped_tags = dropped_tags
        self._labels = {}
        if reset:
            self._read()
        else:
            self._add(_Run(self._db.execute(READ_CHANGED).to_arrow_table()))
        return reset

    def find(self, key: str) -> Stored | None:
        """What the totals have of a tag."""
        tag_hash = hash_of(key)
        for run in reversed(self._runs):
            found = run.find(tag_hash)
            if len(found) == 1:
                return found[0]
            if found:
                rows = {name: Stored(posts, at_ms) for name, posts, at_ms, _ in self._by_key([key])}
                return rows.get(key)
        return None

    def look_up_labels(self, keys: Iterable[str]) -> None:
        """Read the spelling of these tags, each once after an update."""
        missing = [key for key in keys if key not in self._labels]
        if missing:
            found = {key: label for key, _, _, label in self._by_key(missing)}
            self._labels |= {key: found.get(key) for key in missing}

    def note_labels(self, labels: dict[str, str]) -> None:
        """Note the spelling in the totals of the tags that lead there, after an update. All others are forgotten."""
        self._labels = dict(labels)

    def label(self, key: str) -> str | None:
        """The spelling that was looked up. `None` if the totals don't have the tag."""
        return self._labels.get(key)

    def _by_key(self, keys: list[str]) -> list[tuple[str, int, int, str]]:
        hashes = ", ".join(str(hash_of(key)) for key in keys)
        return self._db.execute(BY_KEY.format(rows_of("totals", hashes))).fetchall()

    def _read(self) -> None:
        self._runs = [_Run(self._db.execute(READ).to_arrow_table())]

    def _add(self, run: _Run) -> None:
        if not len(run.rows):
            return
        runs = self._runs
        runs.append(run)
        while len(runs) > 2 and len(runs[-2].rows) < 2 * len(runs[-1].rows):
            newest = runs.pop()
            runs[-1] = runs[-1].replaced_by(newest)
        if sum(len(each.rows) for each in runs[1:]) > max(LEAST_ROWS, len(runs[0].rows) // 2):
            self._read()
