"""The uses of the panes of a window, as 64-bit numbers: which of others are not among them.

The numbers are columns that DuckDB reads where they are. A dictionary of Python would have ten times their size, and a
look-up in it takes longer than to read thirty other numbers.
"""

from collections.abc import Iterable

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

_NEW = "SELECT row FROM (SELECT use, min(row) AS row FROM added GROUP BY use) ANTI JOIN seen USING (use)"


class UseWindow:
    """The uses of the panes of a window."""

    def __init__(self) -> None:
        self._panes: dict[int, list[pa.Array]] = {}
        self._db: duckdb.DuckDBPyConnection | None = None

    def __len__(self) -> int:
        return sum(len(uses) for of_pane in self._panes.values() for uses in of_pane)

    def add(self, at_ms: int, uses: pa.Array) -> None:
        """Add uses of a pane."""
        self._panes.setdefault(at_ms, []).append(uses)

    def remove(self, at_ms: int) -> None:
        """Remove the uses of a pane."""
        self._panes.pop(at_ms, None)

    def new(self, uses: pa.Array, opened: Iterable[pa.Array] = ()) -> pa.Array:
        """For each use whether it is in no pane, nor before in `uses`.

        Args:
            uses: 64-bit numbers.
            opened: Further uses that count as seen.

        """
        if not len(uses):
            return pa.array([], pa.bool_())
        seen = pa.chunked_array([*(part for of_pane in self._panes.values() for part in of_pane), *opened], pa.uint64())
        if self._db is None:
            self._db = duckdb.connect(config={"threads": 1})
        self._db.register("added", pa.table({"use": uses, "row": pa.arange(0, len(uses))}))
        self._db.register("seen", pa.table({"use": seen}))
        try:
            found = self._db.execute(_NEW).to_arrow_table()["row"].combine_chunks()
        finally:
            self._db.unregister("added")
            self._db.unregister("seen")
        return pc.is_valid(pc.inverse_permutation(found, max_index=len(uses) - 1))
