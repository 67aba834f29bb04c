"""Panes as rows of the history's file, and the index that is made from them."""

from __future__ import annotations

import sqlite3
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import msgspec

from dashboard.history.file import COLUMNS, Row, checksum
from dashboard.history.pane_index import Counts, PaneIndex, tags_of
from dashboard.snapshots.rising_schema import Rising
from dashboard.snapshots.schema import ClosedWindow, Named, Pane

if TYPE_CHECKING:
    from pathlib import Path

_top_decoder = msgspec.json.Decoder(list[Named])
_window_decoder = msgspec.json.Decoder(ClosedWindow)
_rising_decoder = msgspec.json.Decoder(Rising)


def insert(database: sqlite3.Connection, pane: Pane, kept_ms: int) -> None:
    """Write a pane. One that comes again was corrected by the job, which sends its list of rising tags only once."""
    rising = _stored_rising(database, pane) if pane.rising is None else _compressed(pane.rising)
    row = _row(pane, kept_ms, rising)
    database.execute(
        f"INSERT OR REPLACE INTO panes ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608
        (*row, checksum(row)),
    )


def pane_of(row: Row) -> Pane:
    """The pane of a row."""
    epoch, from_ms, to_ms, posts, top, _, window, rising, _ = row
    return Pane(
        epoch=epoch,
        from_ms=from_ms,
        to_ms=to_ms,
        posts=posts,
        top=_top_decoder.decode(top),
        window=None if window is None else _window_decoder.decode(window),
        rising=None if rising is None else _rising_decoder.decode(zlib.decompress(rising)),
    )


def counts_of(pane: Pane, kept_ms: int) -> Counts:
    """What the index has of a pane."""
    tags = tags_of(pane.top)
    return Counts(pane.epoch, pane.from_ms, pane.to_ms, pane.posts, tags, pane.window is not None, kept_ms)


def load_index(path: Path) -> PaneIndex:
    """The index of all panes of a file.

    Raises:
        sqlite3.Error: They can't be read.

    """
    index = PaneIndex()
    query = "SELECT epoch, from_ms, to_ms, posts, top, window IS NOT NULL, kept_ms FROM panes ORDER BY kept_ms, from_ms"
    # A second connection, so that the cache of the first one does not fill with a day of panes.
    with closing(sqlite3.connect(path)) as database:
        for epoch, from_ms, to_ms, posts, top, has_window, kept_ms in database.execute(query):
            tags = tags_of(_top_decoder.decode(top))
            index.add([Counts(epoch, from_ms, to_ms, posts, tags, bool(has_window), kept_ms)])
    return index


def _row(pane: Pane, kept_ms: int, rising: bytes | None) -> Row:
    top = msgspec.json.encode(pane.top)
    window = None if pane.window is None else msgspec.json.encode(pane.window)
    return pane.epoch, pane.from_ms, pane.to_ms, pane.posts, top, kept_ms, window, rising


def _compressed(rising: Rising) -> bytes:
    """The list as compressed JSON: it is longer than all the rest of a pane, and repeats itself."""
    return zlib.compress(msgspec.json.encode(rising))


def _stored_rising(database: sqlite3.Connection, pane: Pane) -> bytes | None:
    found = database.execute("SELECT rising FROM panes WHERE from_ms = ? AND epoch = ?", (pane.from_ms, pane.epoch))
    rising: bytes | None = (found.fetchone() or (None,))[0]
    return rising
