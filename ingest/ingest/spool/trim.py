"""Delete posts and changes that the spool need not store any more, has no room for, or can't read."""

import sqlite3
from dataclasses import replace

from ingest.spool.changes import DamagedChangeError, discard_changes, trim_changes
from ingest.spool.file import delete_runs
from ingest.spool.marks import Marks
from ingest.spool.reader import UnreadableError
from ingest.spool.sqlite_guard import used_bytes

#: A change stays for so long, however short posts are stored: readers request changes every second.
LEAST_CHANGE_AGE_MS = 60_000
#: The time of the first run that is not acknowledged as a whole.
UNREAD = """
SELECT steady_ms FROM runs
WHERE first >= coalesce((SELECT max(first) FROM runs WHERE first <= $acked), 0) AND first + count > $acked
ORDER BY first LIMIT 1
"""


def trim_old(db: sqlite3.Connection, marks: Marks, now_ms: int, max_age_ms: int | None, max_changes: int) -> Marks:
    """Delete old acknowledged runs and old changes within a transaction; return the new marks.

    Args:
        db: The spool.
        marks: The present marks.
        now_ms: The present `steady_ms`.
        max_age_ms: How long they stay; None: delete all acknowledged runs and all changes.
        max_changes: The most changes that stay.

    """
    horizon_ms = now_ms - (max_age_ms or 0)
    change_horizon_ms = now_ms if max_age_ms is None else _change_horizon_ms(db, marks.acked, now_ms, max_age_ms)
    first = marks.first
    for run_first, count, steady_ms in db.execute("SELECT first, count, steady_ms FROM runs ORDER BY 1"):
        if steady_ms > horizon_ms or run_first + count > marks.acked:
            break
        first = run_first + count
    if first > marks.first:
        delete_runs(db, first)
    return replace(marks, first=first, first_change=trim_changes(db, change_horizon_ms, max_changes))


def _change_horizon_ms(db: sqlite3.Connection, acked: int, now_ms: int, max_age_ms: int) -> int:
    """The `steady_ms` up to which nobody needs changes any more.

    Who counts posts needs all changes of posts that are not counted yet. None of these is older than its post.
    """
    horizon_ms = now_ms - max(max_age_ms, LEAST_CHANGE_AGE_MS)
    unread = db.execute(UNREAD, {"acked": acked}).fetchone()
    return min(horizon_ms, unread[0] - 1) if unread else horizon_ms


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
