"""The tables of the spool's file: create them, and convert those of an older format."""

import secrets
import sqlite3
import zlib

from ingest.posts.author_hash import SALT_BYTES
from ingest.spool.sqlite_guard import has_no_table, pragma, refuse_newer_format

#: The format of the file (SQLite's user_version).
FORMAT = 5
#: Files of these formats are converted when they are opened. 2 has one session for all sources. 3 has no columns. 4 has
#: no log of changes.
_PREVIOUS_FORMATS = (2, 3, 4)
# The columns that were added with format 4. A run of an older file has set 0: it has no columns (of Arrow).
_LOG_4 = ("salt BLOB NOT NULL DEFAULT x''", "salt_checksum INTEGER NOT NULL DEFAULT 0")
_RUNS_4 = (
    "column_set INTEGER NOT NULL DEFAULT 0",
    "columns_checksum INTEGER NOT NULL DEFAULT 0",
    "columns BLOB NOT NULL DEFAULT x''",
)
_LOG_5 = ("changes_end INTEGER NOT NULL DEFAULT 0",)
# moved_runs: the content of a run that did not fit into its row any more after a post was changed (see rewrite.py).
# `filler` is in the pages that rows share, so that no text is.
_TABLES_5 = """
CREATE TABLE changes (
  number INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, steady_ms INTEGER NOT NULL, checksum INTEGER NOT NULL,
  entry BLOB NOT NULL
);
CREATE TABLE moved_runs (
  first INTEGER PRIMARY KEY, filler BLOB NOT NULL, column_set INTEGER NOT NULL, columns_checksum INTEGER NOT NULL,
  checksum INTEGER NOT NULL, columns BLOB NOT NULL, bytes BLOB NOT NULL, padding BLOB NOT NULL
)
"""
#: The runs as they are now, a table for FROM. To measure a run by its sizes, SQLite need not read it.
STORED_RUNS = """(
  SELECT runs.first AS first, count, at_ms, steady_ms,
    coalesce(moved_runs.column_set, runs.column_set) AS column_set,
    coalesce(moved_runs.columns_checksum, runs.columns_checksum) AS columns_checksum,
    coalesce(moved_runs.columns, runs.columns) AS columns,
    coalesce(moved_runs.checksum, runs.checksum) AS checksum,
    coalesce(moved_runs.bytes, runs.bytes) AS bytes,
    coalesce(length(moved_runs.columns), length(runs.columns)) AS columns_size,
    coalesce(length(moved_runs.bytes), length(runs.bytes)) AS lines_size,
    moved_runs.first IS NOT NULL AS is_moved
  FROM runs LEFT JOIN moved_runs ON moved_runs.first = runs.first
)"""
# The lines are the last column of a new file: SQLite would have to read through the lines to find a column behind them.
_SCHEMA = f"""
CREATE TABLE log (
  id TEXT NOT NULL, "end" INTEGER NOT NULL, acked INTEGER NOT NULL, trimmed_unread INTEGER NOT NULL,
  {", ".join(_LOG_4 + _LOG_5)}
);
CREATE TABLE sources (name TEXT PRIMARY KEY, checksum INTEGER NOT NULL, progress BLOB NOT NULL);
CREATE TABLE runs (
  first INTEGER PRIMARY KEY, count INTEGER NOT NULL, at_ms INTEGER NOT NULL, steady_ms INTEGER NOT NULL,
  checksum INTEGER NOT NULL, {", ".join(_RUNS_4)}, bytes BLOB NOT NULL
);
{_TABLES_5}"""


def prepare(db: sqlite3.Connection) -> None:
    """Create the tables of a new file, or convert those of an older format, in one transaction."""
    if has_no_table(db):
        db.execute("BEGIN IMMEDIATE")
        _execute_all(db, _SCHEMA)
        db.execute('INSERT INTO log (id, "end", acked, trimmed_unread) VALUES (?, 0, 0, 0)', (secrets.token_hex(8),))
        _add_salt(db)
    elif pragma(db, "user_version") in _PREVIOUS_FORMATS:
        db.execute("BEGIN IMMEDIATE")
        _upgrade(db)
    else:
        return
    db.execute(f"PRAGMA user_version = {FORMAT}")
    db.execute("COMMIT")
    # What earlier versions had trimmed is still in free pages.
    db.executescript("PRAGMA incremental_vacuum")


def _upgrade(db: sqlite3.Connection) -> None:
    """Drop the one session for all sources, which each source has in its progress now; add what newer formats have."""
    if _has_one_session(db):
        for column in ("session", "session_first", "finished"):
            db.execute(f"ALTER TABLE log DROP COLUMN {column}")
    if not _has_column(db, "salt"):
        _add_columns(db, "log", _LOG_4)
        _add_columns(db, "runs", _RUNS_4)
        _add_salt(db)
    _add_columns(db, "log", _LOG_5)
    _execute_all(db, _TABLES_5)


def _add_columns(db: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> None:
    for column in columns:
        db.execute(f"ALTER TABLE {table} ADD COLUMN {column}")


def _execute_all(db: sqlite3.Connection, statements: str) -> None:
    for statement in statements.split(";"):
        db.execute(statement)


def _add_salt(db: sqlite3.Connection) -> None:
    salt = secrets.token_bytes(SALT_BYTES)
    db.execute("UPDATE log SET salt = ?, salt_checksum = ?", (salt, zlib.crc32(salt)))


def format_fault(db: sqlite3.Connection) -> str | None:
    """Return why the file is none of a known format, or None.

    Raises:
        NewerFormatError: A newer version of ingest wrote the file.

    """
    version = pragma(db, "user_version")
    refuse_newer_format(db, FORMAT, "ingest", "log")
    return None if version == _format_of_tables(db) else f"its format is {version}, not {FORMAT}"


def _format_of_tables(db: sqlite3.Connection) -> int:
    if has_no_table(db):
        return 0
    if _has_one_session(db):
        return 2
    return FORMAT if _has_column(db, "changes_end") else 4 if _has_column(db, "salt") else 3


def _has_one_session(db: sqlite3.Connection) -> bool:
    """Return whether the file stores one session for all sources, as format 2 did."""
    return _has_column(db, "session")


def _has_column(db: sqlite3.Connection, name: str) -> bool:
    found = db.execute("SELECT count(*) FROM pragma_table_info('log') WHERE name = ?", (name,))
    return bool(found.fetchone()[0])
