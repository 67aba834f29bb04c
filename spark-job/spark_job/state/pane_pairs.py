"""The pairs of tags in the panes of the window, in the state file.

They change in the transaction that counts their posts. A row has the pairs that one task has found, as
the Arrow message that the task has made. Its `pane_ms` is the last of the panes in it. Nobody adds them up there: a
thread does it, on a connection of its own, when the panes have closed.
"""

import duckdb
import pyarrow as pa

from spark_job.executor.messages import from_message, to_message
from spark_job.executor.tag_pairs import PAIRS_PER_PANE, compacted, merge_pairs

TABLE = "CREATE TABLE pane_pairs (pane_ms BIGINT, pairs BLOB)"
#: Of the panes that an older version has counted, no pairs are known: a row without pairs says so.
MARK_OLDER = """
INSERT INTO pane_pairs SELECT DISTINCT pane_ms, NULL FROM (
  SELECT pane_ms FROM pane_counts UNION ALL SELECT pane_ms FROM open_counts)
"""
EXISTS = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'pane_pairs'"


class PanePairs:
    """The table. Its methods are called inside the transactions of `State`."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        """Call it outside of a transaction: it may create the table."""
        self._db = db
        #: Of the messages with the same last pane: the most panes of one, and their pairs together.
        self._sizes: dict[int, tuple[int, int]] = {}
        ((tables,),) = db.execute(EXISTS).fetchall()
        if not tables:
            db.execute("BEGIN")
            db.execute(TABLE)
            db.execute(MARK_OLDER)
            db.execute("COMMIT")

    def forget_cached(self) -> None:
        """A transaction was rolled back."""
        self._sizes.clear()

    def add(self, pairs: pa.Table, from_ms: int) -> None:
        """Add the pairs of a micro-batch.

        Args:
            pairs: A table of `PACKED_PAIRS`. An empty one may have other columns.
            from_ms: Panes before are in no window any more.

        """
        for added in pairs.to_pylist():
            at_ms, message = added["pane_ms"], added["pairs"]
            if at_ms < from_ms:
                continue
            panes, rows = self._sizes.get(at_ms, (1, 0))
            panes, rows = max(panes, added["panes"]), rows + added["rows"]
            if rows > 2 * PAIRS_PER_PANE * panes:
                message, rows = self._merged(at_ms, message)
            self._db.execute("INSERT INTO pane_pairs VALUES (?, ?)", [at_ms, message])
            self._sizes[at_ms] = panes, rows

    def _merged(self, pane_ms: int, message: bytes) -> tuple[bytes, int]:
        """Take the messages with this last pane out of the table. Return them and another one as one, and its pairs."""
        before = self._db.execute(
            "DELETE FROM pane_pairs WHERE pane_ms = ? AND pairs IS NOT NULL RETURNING pairs", [pane_ms]
        ).fetchall()
        merged = merge_pairs([from_message(message), *(from_message(stored) for (stored,) in before)])
        return to_message(compacted(merged)), len(merged)

    def forget_before(self, from_ms: int) -> None:
        """Forget the panes before `from_ms`."""
        self._db.execute("DELETE FROM pane_pairs WHERE pane_ms < ?", [from_ms])
        self._sizes = {at_ms: size for at_ms, size in self._sizes.items() if at_ms >= from_ms}
