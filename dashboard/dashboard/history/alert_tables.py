"""The tables of alerts in the history's file: alerts, their deliveries, rises, and single facts.

The number of an alert is its place in the order in which alerts were stored. A row of `alerts` and of `rises` has the
checksum of its body, and `read_bodies` checks it.
"""

from __future__ import annotations

import sqlite3
import zlib
from typing import TYPE_CHECKING

import msgspec

from dashboard.snapshots.alerts_schema import Alert

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dashboard.snapshots.rising_schema import Rising, RisingTag
    from dashboard.snapshots.schema import Pane

STATEMENTS = (
    """
CREATE TABLE alerts (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at_ms INTEGER NOT NULL,
    kept_ms INTEGER NOT NULL, checksum INTEGER NOT NULL, body BLOB NOT NULL
)""",
    """
CREATE TABLE deliveries (
    target TEXT NOT NULL, alert INTEGER NOT NULL, state TEXT NOT NULL, attempts INTEGER NOT NULL,
    next_at_ms INTEGER NOT NULL, PRIMARY KEY (target, alert)
) WITHOUT ROWID""",
    """
CREATE TABLE rises (
    since_ms INTEGER NOT NULL, key TEXT NOT NULL, at_ms INTEGER NOT NULL, kept_ms INTEGER NOT NULL,
    checksum INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (since_ms, key)
) WITHOUT ROWID""",
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID",
)
#: How long an alert and a rise are stored, and how many.
ALERT_RETENTION_MS = 7 * 24 * 60 * 60 * 1000
MAX_ALERTS_STORED = 10_000
MAX_RISES_STORED = 2_000

_decoder = msgspec.json.Decoder(Alert)


class DamagedAlertError(sqlite3.DatabaseError):
    """A row is damaged: its checksum is wrong."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT


def stored_body(alert: Alert) -> tuple[int, bytes]:
    """The checksum and the body of a row."""
    body = msgspec.json.encode(alert)
    return zlib.crc32(body), body


def alert_of(checksum: int, body: bytes) -> Alert:
    """The alert of a row.

    Raises:
        DamagedAlertError: The row is damaged.

    """
    _require_whole(checksum, body)
    return _decoder.decode(body)


def _require_whole(checksum: object, body: object) -> None:
    """Raise unless the row is as it was written. A damaged row may have values of other types."""
    if not isinstance(body, bytes) or zlib.crc32(body) != checksum:
        raise DamagedAlertError("a stored alert is damaged")


def require_whole_alerts(database: sqlite3.Connection) -> None:
    """Check all rows of `alerts` and `rises`.

    Raises:
        DamagedAlertError: A row is damaged.

    """
    rows = database.execute("SELECT checksum, body FROM alerts UNION ALL SELECT checksum, body FROM rises")
    while some := rows.fetchmany(500):
        for checksum, body in some:
            _require_whole(checksum, body)


def insert_rises(database: sqlite3.Connection, panes: Iterable[Pane], now_ms: int) -> None:
    """Store the tags that entered the list of rising tags with these panes. A rise is stored once."""
    for pane in panes:
        if pane.rising is not None:
            pane_ms = pane.to_ms - pane.from_ms
            for alert in _rises(pane.rising, pane_ms):
                database.execute(
                    "INSERT OR IGNORE INTO rises (since_ms, key, at_ms, kept_ms, checksum, body)"
                    " VALUES (?, ?, ?, ?, ?, ?)",
                    (alert.since_ms, alert.key, alert.at_ms, now_ms, *stored_body(alert)),
                )
    database.execute("DELETE FROM rises WHERE kept_ms <= ?", (now_ms - ALERT_RETENTION_MS,))
    (surplus,) = database.execute("SELECT count(*) - ? FROM rises", (MAX_RISES_STORED,)).fetchone()
    if surplus > 0:
        database.execute(
            "DELETE FROM rises WHERE (since_ms, key) IN (SELECT since_ms, key FROM rises ORDER BY kept_ms LIMIT ?)",
            (surplus,),
        )


def _rises(rising: Rising, pane_ms: int) -> Iterable[Alert]:
    """Each tag of the list, in the form of an alert of a rule that waits for any rise."""
    return (_rise(tag, rising.at_ms, pane_ms) for topic in rising.topics for tag in topic.tags)


def _rise(tag: RisingTag, at_ms: int, pane_ms: int) -> Alert:
    return Alert(
        id=f"rising/{tag.since_ms}/{tag.key}",
        rule="Rising",
        when="rises",
        at_ms=at_ms,
        key=tag.key,
        label=tag.label,
        posts=tag.posts,
        expected=tag.expected,
        times=tag.times,
        score=tag.score,
        authors=tag.authors,
        since_ms=tag.since_ms,
        window_seconds=max(1, round(len(tag.panes) * pane_ms / 1000)),
    )
