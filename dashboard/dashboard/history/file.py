"""The file of the history: made, checked when it is opened, and set aside when it is broken."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Row = tuple[Any, ...]
"""A pane as it is kept: `epoch`, `from_ms`, `to_ms`, `posts`, `top` as JSON, `kept_ms`, `window` as JSON or None; then
their checksum.
"""

COLUMNS = "epoch, from_ms, to_ms, posts, top, kept_ms, window, checksum"

_FORMAT = 2
_NEWER_FORMATS = 1000
"""Formats that may come; a greater number is no format but a damage."""
_BEFORE_WINDOWS = 1
"""The format of files whose panes have no window."""
_SCHEMA = """
CREATE TABLE panes (
    epoch INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, posts INTEGER NOT NULL,
    kept_ms INTEGER NOT NULL, checksum INTEGER NOT NULL, top BLOB NOT NULL, window BLOB,
    PRIMARY KEY (from_ms, epoch)
) WITHOUT ROWID
"""
_PARTS = ("", "-wal", "-shm")
_BROKEN_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_BROKEN_EXTENDED_CODES = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}


class NewerFormatError(OSError):
    """A newer version of the dashboard wrote the file: it is left as it is. One sentence that says what helps."""


class DamagedError(sqlite3.DatabaseError):
    """A row is not as it was written."""


def is_broken(error: Exception) -> bool:
    """Whether `error` tells of a broken file, and not of a full disk or the like."""
    code = getattr(error, "sqlite_errorcode", 0)
    return isinstance(error, DamagedError) or code & 0xFF in _BROKEN_CODES or code in _BROKEN_EXTENDED_CODES


def checksum(row: Row) -> int:
    """The checksum of a row, with or without one at its end."""
    # Rows of before there were windows keep theirs.
    return zlib.crc32(repr(row[:6] if row[6] is None else row[:7]).encode())


def require_whole(rows: list[Row]) -> None:
    """Raise DamagedError unless every row ends with its own checksum."""
    for row in rows:
        if checksum(row) != row[7]:
            raise DamagedError("a pane is not as it was written")


def connect(path: Path) -> sqlite3.Connection:
    """The file, open for writing; made if it is missing, upgraded if it is old. Raises sqlite3.Error."""
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        # What is acknowledged is kept nowhere else.
        database.execute("PRAGMA synchronous=FULL")
        if not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            _set_up(database, _SCHEMA, "CREATE INDEX panes_by_age ON panes (kept_ms)")
        elif _format(database) == _BEFORE_WINDOWS:
            _set_up(database, "ALTER TABLE panes ADD COLUMN window BLOB")
    except BaseException:
        database.close()
        raise
    return database


def _set_up(database: sqlite3.Connection, *statements: str) -> None:
    with database:
        database.execute("BEGIN IMMEDIATE")
        for statement in statements:
            database.execute(statement)
        database.execute(f"PRAGMA user_version = {_FORMAT}")


def _format(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def fault(path: Path) -> str | None:
    """Why the file can't be used, or None; reads all of it and changes nothing. Raises sqlite3.Error, if it can't be
    opened for another reason.
    """
    if not path.exists() or not path.stat().st_size:
        return None
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        try:
            return _fault(database)
        except sqlite3.Error as error:
            # A column or table that is not there is SQLITE_ERROR.
            if is_broken(error) or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR:
                return str(error)
            raise


def refuse_newer(path: Path) -> None:
    """Raise NewerFormatError if a newer version of the dashboard wrote the file. Other trouble is met later."""
    if not path.is_file():
        return
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        if _format(database) > _FORMAT:
            _fault(database)


def _fault(database: sqlite3.Connection) -> str | None:
    version = _format(database)
    if not version and not database.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
        return None
    if _FORMAT < version < _FORMAT + _NEWER_FORMATS:
        raise NewerFormatError(
            f"its format is {version}, and this version of the dashboard knows {_FORMAT} at most."
            " Run the newer version, or move the file away to begin a new history"
        )
    if version not in {_FORMAT, _BEFORE_WINDOWS}:
        return f"its format is {version}, not {_FORMAT}"
    said = str(database.execute("PRAGMA quick_check(1)").fetchone()[0])
    if said != "ok":
        return " ".join(said.removeprefix("*** in database main ***").split())
    columns = COLUMNS if version == _FORMAT else COLUMNS.replace("window", "NULL")
    rows = database.execute(f"SELECT {columns} FROM panes")  # noqa: S608
    while some := rows.fetchmany(500):
        require_whole(some)
    return None


def set_aside(path: Path, now_ms: int) -> str:
    """Rename the file and what belongs to it, and remove those set aside before; the new name. Raises OSError."""
    for old in path.parent.glob(f"{path.name}.broken-*"):
        old.unlink()
    aside = f"{path.name}.broken-{now_ms}"
    for part in _PARTS:
        file = path.with_name(path.name + part)
        if file.exists():
            file.rename(path.with_name(aside + part))
    return aside


def used_bytes(database: sqlite3.Connection) -> int:
    """How much of the file is in use."""
    pages, free, size = (
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def inodes(path: Path) -> list[tuple[int, int] | None]:
    """Which files stand under the names of the history and of its write-ahead log; None: no file."""
    return [_inode(path.with_name(path.name + part)) for part in _PARTS[:2]]


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        facts = path.stat()
    except FileNotFoundError:
        return None
    return facts.st_dev, facts.st_ino
