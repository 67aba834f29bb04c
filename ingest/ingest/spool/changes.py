"""The log of changes: which stored posts were deleted or edited, by number."""

import sqlite3
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from ingest.posts.change import Change

#: Most changes, and about the most bytes, of one response.
MAX_READ_CHANGES = 10_000
MAX_READ_BYTES = 16 * 2**20
#: The log of changes has at most one entry for so many bytes of the spool's bound.
BYTES_PER_CHANGE = 4096


class ChangeRange(NamedTuple):
    """Entries of the log of changes: their lines, from number `first` on."""

    first: int
    lines: list[bytes]


class DamagedChangeError(Exception):
    """The checksum of an entry is wrong. `end` is the number behind it."""

    def __init__(self, number: int) -> None:
        super().__init__(f"the change {number} is damaged on disk")
        self.end = number + 1


def changes_end(db: sqlite3.Connection) -> int:
    """Return the number of the next change."""
    return int(db.execute("SELECT changes_end FROM log").fetchone()[0])


def first_change(db: sqlite3.Connection) -> int:
    """Return the number of the oldest stored change."""
    found = db.execute("SELECT coalesce((SELECT min(number) FROM changes), (SELECT changes_end FROM log))")
    return int(found.fetchone()[0])


def trim_changes(db: sqlite3.Connection, horizon_ms: int, max_changes: int) -> int:
    """Delete changes that are older than `horizon_ms`, or too many; return the number of the oldest stored one."""
    first, end = first_change(db), changes_end(db)
    left = max(first, end - max_changes)
    for number, steady_ms in db.execute("SELECT number, steady_ms FROM changes WHERE number >= ? ORDER BY 1", (left,)):
        if steady_ms > horizon_ms:
            break
        left = number + 1
    if left > first:
        discard_changes(db, left)
    return left


def discard_changes(db: sqlite3.Connection, end: int) -> None:
    """Delete all changes before number `end`."""
    db.execute("DELETE FROM changes WHERE number < ?", (end,))


def read_changes(query: Callable[[str, Any], list[tuple[Any, ...]]], start: int, end: int) -> ChangeRange:
    """Return the stored changes from number `start` to before `end`, as many as fit into one response.

    Args:
        query: Executes a statement and returns all rows.
        start: The first wanted number.
        end: The number behind the last wanted one.

    Raises:
        DamagedChangeError: One of them is damaged.

    """
    first = max(start, query("SELECT coalesce((SELECT min(number) FROM changes), changes_end) FROM log", ())[0][0])
    lines: list[bytes] = []
    size = 0
    while size < MAX_READ_BYTES and len(lines) < MAX_READ_CHANGES:
        rows = query(
            "SELECT number, checksum, entry FROM changes WHERE number >= ? AND number < ? ORDER BY number LIMIT 100",
            (first + len(lines), end),
        )
        for number, checksum, entry in rows:
            # A damaged row may have another type, too.
            if not isinstance(entry, bytes) or _checksum(number, entry) != checksum:
                raise DamagedChangeError(number)
            if number != first + len(lines):
                # They were trimmed since the first number was read.
                return ChangeRange(first, lines) if lines else read_changes(query, start, end)
            lines.append(entry)
            size += len(entry)
        if len(rows) < 100:
            break
    return ChangeRange(first, lines[:MAX_READ_CHANGES])


def changes_fault(db: sqlite3.Connection) -> str | None:
    """Return how the log of changes contradicts itself, or None."""
    # Names its columns, too, one of which may be damaged.
    db.execute("SELECT number, at_ms, steady_ms, checksum, entry FROM changes LIMIT 0")
    least, most, count = db.execute("SELECT min(number), max(number), count(*) FROM changes").fetchone()
    if count and (most - least + 1 != count or most + 1 != changes_end(db)):
        return "its log of changes has a gap"
    return None


def append_change(db: sqlite3.Connection, change: Change, stamps_ms: tuple[int, int]) -> None:
    """Append an entry, with its `at_ms` and its `steady_ms`; `changes_end` of the table `log` is not set here."""
    entry = change.encode()
    db.execute(
        "INSERT INTO changes VALUES (?, ?, ?, ?, ?)",
        (change.number, *stamps_ms, _checksum(change.number, entry), entry),
    )


def _checksum(number: int, entry: bytes) -> int:
    return zlib.crc32(entry, zlib.crc32(b"change %d" % number))
