"""The uses of tags in the state file: those of the open panes, and those of the closed panes of the window.

They change in the transaction that counts their posts, so each is counted once. They are forgotten with the window.
A row has all uses of a pane in a micro-batch, or of a closed pane, as one Arrow message. No query looks for a single
use, and a row for each of them would take as long as the counts of a micro-batch.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.messages import from_message, to_message
from spark_job.executor.tag_uses import (
    AUTHORS_PER_PANE,
    USES,
    USES_PER_PANE,
    level_of,
    merge,
    parts,
    sample,
    with_own_names,
)
from spark_job.rising.facts import AUTHORS_ARROW, VOICES_ARROW, PaneFacts

SCHEMA = """
CREATE TABLE IF NOT EXISTS open_uses (pane_ms BIGINT, uses BLOB);
CREATE TABLE IF NOT EXISTS pane_uses (pane_ms BIGINT, uses BLOB);
"""
NO_USES = USES.empty_table()
#: The most rows of an open pane in memory. Of more, the same uses of several micro-batches become one.
MOST_OPEN_ROWS = 3 * (USES_PER_PANE + AUTHORS_PER_PANE)
_END_OF_TIME_MS = 1 << 62


class OpenUses:
    """The uses of the open panes, and their way to the closed ones. Its methods are called inside transactions."""

    def __init__(self, db: duckdb.DuckDBPyConnection, pane_ms: int) -> None:
        self._db = db
        self._pane_ms = pane_ms
        #: The same as in `open_uses`, or None if the table must be read.
        self._open: dict[int, list[pa.Table]] | None = None

    def forget(self) -> None:
        """Read the table again: a transaction was rolled back."""
        self._open = None

    def add(self, uses: pa.Table, closing_until_ms: int = 0) -> None:
        """Add the uses of a micro-batch.

        Args:
            uses: A table of `USES`.
            closing_until_ms: The panes before close in the same transaction, so they are not stored as open ones.

        """
        opened = self._tables()
        for at_ms in pc.unique(uses["pane_ms"]).to_pylist():
            tables = [*map(with_own_names, _by_task(uses.filter(pc.equal(uses["pane_ms"], at_ms))))]
            if at_ms >= closing_until_ms:
                message = to_message(pa.concat_tables(tables))
                self._db.execute("INSERT INTO open_uses VALUES (?, ?)", [at_ms, message])
            of_pane = opened.setdefault(at_ms, [])
            of_pane += tables
            if sum(map(len, of_pane)) > MOST_OPEN_ROWS:
                of_pane[:] = [_merged(of_pane)]

    def starts(self, until_ms: int) -> list[int]:
        """The starts of the open panes before `until_ms` that have uses, in order."""
        return sorted(at_ms for at_ms, tables in self._tables().items() if at_ms < until_ms and tables)

    def facts(self, pane_ms: int) -> PaneFacts:
        """What the detector of rising tags learns of an open pane that closes now, with `pane_ms` as its start.

        In a pane with a sample of the authors, all facts are those of the authors in the sample.
        """
        return self._facts(pane_ms, self.of_pane(pane_ms))

    def closed_facts(self) -> list[PaneFacts]:
        """The same of the closed panes of the window."""
        return [self._facts(pane_ms, uses) for pane_ms, uses in self.closed(0, _END_OF_TIME_MS).items()]

    def _facts(self, pane_ms: int, uses: pa.Table) -> PaneFacts:
        tagged, authors = parts(uses)
        level = max(level_of(tagged), level_of(authors))
        if level:
            tagged, authors = sample(tagged, level), sample(authors, level)
        counted = authors.group_by(["source", "lang"], use_threads=False).aggregate([("author", "count_distinct")])
        named = counted.rename_columns(["source", "lang", "authors"]).cast(AUTHORS_ARROW)
        return PaneFacts(pane_ms + self._pane_ms, tagged.select(VOICES_ARROW.names).cast(VOICES_ARROW), named)

    def of_pane(self, pane_ms: int) -> pa.Table:
        """The uses of an open pane, each once."""
        tables = self._tables().get(pane_ms, [])
        if len(tables) > 1:
            tables[:] = [_merged(tables)]
        return tables[0] if tables else NO_USES

    def opened(self) -> pa.Table:
        """The uses of all open panes. They are not merged."""
        return pa.concat_tables([NO_USES, *(table for tables in self._tables().values() for table in tables)])

    def close(self, until_ms: int, from_ms: int) -> dict[int, pa.Table]:
        """Move the uses of the panes before `until_ms` to the closed ones, and forget those before `from_ms`.

        Returns:
            All uses of the panes that were moved, by their start.

        """
        opened = self._tables()
        moved = {}
        for at_ms in self.starts(until_ms):
            moved[at_ms] = self._moved(at_ms)
            if at_ms >= from_ms:
                self._db.execute("INSERT INTO pane_uses VALUES (?, ?)", [at_ms, to_message(moved[at_ms])])
            del opened[at_ms]
        self._db.execute("DELETE FROM open_uses WHERE pane_ms < ?", [until_ms])
        self._db.execute("DELETE FROM pane_uses WHERE pane_ms < ?", [from_ms])
        return moved

    def closed(self, from_ms: int, until_ms: int) -> dict[int, pa.Table]:
        """The uses of the closed panes that start at `from_ms` or later and before `until_ms`, by their start."""
        rows = self._db.execute(
            "SELECT pane_ms, uses FROM pane_uses WHERE pane_ms >= ? AND pane_ms < ? ORDER BY pane_ms",
            [from_ms, until_ms],
        ).fetchall()
        return {at_ms: from_message(message) for at_ms, message in rows}

    def _moved(self, pane_ms: int) -> pa.Table:
        """The uses of an open pane and its closed ones. It has some only if posts came late."""
        uses = self.of_pane(pane_ms)
        before = self._db.execute("DELETE FROM pane_uses WHERE pane_ms = ? RETURNING uses", [pane_ms]).fetchall()
        return with_own_names(merge([*(from_message(message) for (message,) in before), uses])) if before else uses

    def _tables(self) -> dict[int, list[pa.Table]]:
        if self._open is None:
            self._open = {}
            for at_ms, message in self._db.execute("SELECT pane_ms, uses FROM open_uses").fetchall():
                self._open.setdefault(at_ms, []).extend(_by_task(from_message(message)))
        return self._open


def _merged(tables: list[pa.Table]) -> pa.Table:
    """The uses of a pane that tasks have found, each once. Those of one task are different, with tags or without."""
    untagged = [table["key"].null_count for table in tables]
    tagged = [len(table) - count for table, count in zip(tables, untagged, strict=True)]
    for counts, most in ((tagged, USES_PER_PANE), (untagged, AUTHORS_PER_PANE)):
        if sum(map(bool, counts)) > 1 or sum(counts) > most:
            return merge(tables)
    return pa.concat_tables(tables)


def _by_task(uses: pa.Table) -> list[pa.Table]:
    """The uses of each task. The same use may come from several, and each task has dictionaries of its own."""
    return [pa.Table.from_batches([batch]) for batch in uses.to_batches() if len(batch)]
