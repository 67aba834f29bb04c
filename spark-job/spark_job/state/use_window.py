"""The uses of the panes of a window, as 64-bit numbers: which are new when panes enter, and gone when panes leave.

There are two ways to find it. While panes close one by one, a dictionary knows the last pane of each use. Many panes at
once, as after a time away, are columns that DuckDB compares: for them it takes a fifth of the time. The dictionary is
made from the columns when the uses of a small micro-batch are looked up.
"""

from collections.abc import Mapping
from itertools import compress, repeat, starmap
from operator import eq, not_

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.state.tag_sums import numbers_of

#: The most panes that enter or leave together, and the most uses that are looked up, by a dictionary.
FEW_PANES = 2
FEW_USES = 4_000

_NEW = "SELECT row FROM (SELECT use, min(row) AS row FROM added GROUP BY use) ANTI JOIN seen USING (use)"
_NO_USES = pa.array([], pa.uint64())


class UseWindow:
    """The uses of the panes of a window."""

    def __init__(self) -> None:
        self._panes: dict[int, list[pa.Array]] = {}
        #: The last pane of each use. None: it is not made yet.
        self._last: dict[int, int] | None = None
        self._db: duckdb.DuckDBPyConnection | None = None

    def __len__(self) -> int:
        return sum(len(uses) for of_pane in self._panes.values() for uses in of_pane)

    def enter(self, panes: Mapping[int, pa.Array]) -> pa.Array:
        """Add the uses of panes, by their starts. They are not earlier than those before, and in order.

        Returns:
            For each use, one pane after the other, 1 if no pane had it, nor `panes` before it, or else 0.

        """
        if len(panes) > FEW_PANES:
            self._last = None
        is_new = self._compared(panes) if self._last is None else _joined(starmap(self._entered, panes.items()))
        for at_ms, uses in panes.items():
            self._panes.setdefault(at_ms, []).append(uses)
        return is_new

    def leave(self, panes: Mapping[int, pa.Array]) -> pa.Array:
        """Remove the earliest panes. `panes`: their uses, by their starts, in order.

        Returns:
            For each use, one pane after the other, 1 if no pane has it any longer, or else 0. Of equal uses, one has 1.

        """
        for at_ms in panes:
            self._panes.pop(at_ms, None)
        if len(panes) > FEW_PANES:
            self._last = None
        return self._compared(panes) if self._last is None else _joined(starmap(self._left, panes.items()))

    def lacks(self, uses: pa.Array) -> pa.Array:
        """For each use, which are different ones, 1 if no pane has it, or else 0."""
        if self._last is None and len(uses) > FEW_USES:
            return self._compared({0: uses})
        return _flags(bytearray(map(not_, map(self._last_panes().__contains__, numbers_of(uses, "Q")))))

    def _last_panes(self) -> dict[int, int]:
        if self._last is None:
            self._last = {}
            for at_ms, parts in sorted(self._panes.items()):
                for uses in parts:
                    self._last.update(zip(numbers_of(uses, "Q"), repeat(at_ms)))
        return self._last

    def _entered(self, at_ms: int, uses: pa.Array) -> pa.Array:
        last, numbers = self._last_panes(), numbers_of(uses, "Q")
        # A use that is new has its own mark for a moment, which no pane has.
        marks = range(-len(numbers), 0)
        is_new = bytearray(map(eq, map(last.setdefault, numbers, marks), marks))
        last.update(zip(numbers, repeat(at_ms)))
        return _flags(is_new)

    def _left(self, at_ms: int, uses: pa.Array) -> pa.Array:
        last, numbers = self._last_panes(), numbers_of(uses, "Q")
        is_last = bytearray(map(eq, map(last.get, numbers), repeat(at_ms)))
        forgotten = map(last.pop, compress(numbers, is_last), repeat(None))
        # The same use may be there in two languages.
        rows = compress(range(len(numbers)), is_last)
        for row in [row for row, pane in zip(rows, forgotten, strict=True) if pane is None]:
            is_last[row] = 0
        return _flags(is_last)

    def _compared(self, panes: Mapping[int, pa.Array]) -> pa.Array:
        """For each use 1 if it is in no pane of the window, nor before in `panes`, or else 0."""
        uses = pa.concat_arrays([_NO_USES, *panes.values()])
        if not len(uses):
            return _flags(bytearray())
        seen = pa.chunked_array([part for of_pane in self._panes.values() for part in of_pane], pa.uint64())
        if self._db is None:
            self._db = duckdb.connect(config={"threads": 1})
        self._db.register("added", pa.table({"use": uses, "row": pa.arange(0, len(uses))}))
        self._db.register("seen", pa.table({"use": seen}))
        try:
            found = self._db.execute(_NEW).to_arrow_table()["row"].combine_chunks()
        finally:
            self._db.unregister("added")
            self._db.unregister("seen")
        return pc.is_valid(pc.inverse_permutation(found, max_index=len(uses) - 1)).cast(pa.uint8())


def _joined(flags: "starmap[pa.Array]") -> pa.Array:
    return pa.concat_arrays([_flags(bytearray()), *flags])


def _flags(flags: bytearray) -> pa.Array:
    return pa.Array.from_buffers(pa.uint8(), len(flags), [None, pa.py_buffer(flags)])
