"""The pairs of the closed panes of the window in memory, added up for some tags.

A pane is read once, when it has closed.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from spark_job.executor.messages import from_message
from spark_job.executor.tag_pairs import PAIRS, merge_pairs

READ = "SELECT pane_ms, pairs FROM pane_pairs WHERE pane_ms >= ? AND pane_ms < ? ORDER BY pane_ms"


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
        found: dict[int, list[bytes | None]] = defaultdict(list)
        for at_ms, message in db.execute(READ, [max(from_ms, self._until_ms), until_ms]).fetchall():
            found[at_ms].append(message)
        for at_ms, messages in found.items():
            tables = [from_message(message) for message in messages if message is not None]
            pairs = merge_pairs([PAIRS.empty_table(), *tables])
            is_whole = None not in messages and not pairs["key"].null_count
            self._panes[at_ms] = pairs.filter(pc.is_valid(pairs["key"])).unify_dictionaries().combine_chunks(), is_whole
        self._until_ms = until_ms

    @property
    def is_exact(self) -> bool:
        """Whether all pairs of the window are here."""
        return all(is_whole for _, is_whole in self._panes.values())

    def of(self, keys: Collection[str]) -> dict[str, Counter[str]]:
        """For each of these tags, the posts in which each other tag is too."""
        wanted = pa.array([*keys], pa.string())
        found: dict[str, Counter[str]] = {key: Counter() for key in keys}
        some = [_with(pairs, wanted) for pairs, _ in self._panes.values() if len(pairs)]
        if not some:
            return found
        pairs = merge_pairs([PAIRS.empty_table(), *some])
        for key, other, posts in _rows(pairs):
            if key in found:
                found[key][other] += posts
            if other in found:
                found[other][key] += posts
        return found


def _with(pairs: pa.Table, wanted: pa.Array) -> pa.Table:
    """The pairs of which at least one tag is wanted."""
    masks = []
    for name in ("key", "other"):
        coded = pairs[name].chunk(0)
        masks.append(pc.is_in(coded.dictionary, value_set=wanted).take(coded.indices))
    return pairs.filter(pc.or_(*masks))


def _rows(pairs: pa.Table) -> Iterable[tuple[str, str, int]]:
    columns = (pairs[name].to_pylist() for name in ("key", "other", "posts"))
    return zip(*columns, strict=True)
