"""Checks of an SQLite file, so that a damaged one is noticed and set aside, and never used or deleted unread.

ingest and the dashboard have the same text of this file, because services share no code. A test compares the bytes.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: The suffixes of the files of one database: itself, its write-ahead log, its shared memory.
SUFFIXES = ("", "-wal", "-shm")
#: A format number up to this much greater is of a newer version. A number beyond is damage.
NEWER_FORMATS = 1000
#: The error codes for a file whose content is not as it was written, or can't be read from the disk.
BROKEN_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
BROKEN_EXTENDED_CODES = {sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ}


class NewerFormatError(OSError):
    """A newer version of the service wrote the file, which is left as it is. Its text is one sentence that helps."""


def is_broken(error: BaseException) -> bool:
    """Whether `error` means that the file is damaged. A full disk or a missing permission does not."""
    code = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF in BROKEN_CODES or code in BROKEN_EXTENDED_CODES


def pragma(db: sqlite3.Connection, name: str) -> int:
    """The value of a pragma that is a number."""
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def has_no_table(db: sqlite3.Connection) -> bool:
    """Whether the file has no table yet: a start that was killed may leave such a file."""
    return not db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]


def used_bytes(db: sqlite3.Connection) -> int:
    """How many bytes of the file are in use."""
    return (pragma(db, "page_count") - pragma(db, "freelist_count")) * pragma(db, "page_size")


def inodes(path: Path) -> list[tuple[int, int] | None]:
    """Device and inode of the file and of its write-ahead log; None where there is no file."""
    return [_inode(path.with_name(path.name + suffix)) for suffix in SUFFIXES[:2]]


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def refuse_newer_format(db: sqlite3.Connection, newest: int, service: str, store: str) -> None:
    """Check the format number of the file.

    Args:
        db: The open file.
        newest: The newest format that this version knows.
        service: The service, as the sentence names it.
        store: What the file holds, as the sentence names it.

    Raises:
        NewerFormatError: The number is that of a newer version.

    """
    version = pragma(db, "user_version")
    if newest < version < newest + NEWER_FORMATS:
        raise NewerFormatError(
            f"its format is {version}, and this version of {service} knows {newest} at most."
            f" Run the newer version, or move the file away to begin a new {store}"
        )


def structure_fault(db: sqlite3.Connection) -> str | None:
    """What SQLite's own check finds wrong, or None."""
    found = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    return None if found == "ok" else " ".join(found.removeprefix("*** in database main ***").split())


def open_read_only(path: Path) -> sqlite3.Connection:
    """Open the file for reading. To close it leaves the write-ahead log as it is.

    Raises:
        sqlite3.Error: It can't be opened.

    """
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def file_fault(path: Path, find: Callable[[sqlite3.Connection], str | None]) -> str | None:
    """Why the file can't be used, or None; it changes nothing.

    Args:
        path: The file. One that is missing or empty has no fault.
        find: Finds a fault of the open file.

    Raises:
        sqlite3.Error: The file can't be read, and not because it is damaged.
        NewerFormatError: `find` raised it.

    """
    if not path.exists() or not path.stat().st_size:
        return None
    with closing(open_read_only(path)) as db:
        try:
            return find(db)
        except sqlite3.Error as error:
            # A missing table or column is SQLITE_ERROR.
            if is_broken(error) or getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_ERROR:
                return str(error)
            raise


def set_aside(path: Path, now_ms: int) -> str:
    """Rename the file and what belongs to it, and return the new name.

    Files that were set aside before are removed, so that the disk does not fill up.

    Raises:
        OSError: The files can't be renamed or removed.

    """
    for old in path.parent.glob(f"{path.name}.broken-*"):
        old.unlink()
    name = f"{path.name}.broken-{now_ms}"
    for suffix in SUFFIXES:
        file = path.with_name(path.name + suffix)
        if file.exists():
            file.rename(path.with_name(name + suffix))
    return name


def lock_folder(folder: Path) -> int:
    """Make `folder` and lock it for this process and its children. The lock ends with the process.

    Returns:
        The descriptor of the locked file `lock`, open for reading and writing.

    Raises:
        BlockingIOError: Another process has the lock.
        OSError: The folder can't be made or written.

    """
    folder.mkdir(parents=True, exist_ok=True)
    # It holds people's posts or counts. A folder of an earlier version may be open to other users.
    folder.chmod(0o700)
    descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
