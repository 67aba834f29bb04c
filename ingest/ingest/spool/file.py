"""The file of the spool: made, checked at each start, and set aside when it is broken."""

import logging
import secrets
import sqlite3
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ingest.spool.lock import Last
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
#: Free pages are given back to the disk when there are this many bytes of them; until then new posts reuse them.
VACUUM_BYTES = 16 * 2**20

_FORMAT = 3
#: Is made into the present one when it is opened.
_FORMAT_BEFORE = 2
# What is small stands before the lines: SQLite would have to read all of them to find what is behind.
_SCHEMA = """
CREATE TABLE log (
  id TEXT NOT NULL, "end" INTEGER NOT NULL, acked INTEGER NOT NULL, trimmed_unread INTEGER NOT NULL
);
CREATE TABLE sources (name TEXT PRIMARY KEY, checksum INTEGER NOT NULL, progress BLOB NOT NULL);
CREATE TABLE runs (
  first INTEGER PRIMARY KEY, count INTEGER NOT NULL, at_ms INTEGER NOT NULL, steady_ms INTEGER NOT NULL,
  checksum INTEGER NOT NULL, bytes BLOB NOT NULL
);
"""
logger = logging.getLogger(__name__)


class SpoolBrokenError(Exception):
    """The file is broken and can't be used any further; the next start sets it aside. One sentence."""


@contextmanager
def breakage() -> Iterator[None]:
    """Turn what SQLite says of a broken file into SpoolBrokenError; its other errors pass."""
    try:
        yield
    except sqlite3.Error as error:
        if is_broken(error):
            raise SpoolBrokenError(f"the spool is broken: {error}") from error
        raise


def run_checksum(first: int, count: int, lines: bytes) -> int:
    """Return the checksum of a run."""
    return zlib.crc32(lines, zlib.crc32(b"%d %d" % (first, count)))


def insert_run(db: sqlite3.Connection, first: int, count: int, stamps_ms: tuple[int, int], lines: bytes) -> None:
    """Put a run behind the last one; `stamps_ms`: its `at_ms`, and the time by which its age is told."""
    run = (first, count, *stamps_ms, run_checksum(first, count, lines), lines)
    db.execute("INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)", run)
    db.execute('UPDATE log SET "end" = ?', (first + count,))


def write_progress(db: sqlite3.Connection, progress: Mapping[str, bytes]) -> None:
    """Replace the progress of these sources."""
    rows = [(name, _progress_checksum(name.encode(), stored), stored) for name, stored in progress.items()]
    db.executemany("REPLACE INTO sources VALUES (?, ?, ?)", rows)


def give_back(db: sqlite3.Connection) -> None:
    """Give free space back to the disk if there is much of it."""
    if pragma(db, "freelist_count") * PAGE_BYTES > VACUUM_BYTES:
        with breakage():
            # It frees a page each time it is stepped, and execute steps once.
            db.executescript("PRAGMA incremental_vacuum")


def _progress_checksum(name: bytes, progress: bytes) -> int:
    return zlib.crc32(progress, zlib.crc32(name))


def open_file(path: Path, last: Last | None, now_ms: int) -> tuple[sqlite3.Connection, str | None]:
    """Open the spool at `path` for writing, or begin one; also return what an operator must know of it, or None.

    A broken one is set aside as `<name>.broken-<now_ms>`. One that ends before `last` gets another log id: its next
    posts will have offsets under which others were read.

    Raises:
        sqlite3.Error: it can't be opened or made (the disk is full, no permission).
        OSError: it can't be set aside.
        NewerFormatError: a newer version of ingest wrote it.

    """
    fault = _fault(path)
    aside = None if fault is None else set_aside(path, now_ms)
    db = _connect(path)
    log, end = db.execute('SELECT id, "end" FROM log').fetchone()
    notice = None
    if aside is not None:
        notice = f"the spool was broken ({fault}): it was set aside as {aside}, and a new one was begun"
    elif last is not None and log != last.log and not end:
        notice = f"the spool was gone, which had come to post {last.end}: a new one was begun"
    elif last is not None and log == last.log and end < last.end:
        db.execute("UPDATE log SET id = ?", (secrets.token_hex(8),))
        notice = f"the spool fell back from post {last.end} to {end}: it goes on as a new log"
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
            db.execute("INSERT INTO log VALUES (?, 0, 0, 0)", (secrets.token_hex(8),))
            db.execute(f"PRAGMA user_version = {_FORMAT}")
            db.execute("COMMIT")
        elif pragma(db, "user_version") == _FORMAT_BEFORE:
            _upgrade(db)
    except BaseException:
        db.close()
        raise
    return db


def _upgrade(db: sqlite3.Connection) -> None:
    """Drop what the format before kept of one session for all sources; each source keeps its own in its progress."""
    db.execute("BEGIN IMMEDIATE")
    for column in ("session", "session_first", "finished"):
        db.execute(f"ALTER TABLE log DROP COLUMN {column}")
    db.execute(f"PRAGMA user_version = {_FORMAT}")
    db.execute("COMMIT")


def _fault(path: Path) -> str | None:
    """Return why the spool at `path` can't be used, or None; nothing is changed.

    Reads the whole file. At 1 GiB that takes 0.1 to 0.4 s, or as long as the disk needs where it isn't in memory (7 s
    at 150 MB/s). What the runs hold is checked when it is read, by its checksum.
    """
    return file_fault(path, lambda db: _format_fault(db) or structure_fault(db) or _content_fault(db))


def _format_fault(db: sqlite3.Connection) -> str | None:
    version = pragma(db, "user_version")
    refuse_newer_format(db, _FORMAT, "ingest", "log")
    known = version == (_FORMAT_BEFORE if _has_one_session(db) else _FORMAT)
    return None if known or (version == 0 and has_no_table(db)) else f"its format is {version}, not {_FORMAT}"


def _has_one_session(db: sqlite3.Connection) -> bool:
    """Say whether it keeps one session for all sources, as the format before did."""
    return bool(db.execute("SELECT count(*) FROM pragma_table_info('log') WHERE name = 'session'").fetchone()[0])


def _content_fault(db: sqlite3.Connection) -> str | None:
    """Hold the tables against each other."""
    if has_no_table(db):
        return None
    rows = db.execute(
        """SELECT "end" FROM log WHERE length(id) = 16 AND id NOT GLOB '*[^0-9a-f]*' AND acked BETWEEN 0 AND "end"
        AND trimmed_unread BETWEEN 0 AND "end" """
    ).fetchall()
    if len(rows) != 1:
        return "its marks contradict each other"
    end = rows[0][0]
    for name, expected, progress in db.execute("SELECT CAST(name AS BLOB), checksum, progress FROM sources"):
        if expected != _progress_checksum(name, progress):
            return "the progress of a source is damaged"
    behind = None
    for first, count in db.execute("SELECT first, count FROM runs ORDER BY first"):
        if count < 1 or behind not in {None, first}:
            return f"its run at {first} is not where it should be"
        behind = first + count
    return None if behind in {None, end} else f"its runs end at {behind}, and the log at {end}"
