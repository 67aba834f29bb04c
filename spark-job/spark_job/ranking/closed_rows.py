"""The rows of the closed panes in memory, sorted by hash, so that a tag is found without a scan of all rows.

They are a cache of the table `pane_counts`, which has the rows of two windows. A pane is read once, when it has closed.
Thousands of tags at once are found by a scan of the hashes, which Arrow does in less time than DuckDB.
A row takes about 45 bytes.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.state.tag_sums import WHOLE, Name
from spark_job.state.window import Window

READ = """
SELECT pane_ms, hash, source, lang, label, posts FROM pane_counts
WHERE pane_ms >= ? AND hash IS NOT NULL ORDER BY pane_ms, hash
"""

READ_POSTS = """
SELECT pane_ms, source, lang, sum(posts)::BIGINT FROM pane_counts
WHERE pane_ms >= ? AND hash IS NULL GROUP BY pane_ms, source, lang
"""

#: The columns of `ClosedRows.table`.
COLUMNS = ("hash", "source", "lang", "posts")
NAMES = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [("hash", pa.uint64()), ("source", NAMES), ("lang", NAMES), ("posts", pa.int64()), ("pane_ms", pa.int64())]
)

#: Source, language, spelling, posts.
Row = tuple[str, str, str, int]


class _PaneRows:
    """The rows of one pane."""

    def __init__(self, rows: pa.RecordBatch) -> None:
        self._hashes = numbers(rows.column("hash"), "Q")
        self._posts = numbers(rows.column("posts"), "q")
        self._names = [
            (encoded.dictionary.to_pylist(), numbers(encoded.indices, "i"))
            for encoded in (rows.column("source"), rows.column("lang"))
        ]
        self._labels = rows.column("label")
        self.columns = rows.select(COLUMNS)

    def find(self, tag_hash: int) -> Iterator[Row]:
        (sources, source), (langs, lang) = self._names
        for place in places(self._hashes, tag_hash):
            label = self._labels[place].as_py()
            yield sources[source[place]], langs[lang[place]], label, self._posts[place]


def numbers(column: Any, kind: Literal["i", "q", "Q"]) -> memoryview[int]:
    """The numbers of an Arrow array without nulls, not copied."""
    view: memoryview[int] = memoryview(column.buffers()[1]).cast("B").cast(kind)
    return view[column.offset : column.offset + len(column)]


def places(hashes: memoryview[int], tag_hash: int) -> range:
    """The places of a hash in sorted hashes. They are few, so only the first is searched by bisection."""
    first = end = bisect_left(hashes, tag_hash)
    while end < len(hashes) and hashes[end] == tag_hash:
        end += 1
    return range(first, end)


class ClosedRows:
    """The closed panes of the window and of the window before it."""

    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db
        self._panes: dict[int, _PaneRows] = {}
        self._posts: dict[int, dict[tuple[str, str], int]] = {}
        self._until_ms = 0

    def forget(self) -> None:
        """Read all panes at the next update."""
        self._panes, self._posts, self._until_ms = {}, {}, 0

    def update(self, before_ms: int, until_ms: int) -> set[int]:
        """Read the panes that closed since the last update, up to `until_ms`, and drop those before `before_ms`.

        Returns:
            The starts of the panes that were read.

        """
        self._panes = {at_ms: rows for at_ms, rows in self._panes.items() if at_ms >= before_ms}
        self._posts = {at_ms: posts for at_ms, posts in self._posts.items() if at_ms >= before_ms}
        since_ms = max(self._until_ms, before_ms)
        for at_ms, source, lang, posts in self._db.execute(READ_POSTS, [since_ms]).fetchall():
            self._posts.setdefault(at_ms, {})[source, lang] = posts
        rows = self._db.execute(READ, [since_ms]).to_arrow_table().combine_chunks()
        self._until_ms = until_ms
        for name in ("source", "lang"):
            rows = rows.set_column(rows.schema.get_field_index(name), name, rows[name].dictionary_encode())
        starts = numbers(rows["pane_ms"].combine_chunks(), "q") if len(rows) else ()
        begin, new = 0, set()
        while begin < len(starts):
            end = bisect_left(starts, starts[begin] + 1, begin)
            (batch,) = rows.slice(begin, end - begin).to_batches()
            self._panes[starts[begin]] = _PaneRows(batch)
            new.add(starts[begin])
            begin = end
        return new

    def table(self, hashes: pa.Array, from_ms: int, last_ms: int) -> pa.Table:
        """The rows of these tags in the panes that start at `from_ms` to `last_ms`, in columns of `SCHEMA`."""
        panes = [(at_ms, rows.columns) for at_ms, rows in self._panes.items() if from_ms <= at_ms <= last_ms]
        is_wanted = pc.is_in(pa.chunked_array([rows["hash"] for _, rows in panes], pa.uint64()), value_set=hashes)
        found, begin = [], 0
        for at_ms, rows in panes:
            some = rows.filter(is_wanted.slice(begin, len(rows)).combine_chunks())
            begin += len(rows)
            found.append(some.append_column("pane_ms", pa.repeat(pa.scalar(at_ms, pa.int64()), len(some))))
        # One piece with one dictionary, because DuckDB needs time for each piece.
        return pa.Table.from_batches(found, SCHEMA).unify_dictionaries().combine_chunks()

    def posts(self, window: Window) -> dict[Name, tuple[int, int]]:
        """All posts, those without tags too, of the window and of the one before it, by ranking."""
        sums: dict[Name, list[int]] = defaultdict(lambda: [0, 0])
        for at_ms, posts in self._posts.items():
            if window.before_ms <= at_ms <= window.open_ms:
                for (source, lang), count in posts.items():
                    for name in (WHOLE, ("source", source), ("lang", lang)):
                        sums[name][at_ms < window.from_ms] += count
        return {name: (now, before) for name, (now, before) in sums.items()}

    def all_posts(self, at_ms: int) -> int:
        """All posts, those without tags too, of the pane that begins then."""
        return sum(self._posts.get(at_ms, {}).values())

    def find(self, tag_hash: int, panes: set[int] | None = None) -> Iterator[tuple[int, Row]]:
        """The rows of a tag in these panes, or in all, each with the start of its pane."""
        for at_ms, rows in self._panes.items():
            if panes is None or at_ms in panes:
                for row in rows.find(tag_hash):
                    yield at_ms, row
