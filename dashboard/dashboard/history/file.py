"""The SQLite file of the history: its schema, its checks, and the upgrade of older formats."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Any

from dashboard.history.alert_tables import STATEMENTS, require_whole_alerts
from dashboard.history.sqlite_guard import (
    file_fault,
    has_no_table,
    open_read_only,
    pragma,
    refuse_newer_format,
    structure_fault,
)

if TYPE_CHECKING:
    from pathlib import Path

#: A stored pane: `epoch`, `from_ms`, `to_ms`, `posts`, `top` as JSON, `kept_ms`, `window` as JSON or None, `rising` as
#: compressed JSON or None; then their checksum.
Row = tuple[Any, ...]

COLUMNS = "epoch, from_ms, to_ms, posts, top, kept_ms, window, rising, checksum"

_FORMAT = 4
#: By older format, the columns of `panes` that it lacks. All of them lack the tables of alerts.
_MISSING = {1: ("window", "rising"), 2: ("rising",), 3: ()}
_SCHEMA = """
CREATE TABLE panes (
    epoch INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL, posts INTEGER NOT NULL,
    kept_ms INTEGER NOT NULL, checksum INTEGER NOT NULL, top BLOB NOT NULL, window BLOB,
    rising BLOB,
    PRIMARY KEY (from_ms, epoch)
) WITHOUT ROWID
"""


class DamagedError(sqlite3.DatabaseError):
    """A row is damaged: its checksum is wrong."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def checksum(row: Row) -> int:
    """The checksum of a row, with or without one at its end."""
    # Rows of older formats have a checksum without the columns that were added later.
    length = 8
    while length > 6 and row[length - 1] is None:
        length -= 1
    return zlib.crc32(repr(row[:length]).encode())


def require_whole(rows: list[Row]) -> None:
    """Check the checksum of each row.

    Raises:
        DamagedError: A checksum is wrong.

    """
    for row in rows:
        if checksum(row) != row[8]:
            raise DamagedError("a stored pane is damaged")


def connect(path: Path) -> sqlite3.Connection:
    """Open the file for writing. It is made if it is missing, and upgraded if it is old.

    Raises:
        sqlite3.Error: It can't be opened or written.

    """
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        # Acknowledged panes and alerts are stored nowhere else.
        database.execute("PRAGMA synchronous=FULL")
        if has_no_table(database):
            _set_up(database, _SCHEMA, "CREATE INDEX panes_by_age ON panes (kept_ms)", *STATEMENTS)
        elif (missing := _MISSING.get(pragma(database, "user_version"))) is not None:
            _set_up(database, *(f"ALTER TABLE panes ADD COLUMN {column} BLOB" for column in missing), *STATEMENTS)
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


def fault(path: Path) -> str | None:
    """Why the file can't be used, or None. It reads the whole file and changes nothing.

    Raises:
        sqlite3.Error: It can't be read for another reason.

    """
    return file_fault(path, _fault)


def refuse_newer(path: Path) -> None:
    """Refuse a file of a newer version of the dashboard. Other problems are handled later.

    Raises:
        NewerFormatError: A newer version wrote it.

    """
    if not path.is_file():
        return
    with suppress(sqlite3.Error), closing(open_read_only(path)) as database:
        if pragma(database, "user_version") > _FORMAT:
            _fault(database)


def _fault(database: sqlite3.Connection) -> str | None:
    version = pragma(database, "user_version")
    if not version and has_no_table(database):
        return None
    refuse_newer_format(database, _FORMAT, "the dashboard", "history")
    if version not in {_FORMAT, *_MISSING}:
        return f"its format is {version}, not {_FORMAT}"
    found = structure_fault(database)
    if found is not None:
        return found
    columns = COLUMNS
    for column in _MISSING.get(version, ()):
        columns = columns.replace(column, "NULL")
    rows = database.execute(f"SELECT {columns} FROM panes")  # noqa: S608
    while some := rows.fetchmany(500):
        require_whole(some)
    if version == _FORMAT:
        require_whole_alerts(database)
    return None
