"""The pairs of tags in the panes of the window, in the state file.

They change in the transaction that counts their posts. A row has the pairs of a pane in one micro-batch as one Arrow
message. Nobody adds them up there: a thread does it, on a connection of its own, when the pane has closed.
"""

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.messages import from_message, to_message
from spark_job.executor.tag_pairs import PAIRS, PAIRS_PER_PANE, compacted, merge_pairs

TABLE = "CREATE TABLE pane_pairs (pane_ms BIGINT, pairs BLOB)"
#: Of the panes that an older version has counted, no pairs are known: a row without pairs says so.
MARK_OLDER = """
INSERT INTO pane_pairs SELECT DISTINCT pane_ms, NULL FROM (
  SELECT pane_ms FROM pane_counts UNION ALL SELECT pane_ms FROM open_counts)
"""
EXISTS = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'pane_pairs'"
NO_PAIRS = PAIRS.empty_table()


class PanePairs:
    """The table. Its methods are called inside the transactions of `State`."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        """Call it outside of a transaction: it may create the table."""
        self._db = db
        #: How many pairs the rows of an open pane have together.
        self._rows: dict[int, int] = {}
        ((tables,),) = db.execute(EXISTS).fetchall()
        if not tables:
            db.execute("BEGIN")
            db.execute(TABLE)
            db.execute(MARK_OLDER)
            db.execute("COMMIT")

    def forget_cached(self) -> None:
        """A transaction was rolled back."""
        self._rows.clear()

    def add(self, pairs: pa.Table, from_ms: int) -> None:
        """Add the pairs of a micro-batch, a table of `PAIRS`. Panes before `from_ms` are in no window any more."""
        panes = pc.unique(pairs["pane_ms"]).to_pylist() if len(pairs) else []
        for at_ms in sorted(at_ms for at_ms in panes if at_ms >= from_ms):
            of_pane = pairs.filter(pc.equal(pairs["pane_ms"], at_ms))
            rows = self._rows.get(at_ms, 0) + len(of_pane)
            if rows > 2 * PAIRS_PER_PANE:
                before = self._db.execute(
                    "DELETE FROM pane_pairs WHERE pane_ms = ? AND pairs IS NOT NULL RETURNING pairs", [at_ms]
                ).fetchall()
                of_pane = merge_pairs([of_pane, *(from_message(message) for (message,) in before)])
                rows = len(of_pane)
            self._db.execute("INSERT INTO pane_pairs VALUES (?, ?)", [at_ms, to_message(compacted(of_pane))])
            self._rows[at_ms] = rows

    def forget_before(self, from_ms: int) -> None:
        """Forget the panes before `from_ms`."""
        self._db.execute("DELETE FROM pane_pairs WHERE pane_ms < ?", [from_ms])
        self._rows = {at_ms: rows for at_ms, rows in self._rows.items() if at_ms >= from_ms}
