"""Closed panes of the last 24 hours, in an embedded file."""

from __future__ import annotations

import fcntl
import json
import logging
import os
import sqlite3
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dashboard.snapshot import Pane

log = logging.getLogger(__name__)

KEPT_MS = 24 * 60 * 60 * 1000
"""How long a pane is kept after its end."""
MAX_PANES = 50_000
"""Panes kept at most, whatever their length; the oldest go first. About 3 kB each."""
MAX_PANES_READ = 360
"""Panes in one answer: an hour of the usual ten seconds."""
MAX_TIME_MS = 2**63 - 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS panes (
    epoch INTEGER NOT NULL, from_ms INTEGER NOT NULL, to_ms INTEGER NOT NULL,
    posts INTEGER NOT NULL, top TEXT NOT NULL,
    PRIMARY KEY (from_ms, epoch)
) WITHOUT ROWID
"""


class HistoryBusyError(Exception):
    """Another dashboard uses the same directory."""


def claim(directory: Path) -> int:
    """Make `directory` and lock it for this process and its children; the lock goes with the process.

    Returns the descriptor that holds the lock. Raises HistoryBusyError when another process has it, and
    OSError when the directory can't be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise HistoryBusyError(str(directory)) from error
    return descriptor


@dataclass(frozen=True)
class Page:
    """Panes in order of time. `next_from_ms`: where to go on reading, None at the end."""

    panes: list[dict[str, Any]]
    next_from_ms: int | None


class History:
    """Keeps closed panes; the same pane (`epoch`, `from_ms`) twice is kept once.

    The file is disposable: one that can't be read is set aside and a new one begun. `clock` tells milliseconds
    since 1970.
    """

    def __init__(self, directory: Path, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._path = directory / "history.sqlite"
        directory.mkdir(parents=True, exist_ok=True)
        try:
            self._database = self._open()
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            aside = self._path.with_suffix(f".broken-{clock()}")
            self._path.rename(aside)
            log.warning("the history could not be read (%s): set aside as %s, begun anew", error, aside.name)
            self._database = self._open()

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self._path)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=NORMAL")
            with database:
                database.execute(_SCHEMA)
                database.execute("SELECT count(*) FROM panes").fetchone()
        except sqlite3.DatabaseError:
            database.close()
            raise
        return database

    def keep(self, panes: Sequence[Pane]) -> int | None:
        """Keep `panes`, all or none, and drop what is too old.

        Returns the greatest `to_ms` of `panes`, once they are kept; None when there are none, or when they could
        not be written (a full disk): the sender then sends them again. A pane older than 24 hours counts as kept.
        """
        if not panes:
            return None
        rows = [(p.epoch, p.from_ms, p.to_ms, p.posts, msgspec.json.encode(p.top).decode()) for p in panes]
        try:
            with self._database:
                self._database.executemany("INSERT OR IGNORE INTO panes VALUES (?, ?, ?, ?, ?)", rows)
                self._database.execute("DELETE FROM panes WHERE to_ms <= ?", (self._clock() - KEPT_MS,))
                self._drop_surplus()
        except sqlite3.Error as error:
            log.warning("%d panes could not be kept, the job will send them again: %s", len(panes), error)
            return None
        return max(pane.to_ms for pane in panes)

    def _drop_surplus(self) -> None:
        (held,) = self._database.execute("SELECT count(*) FROM panes").fetchone()
        if held > MAX_PANES:
            self._database.execute(
                "DELETE FROM panes WHERE (from_ms, epoch) IN"
                " (SELECT from_ms, epoch FROM panes ORDER BY from_ms, epoch LIMIT ?)",
                (held - MAX_PANES,),
            )

    def read(self, from_ms: int, to_ms: int) -> Page:
        """The panes that overlap [`from_ms`, `to_ms`), oldest first, at most MAX_PANES_READ.

        A page never ends between two epochs of one pane, so that reading on from `next_from_ms` misses none.
        """
        rows = self._database.execute(
            "SELECT epoch, from_ms, to_ms, posts, top FROM panes WHERE to_ms > ? AND from_ms < ?"
            " ORDER BY from_ms, epoch LIMIT ?",
            (from_ms, to_ms, MAX_PANES_READ + 1),
        ).fetchall()
        next_from_ms = None
        if len(rows) > MAX_PANES_READ:
            next_from_ms = rows[-1][1]
            rows = [row for row in rows if row[1] < next_from_ms]
        names = ("epoch", "from_ms", "to_ms", "posts")
        panes = [{**dict(zip(names, row[:4], strict=True)), "top": json.loads(row[4])} for row in rows]
        return Page(panes, next_from_ms)

    def close(self) -> None:
        """Close the file."""
        self._database.close()
