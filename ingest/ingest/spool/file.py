"""The SQLite file of the spool: create it, check it at each start, rename it when it is broken."""

import logging
import secrets
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ingest.posts.author_hash import SALT_BYTES
from ingest.posts.columns import COLUMN_SET
from ingest.spool.changes import changes_fault
from ingest.spool.lock import LastLog
from ingest.spool.schema import FORMAT, STORED_RUNS, format_fault, prepare
from ingest.spool.sqlite_guard import (
    file_fault,
    has_no_table,
    is_broken,
    pragma,
    set_aside,
    structure_fault,
)

PAGE_BYTES = 16 * 1024
#: When the write-ahead log is this long, its commits are written into the file. A longer one needs more room on a disk
#: that was full, and ingest then waits for good.
CHECKPOINT_BYTES = 4 * 2**20
#: When more bytes than this are free in the file, they are returned to the disk; until then new posts reuse them.
VACUUM_BYTES = 16 * 2**20

#: Files of this format and later ones have a salt.
FIRST_WITH_SALT = 4

logger = logging.getLogger(__name__)


class SpoolBrokenError(Exception):
    """The file is broken and can't be used any more; the next start renames it. The text is one sentence."""


@contextmanager
def breakage() -> Iterator[None]:
    """Raise SpoolBrokenError in place of SQLite's errors about a broken file; other errors pass."""
    try:
        yield
    except sqlite3.Error as error:
        if is_broken(error):
            raise SpoolBrokenError(f"the spool is broken: {error}") from error
        raise


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Commit what is done within; an error rolls it back.

    Raises:
        SpoolBrokenError: The file is broken.

    """
    with breakage():
        db.execute("BEGIN IMMEDIATE")
        try:
            yield
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def run_checksum(first: int, count: int, lines: bytes) -> int:
    """Return the checksum of a run."""
    return zlib.crc32(lines, zlib.crc32(b"%d %d" % (first, count)))


def columns_checksum(first: int, count: int, columns: bytes) -> int:
    """Return the checksum of the columns of a run."""
    return zlib.crc32(columns, zlib.crc32(b"%d %d columns %d" % (first, count, COLUMN_SET)))


def insert_run(
    db: sqlite3.Connection, first: int, count: int, stamps_ms: tuple[int, int], lines: bytes, columns: bytes = b""
) -> None:
    """Append a run.

    Args:
        db: The spool.
        first: The offset of its first post.
        count: The number of its posts.
        stamps_ms: Its `at_ms`, and its `steady_ms`, by which its age is measured.
        lines: Its lines.
        columns: Its columns; empty: they are made from the lines whenever they are read.

    """
    kept = (COLUMN_SET, columns_checksum(first, count, columns), columns) if columns else (0, 0, b"")
    db.execute(
        "INSERT INTO runs (first, count, at_ms, steady_ms, checksum, column_set, columns_checksum, columns, bytes)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (first, count, *stamps_ms, run_checksum(first, count, lines), *kept, lines),
    )
    db.execute('UPDATE log SET "end" = ?', (first + count,))


def remove_columns(db: sqlite3.Connection, first: int) -> None:
    """Remove the columns of the run that starts at `first`. From now on they are made from its lines."""
    for table in ("runs", "moved_runs"):
        # A row of another size would be moved to another place of the file.
        db.execute(
            f"UPDATE {table} SET column_set = 0, columns_checksum = 0, columns = zeroblob(length(columns))"  # noqa: S608
            " WHERE first = ?",
            (first,),
        )


def delete_runs(db: sqlite3.Connection, end: int) -> None:
    """Delete all runs before the one that starts at `end`."""
    for table in ("runs", "moved_runs"):
        db.execute(f"DELETE FROM {table} WHERE first < ?", (end,))  # noqa: S608


def truncate_write_ahead_log(db: sqlite3.Connection) -> bool:
    """Write all commits into the file, and empty the write-ahead log, which holds older content of the pages.

    Returns:
        False if a reader, perhaps of another program, did not let it happen.

    """
    with breakage():
        return not db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]


def read_salt(db: sqlite3.Connection) -> bytes:
    """Return the salt of the hashes of authors."""
    return bytes(db.execute("SELECT salt FROM log").fetchone()[0])


def write_progress(db: sqlite3.Connection, progress: Mapping[str, bytes]) -> None:
    """Replace the progress of these sources."""
    rows = [(name, _progress_checksum(name.encode(), stored), stored) for name, stored in progress.items()]
    db.executemany("REPLACE INTO sources VALUES (?, ?, ?)", rows)


def return_free_pages(db: sqlite3.Connection) -> None:
    """Return free pages to the disk if there are many of them."""
    if pragma(db, "freelist_count") * PAGE_BYTES > VACUUM_BYTES:
        with breakage():
            # The statement frees one page per step, and execute makes only one step.
            db.executescript("PRAGMA incremental_vacuum")


def _progress_checksum(name: bytes, progress: bytes) -> int:
    return zlib.crc32(progress, zlib.crc32(name))


def open_file(path: Path, last: LastLog | None, now_ms: int) -> tuple[sqlite3.Connection, str | None]:
    """Open the spool at `path` for writing, or create one.

    A broken file is renamed to `<name>.broken-<now_ms>`. A file that ends before `last` gets a new log id, because its
    next posts will have offsets under which readers have already read other posts.

    Args:
        path: The file of the spool.
        last: The id and end of the log that the lock file notes; None if it notes none.
        now_ms: Milliseconds since 1970 UTC, for the name of a broken file.

    Returns:
        The connection, and one sentence for the operator if something was wrong, else None.

    Raises:
        sqlite3.Error: The file can't be opened or created (the disk is full, no permission).
        OSError: A broken file can't be renamed.
        NewerFormatError: A newer version of ingest wrote the file.

    """
    fault = _fault(path)
    aside = None if fault is None else set_aside(path, now_ms)
    db = _connect(path)
    log, end = db.execute('SELECT id, "end" FROM log').fetchone()
    notice = None
    if aside is not None:
        notice = f"the spool was broken ({fault}): it was renamed to {aside}, and a new spool was created"
    elif last is not None and log != last.log and not end:
        notice = f"the spool, which ended at post {last.end}, is missing: a new spool was created"
    elif last is not None and log == last.log and end < last.end:
        db.execute("UPDATE log SET id = ?", (secrets.token_hex(8),))
        notice = f"the spool lost its posts from {end} to {last.end}: it continues as a new log"
    if notice is not None:
        logger.warning("%s", notice)
    return db, notice


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute(f"PRAGMA page_size = {PAGE_BYTES}")
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_BYTES // PAGE_BYTES}")
        # What is deleted is overwritten: nothing of a post stays in the file.
        db.execute("PRAGMA secure_delete = ON")
        db.execute("PRAGMA temp_store = MEMORY")
        prepare(db)
    except BaseException:
        db.close()
        raise
    return db


def _fault(path: Path) -> str | None:
    """Return why the spool at `path` can't be used, or None; the file is not changed.

    Reads the whole file. For 1 GiB that takes 0.1 to 0.4 s if the file is in the page cache, else as long as the disk
    needs (7 s at 150 MB/s). The lines of a run are checked when they are read, by their checksum.
    """
    return file_fault(path, lambda db: format_fault(db) or structure_fault(db) or _content_fault(db))


def _content_fault(db: sqlite3.Connection) -> str | None:
    """Return how the tables contradict each other, or None."""
    if has_no_table(db):
        return None
    rows = db.execute(
        """SELECT "end" FROM log WHERE length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*' AND acked BETWEEN 0 AND "end"
        AND trimmed_unread BETWEEN 0 AND "end" """
    ).fetchall()
    if len(rows) != 1:
        return "its marks contradict each other"
    end = rows[0][0]
    if pragma(db, "user_version") >= FIRST_WITH_SALT:
        salt, expected = db.execute("SELECT salt, salt_checksum FROM log").fetchone()
        if len(salt) != SALT_BYTES or zlib.crc32(salt) != expected:
            return "the salt of its hashes is damaged"
    for name, expected, progress in db.execute("SELECT CAST(name AS BLOB), checksum, progress FROM sources"):
        if expected != _progress_checksum(name, progress):
            return "the progress of a source is damaged"
    return _runs_fault(db, end) or (changes_fault(db) if pragma(db, "user_version") == FORMAT else None)


def _runs_fault(db: sqlite3.Connection, end: int) -> str | None:
    """Return how the runs contradict each other, or the end of the log, or None."""
    if pragma(db, "user_version") == FORMAT:
        # Names all columns, one of which may be damaged.
        db.execute(f"SELECT * FROM {STORED_RUNS} LIMIT 0")  # noqa: S608
    behind = None
    for first, count in db.execute("SELECT first, count FROM runs ORDER BY first"):
        if count < 1 or behind not in {None, first}:
            return f"its run at {first} is not where it should be"
        behind = first + count
    return None if behind in {None, end} else f"its runs end at {behind}, and the log at {end}"
