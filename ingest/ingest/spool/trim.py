"""Delete posts and changes that the spool need not store any more, has no room for, or can't read."""

import sqlite3
from dataclasses import replace

from ingest.spool.changes import DamagedChangeError, discard_changes, trim_changes
from ingest.spool.file import delete_runs
from ingest.spool.marks import Marks
from ingest.spool.reader import UnreadableError
from ingest.spool.sqlite_guard import used_bytes


def trim_old(db: sqlite3.Connection, marks: Marks, horizon_ms: int, max_changes: int) -> Marks:
    """Delete acknowledged runs and changes that are older than a time, within a transaction; return the new marks.

    Args:
        db: The spool.
        marks: The present marks.
        horizon_ms: The time, a `steady_ms`.
        max_changes: The most changes that stay.

    """
    first = marks.first
    for run_first, count, steady_ms in db.execute("SELECT first, count, steady_ms FROM runs ORDER BY 1"):
        if steady_ms > horizon_ms or run_first + count > marks.acked:
            break
        first = run_first + count
    if first > marks.first:
        delete_runs(db, first)
    return replace(marks, first=first, first_change=trim_changes(db, horizon_ms, max_changes))


def trim_to_fit(db: sqlite3.Connection, marks: Marks, most_bytes: int) -> Marks:
    """Delete the oldest runs until the file uses at most so many bytes, within a transaction; return the new marks."""
    first, unread = marks.first, marks.trimmed_unread
    while first < marks.end and used_bytes(db) > most_bytes:
        count = db.execute("SELECT count FROM runs WHERE first = ?", (first,)).fetchone()[0]
        delete_runs(db, first + count)
        unread += max(0, first + count - max(first, marks.acked))
        first += count
    if unread > marks.trimmed_unread:
        _write_unread(db, unread)
    return replace(marks, first=first, trimmed_unread=unread)


def discard(db: sqlite3.Connection, marks: Marks, damage: UnreadableError | DamagedChangeError) -> Marks:
    """Delete a damaged run or change and all before it, within a transaction; return the new marks."""
    if isinstance(damage, DamagedChangeError):
        discard_changes(db, damage.end)
        return replace(marks, first_change=max(marks.first_change, damage.end))
    if damage.end <= marks.first:
        return marks
    unread = marks.trimmed_unread + max(0, damage.end - max(marks.first, marks.acked))
    delete_runs(db, damage.end)
    _write_unread(db, unread)
    return replace(marks, first=damage.end, trimmed_unread=unread)


def notice(before: Marks, after: Marks, damage: UnreadableError | DamagedChangeError) -> str:
    """Return one sentence for the operator about what was deleted."""
    if isinstance(damage, DamagedChangeError):
        return f"{damage}: all changes before {damage.end} were deleted"
    unread = after.trimmed_unread - before.trimmed_unread
    return f"{damage}: all posts before {damage.end} were deleted, {unread} of them unread"


def _write_unread(db: sqlite3.Connection, unread: int) -> None:
    db.execute("UPDATE log SET trimmed_unread = ?", (unread,))
