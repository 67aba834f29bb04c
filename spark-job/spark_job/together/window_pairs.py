"""The pairs of the closed panes of the window in memory, added up for some tags.

A pane is read once, when it has closed.
"""

from collections import defaultdict
from collections.abc import Collection

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.messages import from_message
from spark_job.executor.tag_pairs import PAIRS, merge_pairs

#: `pane_ms` is the last pane of a message. It may still be open, and others of the message closed.
READ = "SELECT pane_ms, pairs FROM pane_pairs WHERE pane_ms >= ? ORDER BY pane_ms"
#: The columns of `WindowPairs.of`.
OF_TAGS = pa.schema([("key", pa.string()), ("other", pa.string()), ("posts", pa.int64())])


class WindowPairs:
    """The pairs of the panes. `is_exact`: none was left out."""

    def __init__(self) -> None:
        self._panes: dict[int, tuple[pa.Table, bool]] = {}
        self._until_ms = 0

    def forget(self) -> None:
        """Read all panes again."""
        self._panes, self._until_ms = {}, 0

    def update(self, db: duckdb.DuckDBPyConnection, from_ms: int, until_ms: int) -> None:
        """Read the panes that start before `until_ms` and were not read, and forget those before `from_ms`."""
        self._panes = {at_ms: pane for at_ms, pane in self._panes.items() if at_ms >= from_ms}
        since_ms = max(from_ms, self._until_ms)
        found: dict[int, list[pa.Table | None]] = defaultdict(list)
        for at_ms, message in db.execute(READ, [since_ms]).fetchall():
            for pane_ms, some in _by_pane(from_message(message)) if message is not None else [(at_ms, None)]:
                if since_ms <= pane_ms < until_ms:
                    found[pane_ms].append(some)
        for at_ms, tables in found.items():
            pairs = merge_pairs([PAIRS.empty_table(), *(table for table in tables if table is not None)])
            is_whole = all(table is not None for table in tables) and not pairs["key"].null_count
            self._panes[at_ms] = pairs.filter(pc.is_valid(pairs["key"])).unify_dictionaries().combine_chunks(), is_whole
        self._until_ms = until_ms

    @property
    def is_exact(self) -> bool:
        """Whether all pairs of the window are here."""
        return all(is_whole for _, is_whole in self._panes.values())

    def of(self, keys: Collection[str]) -> pa.Table:
        """The pairs with one of these tags: key, other, posts, once for each pane. One of two of them has two rows."""
        wanted = pa.array([*keys], pa.string())
        parts = [OF_TAGS.empty_table()]
        for pairs, _ in self._panes.values():
            if len(pairs):
                forward, backward = (pairs.filter(mask) for mask in _masks(pairs, wanted))
                parts.append(forward.select(OF_TAGS.names).cast(OF_TAGS))
                swapped = backward.select(["other", "key", "posts"]).rename_columns(OF_TAGS.names)
                parts.append(swapped.cast(OF_TAGS))
        return pa.concat_tables(parts)


def _by_pane(pairs: pa.Table) -> list[tuple[int, pa.Table]]:
    panes = pc.unique(pairs["pane_ms"]).to_pylist()
    if len(panes) == 1:
        return [(panes[0], pairs)]
    return [(at_ms, pairs.filter(pc.equal(pairs["pane_ms"], at_ms))) for at_ms in panes]


def _masks(pairs: pa.Table, wanted: pa.Array) -> list[pa.Array]:
    """Which pairs have a wanted tag as their first one, and which as their second one."""
    masks = []
    for name in ("key", "other"):
        coded = pairs[name].chunk(0)
        masks.append(pc.is_in(coded.dictionary, value_set=wanted).take(coded.indices))
    return masks
