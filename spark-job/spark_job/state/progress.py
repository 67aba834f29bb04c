"""The position of counting, and what one micro-batch adds to it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import duckdb

from spark_job.alerts import stored_state as alerts


@dataclass(frozen=True, slots=True)
class Progress:
    """The position of counting. `next_offset` is the first offset that is not counted.

    `lost`: posts that were not counted. `skipped` of them could not be read; ingest had trimmed the others.
    `next_change`: the first entry of the log of changes that is not counted; `from_offset`: where the panes begin.
    `late`: posts of a topic that came after their pane had closed, and were counted in the open one. The offsets of a
    topic are sums of the offsets of all partitions; `positions.py` has each of them.
    """

    epoch: int
    log: str
    next_offset: int
    since_ms: int
    reason: str
    posts: int
    lost: int
    last_at_ms: int
    closed_until_ms: int
    pane_ms: int
    dropped_tags: int
    dropped_posts: int
    skipped: int
    next_change: int = 0
    from_offset: int = 0
    late: int = 0


#: The columns of the table `progress`, in the order of the fields.
PROGRESS_COLUMNS = ", ".join(field.name for field in fields(Progress))
#: The tables that are empty when an epoch begins.
COUNTED_TABLES = (
    *("progress", "open_counts", "pane_counts", "totals", "total_sources"),
    *("open_uses", "pane_uses", "taken_back", "pane_pairs"),
)
#: The tables that are empty when panes begin again.
PANE_TABLES = ("pane_counts", "pane_uses", "taken_back", "pane_pairs")
BEGIN_EPOCH = """
INSERT INTO progress (epoch, log, next_offset, from_offset, since_ms, reason, pane_ms,
  posts, lost, last_at_ms, closed_until_ms, dropped_tags, dropped_posts, skipped, next_change, late)
VALUES ($epoch, $log, $offset, $offset, $since_ms, $reason, $pane_ms, 0, 0, 0, 0, 0, 0, 0, 0, 0)
"""
#: A micro-batch: the next offset, posts, lost and skipped ones, the time of its last post, and late ones.
ADD_BATCH = """
UPDATE progress SET next_offset = ?, posts = posts + ?, lost = lost + ?, skipped = skipped + ?, last_at_ms = ?,
  late = late + ?
"""
BEGIN_WINDOW = """
UPDATE progress SET epoch = epoch + 1, reason = ?, last_at_ms = 0, closed_until_ms = 0, from_offset = next_offset
"""


def write_epoch(db: duckdb.DuckDBPyConnection, epoch: int, log: str, begins: tuple[int, int, int], reason: str) -> None:
    """Delete all counts, and write the position at the beginning of an epoch.

    `begins`: the offset, the time of now, and the length of a pane.
    """
    _delete(db, COUNTED_TABLES)
    db.execute(alerts.BEGIN_EPOCH)
    numbers = dict(zip(("offset", "since_ms", "pane_ms"), begins, strict=True))
    db.execute(BEGIN_EPOCH, {"epoch": epoch, "log": log, "reason": reason} | numbers)


def write_window(db: duckdb.DuckDBPyConnection, reason: str) -> None:
    """Delete the counts of the panes, and write a new epoch at the same position."""
    _delete(db, PANE_TABLES)
    db.execute(alerts.BEGIN_EPOCH)
    db.execute(BEGIN_WINDOW, [reason])


def _delete(db: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
    for table in tables:
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Span:
    """The offsets `first` … `last` of a micro-batch, its counted posts, and the time of the last one."""

    first: int
    last: int
    posts: int
    last_at_ms: int
    skipped: int = 0
