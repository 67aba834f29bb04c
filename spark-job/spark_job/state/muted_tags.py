"""The muted tags of the state as a table of hashes, so that a query leaves them out."""

import duckdb

from spark_job.mute.mute_list import MuteList
from spark_job.state.ended_windows import forget_bound
from spark_job.tag_hash import hash_of

#: An empty table. DuckDB never frees the rows that are deleted from a temporary table.
TABLE = "CREATE OR REPLACE TEMP TABLE muted_tags (hash UBIGINT)"
#: Patterns are compared with every tag once. Later only with the tags of the panes that close.
ALL_TAGS = """
INSERT INTO muted_tags SELECT DISTINCT hash FROM (
  SELECT hash, key FROM totals UNION ALL SELECT hash, key FROM pane_counts WHERE key IS NOT NULL) WHERE {}
"""
CLOSING_TAGS = """
INSERT INTO muted_tags SELECT hash FROM closing_tags WHERE hash NOT IN (SELECT hash FROM muted_tags) AND {}
"""
OF_WINDOW = """
SELECT DISTINCT hash FROM pane_counts WHERE pane_ms >= ? AND hash IN (SELECT hash FROM muted_tags)
"""


class MutedTags:
    """The temporary table `muted_tags` of the open file: the hashes of the muted tags that were ever counted."""

    def __init__(self) -> None:
        self.muted = MuteList()
        #: How often the list was changed.
        self.changes = 0

    def hides(self, key: str) -> bool:
        """Whether a tag is muted."""
        return self.muted.hides(key)

    def open(self, db: duckdb.DuckDBPyConnection) -> None:
        """Use a file that was opened: it has no temporary tables yet."""
        self._db = db
        self._fill()

    def use(self, muted: MuteList) -> None:
        """Use another list."""
        self.muted = muted
        self.changes += 1
        self._fill()

    def hashes(self, from_ms: int) -> set[int]:
        """The hashes of the muted tags in the closed panes from `from_ms` on."""
        return {found for (found,) in self._db.execute(OF_WINDOW, [from_ms]).fetchall()} if self.muted else set()

    def note_closing(self) -> None:
        """Note the muted ones of `closing_tags`, inside the transaction that closes panes."""
        if self.muted.patterns:
            self._db.execute(CLOSING_TAGS.format(self.muted.pattern_condition()))

    def _fill(self) -> None:
        db = self._db
        db.execute(TABLE)
        if self.muted.keys:
            db.execute("INSERT INTO muted_tags SELECT unnest(?::UBIGINT[])", [[*map(hash_of, self.muted.keys)]])
        if self.muted.patterns:
            db.execute(ALL_TAGS.format(self.muted.pattern_condition()))
        forget_bound(db)
