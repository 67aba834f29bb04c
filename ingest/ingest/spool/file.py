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
from ingest.spool.lock import LastLog
from ingest.spool.sqlite_guard import (
    file_fault,
    has_no_table,
    is_broken,
    pragma,
    refuse_newer_format,
    set_aside,
    structure_fault,
)

PAGE_BYTES = 16 * 1024
#: When more bytes than this are free in the file, they are returned to the disk; until then new posts reuse them.
VACUUM_BYTES = 16 * 2**20

#: The format of the file (SQLite's user_version).
FORMAT = 4
#: Files of these formats are converted when they are opened. 2 has one session for all sources. 3 has no columns.
_PREVIOUS_FORMATS = (2, 3)
# The columns that were added with format 4. A run of an older file has set 0: it has no columns (of Arrow).
_LOG_4 = ("salt BLOB NOT NULL DEFAULT x''", "salt_checksum INTEGER NOT NULL DEFAULT 0")
_RUNS_4 = (
    "column_set INTEGER NOT NULL DEFAULT 0",
    "columns_checksum INTEGER NOT NULL DEFAULT 0",
    "columns BLOB NOT NULL DEFAULT x''",
)
# The lines are the last column of a new file: SQLite would have to read through the lines to find a column behind them.
_SCHEMA = f"""
CREATE TABLE log (
  id TEXT NOT NULL, "end" INTEGER NOT NULL, acked INTEGER NOT NULL, trimmed_unread INTEGER NOT NULL, {", ".join(_LOG_4)}
);
CREATE TABLE sources (name TEXT PRIMARY KEY, checksum INTEGER NOT NULL, progress BLOB NOT NULL);
CREATE TABLE runs (
  first INTEGER PRIMARY KEY, count INTEGER NOT NULL, at_ms INTEGER NOT NULL, steady_ms INTEGER NOT NULL,
  checksum INTEGER NOT NULL, {", ".join(_RUNS_4)}, bytes BLOB NOT NULL
);
"""
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
    db.execute("UPDATE runs SET column_set = 0, columns_checksum = 0, columns = x'' WHERE first = ?", (first,))


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
        db.execute("PRAGMA wal_autocheckpoint = 512")
        if has_no_table(db):
            db.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            db.execute(
                'INSERT INTO log (id, "end", acked, trimmed_unread) VALUES (?, 0, 0, 0)', (secrets.token_hex(8),)
            )
            _add_salt(db)
            db.execute(f"PRAGMA user_version = {FORMAT}")
            db.execute("COMMIT")
        elif pragma(db, "user_version") in _PREVIOUS_FORMATS:
            _upgrade(db)
    except BaseException:
        db.close()
        raise
    return db


def _upgrade(db: sqlite3.Connection) -> None:
    """Drop the one session for all sources, which each source has in its progress now; add the columns of format 4."""
    db.execute("BEGIN IMMEDIATE")
    if _has_one_session(db):
        for column in ("session", "session_first", "finished"):
            db.execute(f"ALTER TABLE log DROP COLUMN {column}")
    for table, columns in (("log", _LOG_4), ("runs", _RUNS_4)):
        for column in columns:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")
    _add_salt(db)
    db.execute(f"PRAGMA user_version = {FORMAT}")
    db.execute("COMMIT")


def _add_salt(db: sqlite3.Connection) -> None:
    salt = secrets.token_bytes(SALT_BYTES)
    db.execute("UPDATE log SET salt = ?, salt_checksum = ?", (salt, zlib.crc32(salt)))


def _fault(path: Path) -> str | None:
    """Return why the spool at `path` can't be used, or None; the file is not changed.

    Reads the whole file. For 1 GiB that takes 0.1 to 0.4 s if the file is in the page cache, else as long as the disk
    needs (7 s at 150 MB/s). The lines of a run are checked when they are read, by their checksum.
    """
    return file_fault(path, lambda db: _format_fault(db) or structure_fault(db) or _content_fault(db))


def _format_fault(db: sqlite3.Connection) -> str | None:
    version = pragma(db, "user_version")
    refuse_newer_format(db, FORMAT, "ingest", "log")
    known = version == (2 if _has_one_session(db) else FORMAT if _has_column(db, "salt") else 3)
    return None if known or (version == 0 and has_no_table(db)) else f"its format is {version}, not {FORMAT}"


def _has_one_session(db: sqlite3.Connection) -> bool:
    """Return whether the file stores one session for all sources, as format 2 did."""
    return _has_column(db, "session")


def _has_column(db: sqlite3.Connection, name: str) -> bool:
    found = db.execute("SELECT count(*) FROM pragma_table_info('log') WHERE name = ?", (name,))
    return bool(found.fetchone()[0])


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
    if pragma(db, "user_version") == FORMAT:
        salt, expected = db.execute("SELECT salt, salt_checksum FROM log").fetchone()
        if len(salt) != SALT_BYTES or zlib.crc32(salt) != expected:
            return "the salt of its hashes is damaged"
    for name, expected, progress in db.execute("SELECT CAST(name AS BLOB), checksum, progress FROM sources"):
        if expected != _progress_checksum(name, progress):
            return "the progress of a source is damaged"
    behind = None
    for first, count in db.execute("SELECT first, count FROM runs ORDER BY first"):
        if count < 1 or behind not in {None, first}:
            return f"its run at {first} is not where it should be"
        behind = first + count
    return None if behind in {None, end} else f"its runs end at {behind}, and the log at {end}"
