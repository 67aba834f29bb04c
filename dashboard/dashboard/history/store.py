"""Store the closed panes of the last 24 hours in an SQLite file."""

from __future__ import annotations

import logging
import sqlite3
from typing import TYPE_CHECKING, Annotated, TypeVar

from msgspec import Meta, Struct

from dashboard.history import file as history_file
from dashboard.history.alert_tables import insert_rises
from dashboard.history.file import COLUMNS, Row, require_whole
from dashboard.history.pane_index import PaneIndex, PaneKey
from dashboard.history.rows import counts_of, insert, load_index, pane_of
from dashboard.history.sqlite_guard import inodes, is_broken, set_aside, used_bytes
from dashboard.snapshots.fields import TimeMs
from dashboard.snapshots.mute_list import MuteList
from dashboard.snapshots.schema import Pane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dashboard.log_throttle import Throttle

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

#: How long a pane is stored.
RETENTION_MS = 24 * 60 * 60 * 1000
MAX_PANES = 50_000
#: The most bytes. Above it, or above MAX_PANES, the panes that arrived first are deleted. A pane takes about 9 kB.
MAX_BYTES = 256 * 1024 * 1024
DROPPED_AT_ONCE = 500
#: The most panes in one response: an hour of panes of ten seconds.
MAX_PANES_READ = 360


class HistoryAwayError(Exception):
    """The panes can't be read now. Its text is one sentence."""


class Panes(Struct, frozen=True):
    """Closed panes, oldest first."""

    panes: Annotated[list[Pane], Meta(description="The panes, oldest first.", max_length=MAX_PANES_READ)]
    next_from_ms: Annotated[
        TimeMs | None, Meta(description="Where the next request begins. Null if these are the last panes.")
    ]


class History:
    """Stores closed panes. A pane (`epoch`, `from_ms`) that comes twice is stored once.

    A damaged file is set aside, and a new one is made. If the file can't be written, the next panes are another try.
    The age of a pane is the time since it arrived, not the time in the pane, so a wrong clock does no harm. The age is
    counted by `monotonic_ms`, and across a restart by `wall_ms`, if that was not set back.
    """

    def __init__(
        self,
        directory: Path,
        wall_ms: Callable[[], int],
        monotonic_ms: Callable[[], int],
        throttle: Throttle,
        muted: MuteList | None = None,
    ) -> None:
        """`muted`: the tags that are stored and not shown."""
        self._muted = muted or MuteList()
        self._path = directory / "history.sqlite"
        self._wall_ms = wall_ms
        self._monotonic_ms = monotonic_ms
        self._offset_ms = wall_ms() - monotonic_ms()
        self._throttle = throttle
        self._database: sqlite3.Connection | None = None
        self._index = PaneIndex()
        self._was_open = False
        self._inodes: list[tuple[int, int] | None] = []
        self._write_error: str | None = None
        self._incident: tuple[str, int] | None = None
        try:
            self._attempt(lambda _: None)
        except (sqlite3.Error, OSError) as error:
            self._note_write_error(error)

    @property
    def notice(self) -> str | None:
        """One sentence for the operator if the file can't be written, or begins less than 24 hours ago. Else None."""
        if self._write_error is None and self._incident and self.now_ms() - self._incident[1] < RETENTION_MS:
            return self._incident[0]
        return self._write_error

    def store(self, panes: Sequence[Pane]) -> int | None:
        """Store all of `panes` or none, and delete old ones.

        Returns:
            The greatest `to_ms` of `panes` when they are on disk. None if there are none, or if they can't be written
            (a full disk): the sender then sends them again.

        """
        if not panes:
            return None
        try:
            self._attempt(lambda database: self._insert(database, panes))
        except (sqlite3.Error, OSError) as error:
            self._note_write_error(error)
            return None
        if self._write_error is not None:
            logger.info("the history is written again")
            self._write_error = None
        return max(pane.to_ms for pane in panes)

    def read(self, from_ms: int, to_ms: int) -> Panes:
        """The panes that overlap [`from_ms`, `to_ms`) without muted tags, oldest first, at most MAX_PANES_READ.

        A response never ends between two epochs of one pane, so a request from `next_from_ms` misses none.

        Raises:
            HistoryAwayError: They can't be read.

        """
        where = "to_ms > ? AND from_ms < ? AND kept_ms > ? ORDER BY from_ms, epoch LIMIT ?"
        rows = self._read(where, (from_ms, to_ms, self.now_ms() - RETENTION_MS, MAX_PANES_READ + 1))
        next_from_ms = None
        if len(rows) > MAX_PANES_READ:
            next_from_ms = rows[-1][1]
            rows = [row for row in rows if row[1] < next_from_ms]
        return Panes([self._muted.shown_pane(pane_of(row)) for row in rows], next_from_ms)

    def pane(self, key: PaneKey) -> Pane | None:
        """One stored pane without muted tags, or None.

        Raises:
            HistoryAwayError: It can't be read.

        """
        rows = self._read("from_ms = ? AND epoch = ? AND kept_ms > ?", (*key, self.now_ms() - RETENTION_MS))
        return self._muted.shown_pane(pane_of(rows[0])) if rows else None

    def query(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """What `work` reads from the file.

        Raises:
            HistoryAwayError: It can't be read.

        """
        return self._reading(work)

    def write(self, work: Callable[[sqlite3.Connection, int], Result]) -> Result:
        """The result of `work`, which gets the time of `now_ms`, in one transaction that is on disk then.

        Raises:
            HistoryAwayError: The file can't be written. Nothing of `work` is stored.

        """

        def transaction(database: sqlite3.Connection) -> Result:
            with database:
                return work(database, self.now_ms())

        try:
            return self._attempt(transaction)
        except (sqlite3.Error, OSError) as error:
            self._note_write_error(error)
            raise HistoryAwayError(f"The history can't be written: {_reason(error)}.") from error

    def now_ms(self) -> int:
        """The time by which stored rows have their age: it goes on across restarts and is never set back."""
        return self._offset_ms + self._monotonic_ms()

    def index(self) -> PaneIndex:
        """The index of the stored panes. It has muted tags too.

        Raises:
            HistoryAwayError: The file can't be read.

        """
        self._reading(lambda _: None)
        self._index.forget_until(self.now_ms() - RETENTION_MS)
        return self._index

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _attempt(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """The result of `work`. If the file is damaged, it is set aside, and `work` runs with a new one."""
        try:
            return work(self._ready())
        except sqlite3.DatabaseError as error:
            if not is_broken(error):
                raise
            self.close()
            self._set_aside(str(error))
            return work(self._ready())

    def _reading(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            return self._attempt(work)
        except (sqlite3.Error, OSError) as error:
            raise HistoryAwayError(f"The history can't be read: {_reason(error)}.") from error

    def _read(self, where: str, parameters: tuple[int, ...]) -> list[Row]:
        def select(database: sqlite3.Connection) -> list[Row]:
            rows = database.execute(f"SELECT {COLUMNS} FROM panes WHERE {where}", parameters).fetchall()  # noqa: S608
            require_whole(rows)
            return rows

        return self._reading(select)

    def _insert(self, database: sqlite3.Connection, panes: Sequence[Pane]) -> None:
        now_ms = self.now_ms()
        with database:
            for pane in panes:
                insert(database, pane, now_ms)
            insert_rises(database, panes, now_ms)
            database.execute("DELETE FROM panes WHERE kept_ms <= ?", (now_ms - RETENTION_MS,))
            surplus = _drop_surplus(database)
        self._index.add(counts_of(pane, now_ms) for pane in panes)
        self._index.remove(surplus)
        self._index.forget_until(now_ms - RETENTION_MS)

    def _ready(self) -> sqlite3.Connection:
        """The open file, still at its path.

        Raises:
            sqlite3.Error: It can't be opened.
            OSError: It can't be opened.

        """
        if self._database is not None and inodes(self._path) != self._inodes:
            self.close()
            self._note_incident("the history was removed while it was in use: a new one was begun")
        if self._database is None:
            self._database = self._open()
            self._inodes = inodes(self._path)
        return self._database

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fault = history_file.fault(self._path)
        if fault is not None:
            self._set_aside(fault)
        begun = self._path.with_name("lock")
        has_begun = begun.exists() and begun.stat().st_size
        if fault is None and has_begun and not self._was_open and not self._path.exists():
            self._note_incident("the history was gone: a new one was begun")
        database = history_file.connect(self._path)
        try:
            if not has_begun:
                begun.write_text("begun\n", encoding="ascii")
            last = (
                "SELECT max((SELECT ifnull(max(kept_ms), 0) FROM panes), (SELECT ifnull(max(kept_ms), 0) FROM alerts))"
            )
            (last_ms,) = database.execute(last).fetchone()
            self._index = load_index(self._path)
        except (sqlite3.Error, OSError):
            database.close()
            raise
        self._offset_ms += max(0, last_ms - self.now_ms())
        self._was_open = True
        return database

    def _set_aside(self, fault: str) -> None:
        aside = set_aside(self._path, self._wall_ms())
        self._note_incident(f"the history was broken ({fault}): it was set aside as {aside}, and a new one was begun")

    def _note_incident(self, sentence: str) -> None:
        self._incident = (sentence, self.now_ms())
        logger.warning("%s", sentence)

    def _note_write_error(self, error: Exception) -> None:
        self._write_error = f"the history can't be written; the job sends the panes again later: {_reason(error)}"
        if self._throttle.allows("history"):
            logger.warning("%s", self._write_error)


def _reason(error: Exception) -> str:
    """The error without its number."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _drop_surplus(database: sqlite3.Connection) -> list[PaneKey]:
    """Delete the panes that arrived first, if there are too many or too large ones, and return their keys."""
    dropped: list[PaneKey] = []
    (held,) = database.execute("SELECT count(*) FROM panes").fetchone()
    surplus = held - MAX_PANES
    while surplus > 0 or used_bytes(database) > MAX_BYTES:
        dropped += database.execute(
            "DELETE FROM panes WHERE (from_ms, epoch) IN"
            " (SELECT from_ms, epoch FROM panes ORDER BY kept_ms, from_ms, epoch LIMIT ?) RETURNING from_ms, epoch",
            (surplus if surplus > 0 else DROPPED_AT_ONCE,),
        ).fetchall()
        surplus = 0
    return dropped
