"""Closed panes of the last 24 hours, in an embedded file."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from dashboard.history import file as history_file
from dashboard.history.file import COLUMNS, Row, checksum, require_whole
from dashboard.history.pane_index import Counts, PaneIndex, PaneKey, tags_of
from dashboard.history.sqlite_guard import inodes, is_broken, set_aside, used_bytes
from dashboard.snapshots.fields import TimeMs
from dashboard.snapshots.schema import ClosedWindow, Named, Pane

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from dashboard.log_throttle import Throttle

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

#: How long a pane is kept.
KEPT_MS = 24 * 60 * 60 * 1000
MAX_PANES = 50_000
#: Panes and bytes kept at most; those that came first go first. A pane takes about 6 kB.
MAX_BYTES = 256 * 1024 * 1024
DROPPED_AT_ONCE = 500
#: Panes in one answer: an hour of the usual ten seconds.
MAX_PANES_READ = 360


_top_decoder = msgspec.json.Decoder(list[Named])
_window_decoder = msgspec.json.Decoder(ClosedWindow)


class HistoryAwayError(Exception):
    """The panes can't be read now; one sentence."""


class Panes(Struct, frozen=True):
    """Closed panes, oldest first."""

    panes: Annotated[list[Pane], Meta(description="The panes, oldest first.", max_length=MAX_PANES_READ)]
    next_from_ms: Annotated[
        TimeMs | None, Meta(description="Where the next request begins. Null if these are the last panes.")
    ]


class History:
    """Keeps closed panes; the same pane (`epoch`, `from_ms`) twice is kept once.

    A file that can't be read is set aside and a new one begun; one that can't be written is tried again with the next
    panes. A pane's age is the time since it came, not what it says of itself, so that a clock that was wrong costs
    nothing and leaves nothing behind: told by `monotonic_ms`; across a restart by `wall_ms`, if that has not fallen.
    """

    def __init__(
        self, directory: Path, wall_ms: Callable[[], int], monotonic_ms: Callable[[], int], throttle: Throttle
    ) -> None:
        self._path = directory / "history.sqlite"
        self._wall_ms = wall_ms
        self._monotonic_ms = monotonic_ms
        self._offset_ms = wall_ms() - monotonic_ms()
        self._throttle = throttle
        self._database: sqlite3.Connection | None = None
        self._index = PaneIndex()
        self._was_open = False
        self._inodes: list[tuple[int, int] | None] = []
        self._trouble: str | None = None
        self._happened: tuple[str, int] | None = None
        try:
            self._attempt(lambda _: None)
        except (sqlite3.Error, OSError) as error:
            self._note_trouble(error)

    @property
    def notice(self) -> str | None:
        """What an operator must know, as one sentence: it can't be written, or it begins later than 24 hours ago."""
        if self._trouble is None and self._happened and self._age_clock_ms() - self._happened[1] < KEPT_MS:
            return self._happened[0]
        return self._trouble

    def keep(self, panes: Sequence[Pane]) -> int | None:
        """Keep `panes`, all or none, and drop what is too old.

        Returns the greatest `to_ms` of `panes`, once they are on disk; None when there are none, or when they could
        not be written (a full disk): the sender then sends them again.
        """
        if not panes:
            return None
        try:
            self._attempt(lambda database: self._insert(database, panes))
        except (sqlite3.Error, OSError) as error:
            self._note_trouble(error)
            return None
        if self._trouble is not None:
            logger.info("the history is written again")
            self._trouble = None
        return max(pane.to_ms for pane in panes)

    def read(self, from_ms: int, to_ms: int) -> Panes:
        """The panes that overlap [`from_ms`, `to_ms`), oldest first, at most MAX_PANES_READ.

        A page never ends between two epochs of one pane, so that reading on from `next_from_ms` misses none.
        Raises HistoryAwayError.
        """
        where = "to_ms > ? AND from_ms < ? AND kept_ms > ? ORDER BY from_ms, epoch LIMIT ?"
        rows = self._read(where, (from_ms, to_ms, self._age_clock_ms() - KEPT_MS, MAX_PANES_READ + 1))
        next_from_ms = None
        if len(rows) > MAX_PANES_READ:
            next_from_ms = rows[-1][1]
            rows = [row for row in rows if row[1] < next_from_ms]
        return Panes([_pane(row) for row in rows], next_from_ms)

    def pane(self, key: PaneKey) -> Pane | None:
        """One kept pane. Raises HistoryAwayError."""
        rows = self._read("from_ms = ? AND epoch = ? AND kept_ms > ?", (*key, self._age_clock_ms() - KEPT_MS))
        return _pane(rows[0]) if rows else None

    def index(self) -> PaneIndex:
        """What the kept panes say, in short. Raises HistoryAwayError."""
        self._reading(lambda _: None)
        self._index.forget_until(self._age_clock_ms() - KEPT_MS)
        return self._index

    def close(self) -> None:
        """Close the file."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _attempt(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """The result of `work`; if the file turns out to be broken, with a new one."""
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
            raise HistoryAwayError(f"The history can't be read: {_in_words(error)}.") from error

    def _read(self, where: str, parameters: tuple[int, ...]) -> list[Row]:
        def select(database: sqlite3.Connection) -> list[Row]:
            rows = database.execute(f"SELECT {COLUMNS} FROM panes WHERE {where}", parameters).fetchall()  # noqa: S608
            require_whole(rows)
            return rows

        return self._reading(select)

    def _insert(self, database: sqlite3.Connection, panes: Sequence[Pane]) -> None:
        now_ms = self._age_clock_ms()
        rows = [_row(pane, now_ms) for pane in panes]
        with database:
            # A pane that comes again is one that the job had to correct.
            database.executemany(
                f"INSERT OR REPLACE INTO panes ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
                [(*row, checksum(row)) for row in rows],
            )
            database.execute("DELETE FROM panes WHERE kept_ms <= ?", (now_ms - KEPT_MS,))
            surplus = _drop_surplus(database)
        self._index.add(
            Counts(p.epoch, p.from_ms, p.to_ms, p.posts, tags_of(p.top), p.window is not None, now_ms) for p in panes
        )
        self._index.remove(surplus)
        self._index.forget_until(now_ms - KEPT_MS)

    def _ready(self) -> sqlite3.Connection:
        """The open file, which stands where the next start will look for it. Raises sqlite3.Error and OSError."""
        if self._database is not None and inodes(self._path) != self._inodes:
            self.close()
            self._happen("the history was removed while it was in use: a new one was begun")
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
            self._happen("the history was gone: a new one was begun")
        database = history_file.connect(self._path)
        try:
            if not has_begun:
                begun.write_text("begun\n", encoding="ascii")
            (last_ms,) = database.execute("SELECT coalesce(max(kept_ms), 0) FROM panes").fetchone()
            self._index = _load_index(self._path)
        except (sqlite3.Error, OSError):
            database.close()
            raise
        self._offset_ms += max(0, last_ms - self._age_clock_ms())
        self._was_open = True
        return database

    def _set_aside(self, fault: str) -> None:
        aside = set_aside(self._path, self._wall_ms())
        self._happen(f"the history was broken ({fault}): it was set aside as {aside}, and a new one was begun")

    def _happen(self, sentence: str) -> None:
        self._happened = (sentence, self._age_clock_ms())
        logger.warning("%s", sentence)

    def _note_trouble(self, error: Exception) -> None:
        self._trouble = f"the history can't be written, and the job keeps the panes: {_in_words(error)}"
        if self._throttle.allows("history"):
            logger.warning("%s", self._trouble)

    def _age_clock_ms(self) -> int:
        return self._offset_ms + self._monotonic_ms()


def _in_words(error: Exception) -> str:
    """What is wrong, without the number that the system has for it."""
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error)


def _row(pane: Pane, kept_ms: int) -> Row:
    top = msgspec.json.encode(pane.top)
    window = None if pane.window is None else msgspec.json.encode(pane.window)
    return pane.epoch, pane.from_ms, pane.to_ms, pane.posts, top, kept_ms, window


def _pane(row: Row) -> Pane:
    epoch, from_ms, to_ms, posts, top, _, window, _ = row
    ended_window = None if window is None else _window_decoder.decode(window)
    return Pane(epoch, from_ms, to_ms, posts, _top_decoder.decode(top), ended_window)


def _load_index(path: Path) -> PaneIndex:
    index = PaneIndex()
    query = "SELECT epoch, from_ms, to_ms, posts, top, window IS NOT NULL, kept_ms FROM panes ORDER BY kept_ms, from_ms"
    # A connection of its own, which leaves no pages of a day in the cache of the other.
    with closing(sqlite3.connect(path)) as database:
        for epoch, from_ms, to_ms, posts, top, has_window, kept_ms in database.execute(query):
            tags = tags_of(_top_decoder.decode(top))
            index.add([Counts(epoch, from_ms, to_ms, posts, tags, bool(has_window), kept_ms)])
    return index


def _drop_surplus(database: sqlite3.Connection) -> list[PaneKey]:
    """Drop those that came first, where there are too many or too large ones; which."""
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
