"""The position of counting, and what one micro-batch adds to it."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Progress:
    """The position of counting. `next_offset` is the first offset that is not counted.

    `lost`: posts that were not counted. `skipped` of them could not be read; ingest had trimmed the others.
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


#: The columns of the table `progress`, in the order of the fields.
PROGRESS_COLUMNS = ", ".join(field.name for field in fields(Progress))
#: The tables that are empty when an epoch begins.
COUNTED_TABLES = ("progress", "open_counts", "pane_counts", "totals", "total_sources", "open_uses", "pane_uses")
BEGIN_EPOCH = """
INSERT INTO progress (epoch, log, next_offset, since_ms, reason, pane_ms,
  posts, lost, last_at_ms, closed_until_ms, dropped_tags, dropped_posts, skipped)
VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0)
"""


@dataclass(frozen=True, slots=True)
class Span:
    """The offsets `first` … `last` of a micro-batch, its counted posts, and the time of the last one."""

    first: int
    last: int
    posts: int
    last_at_ms: int
    skipped: int = 0
