"""Rewrite the lines of posts that were deleted or edited, so that nothing of the old text stays in the file.

A line is overwritten at its place: with `secure_delete`, SQLite then writes the changed pages only, and zeros what it
frees. A row that grows is different. SQLite may move the rows beside it to another page, and a copy of them can stay in
the room between rows, where nobody would find it when one of their posts is deleted. So a run that needs more room
moves into a table whose rows have all content in pages of their own.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from ingest.posts.change import StoredPost, WantedChange, changed_line
from ingest.posts.columns import COLUMN_SET, NoColumnsError, columns_of_lines
from ingest.posts.post_hashes import PostHashes
from ingest.spool.file import PAGE_BYTES, columns_checksum, run_checksum
from ingest.spool.reader import UnreadableError
from ingest.spool.schema import STORED_RUNS

# SQLite stores the beginning of a long row in a page that rows share (sqlite.org/fileformat2.html, "B-tree Cell
# Format"): of a row of P bytes, M + (P - M) % (U - 4) bytes, if that fits into a page. The filler has that length.
_FILLER_BYTES = 4096
_LEAST_LOCAL_BYTES = (PAGE_BYTES - 12) * 32 // 255 - 23
_LOCAL_STEP_BYTES = PAGE_BYTES - 4
#: Bytes of the header of a row, at most; the padding leaves room for them.
_HEADER_BYTES = 64


_FIELDS = "count, column_set, columns_checksum, columns, bytes, is_moved"


class _Run(NamedTuple):
    posts: int
    column_set: int
    columns_checksum: int
    columns: bytes
    lines: bytes
    is_moved: bool


def rewrite_run(
    db: sqlite3.Connection, first: int, wanted: Sequence[WantedChange], at_ms: int, hashes: PostHashes
) -> list[StoredPost | None]:
    """Change posts of the run that starts at `first`, within a transaction.

    Args:
        db: The spool.
        first: The offset of its first post.
        wanted: The changes, in order.
        at_ms: Their time.
        hashes: Makes the columns of a run that has none. They stay, because counts must not depend on the moment at
            which the job reads.

    Returns:
        For each change the post as it is now, None if it changes nothing.

    Raises:
        UnreadableError: The run is damaged.

    """
    run = _read(db, first)
    lines = run.lines.split(b"\n")
    posts: list[StoredPost | None] = []
    for each in wanted:
        changed = changed_line(lines[each.offset - first], each, at_ms)
        if changed is not None:
            lines[each.offset - first] = changed[0]
        posts.append(changed[1] if changed else None)
    if any(posts):
        _write(db, first, run, _columns(first, run, hashes), b"\n".join(lines))
    return posts


def overwrite_run(db: sqlite3.Connection, first: int) -> None:
    """Overwrite the lines of a damaged run with zeros, within a transaction. It stays damaged."""
    for table in ("runs", "moved_runs"):
        db.execute(f"UPDATE {table} SET bytes = zeroblob(length(bytes)) WHERE first = ?", (first,))  # noqa: S608


def _read(db: sqlite3.Connection, first: int) -> _Run:
    checksum, *fields = db.execute(
        f"SELECT checksum, {_FIELDS} FROM {STORED_RUNS} WHERE first = ?",  # noqa: S608
        (first,),
    ).fetchone()
    run = _Run(*fields)
    if run_checksum(first, run.posts, run.lines) != checksum:
        raise UnreadableError(first, first + run.posts)
    return run


def _columns(first: int, run: _Run, hashes: PostHashes) -> bytes:
    """Return the columns of the run as it is before the change; empty if there can be none."""
    if run.column_set == COLUMN_SET and columns_checksum(first, run.posts, run.columns) == run.columns_checksum:
        return run.columns
    try:
        return columns_of_lines(run.lines, first, run.posts, hashes)
    except NoColumnsError:
        return b""


def _write(db: sqlite3.Connection, first: int, run: _Run, columns: bytes, lines: bytes) -> None:
    checksum = run_checksum(first, run.posts, lines)
    if len(lines) == len(run.lines) and columns == run.columns:
        table = "moved_runs" if run.is_moved else "runs"
        db.execute(f"UPDATE {table} SET checksum = ?, bytes = ? WHERE first = ?", (checksum, lines, first))  # noqa: S608
        return
    db.execute("UPDATE runs SET bytes = zeroblob(length(bytes)) WHERE first = ?", (first,))
    db.execute("DELETE FROM moved_runs WHERE first = ?", (first,))
    of_columns = (COLUMN_SET, columns_checksum(first, run.posts, columns)) if columns else (0, 0)
    size = _FILLER_BYTES + len(columns) + len(lines) + _HEADER_BYTES
    padding = (_LEAST_LOCAL_BYTES + 2 * _HEADER_BYTES - size) % _LOCAL_STEP_BYTES
    db.execute(
        "INSERT INTO moved_runs VALUES (?, zeroblob(?), ?, ?, ?, ?, ?, zeroblob(?))",
        (first, _FILLER_BYTES, *of_columns, checksum, columns, lines, padding),
    )
