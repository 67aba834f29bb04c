"""Stored alerts and their deliveries, in the history's file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from dashboard.history.alert_tables import ALERT_RETENTION_MS, MAX_ALERTS_STORED, alert_of, stored_body
from dashboard.snapshots.alerts_schema import Alert, AlertRules

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from dashboard.history.store import History

#: `waiting`: to be sent. `delivered`: the target has it. `gave up`: it was tried for a day. `elsewhere`: another
#: dashboard sends it. `muted`: its tag is muted.
State = Literal["waiting", "delivered", "gave up", "elsewhere", "muted"]

_rules_decoder = msgspec.json.Decoder(AlertRules | None)


@dataclass(frozen=True)
class Stored:
    """What became of some alerts: the ids of all that are on disk, and those that were not there before."""

    ids: list[str]
    new: list[Alert]


@dataclass(frozen=True)
class Delivery:
    """An alert that waits for a target. `number`: its place in the order of the alerts."""

    target: str
    number: int
    alert: Alert
    stored_ms: int
    attempts: int
    next_at_ms: int


@dataclass(frozen=True)
class Waiting:
    """How many deliveries wait, and since when the oldest alert among them is stored. None without any."""

    deliveries: int
    oldest_ms: int | None


class AlertStore:
    """Alerts, what their targets have of them, and the rules of the last snapshot."""

    def __init__(self, history: History, new_name: Callable[[], str]) -> None:
        """`new_name`: returns a name that no other dashboard has."""
        self._history = history
        self._new_name = new_name
        self._instance: str | None = None

    def store(self, alerts: Sequence[Alert], targets: Iterable[str]) -> Stored:
        """Store alerts, with one delivery of each for each target, in one transaction. What is there is not changed.

        Args:
            alerts: The alerts, in the order in which they are delivered.
            targets: The ids of the targets. None if another dashboard delivers.

        Raises:
            HistoryAwayError: Nothing is stored.

        """
        wanted = [*targets]

        def work(database: sqlite3.Connection, now_ms: int) -> list[Alert]:
            new = [alert for alert in alerts if _insert(database, alert, now_ms)]
            for alert in alerts:
                _insert_deliveries(database, alert.id, wanted, now_ms)
            _forget_old(database, now_ms)
            return new

        new = self._history.write(work) if alerts else []
        return Stored([alert.id for alert in alerts], new)

    def read(self, from_ms: int, to_ms: int, most: int) -> list[Alert]:
        """The newest `most` alerts with `from_ms` <= `at_ms` < `to_ms`, the one that was stored last first.

        Raises:
            HistoryAwayError: They can't be read.

        """
        query = (
            "SELECT checksum, body FROM alerts WHERE at_ms >= ? AND at_ms < ? AND kept_ms > ?"
            " ORDER BY number DESC LIMIT ?"
        )
        bounds = (from_ms, to_ms, self._history.now_ms() - ALERT_RETENTION_MS, most)
        return self._history.query(lambda database: [alert_of(*row) for row in database.execute(query, bounds)])

    def rises(self, most: int) -> list[Alert]:
        """The tags that entered the list of rising tags last, in the form of alerts, newest first.

        Raises:
            HistoryAwayError: They can't be read.

        """
        query = "SELECT checksum, body FROM rises WHERE kept_ms > ? ORDER BY at_ms DESC, key LIMIT ?"
        bounds = (self._history.now_ms() - ALERT_RETENTION_MS, most)
        return self._history.query(lambda database: [alert_of(*row) for row in database.execute(query, bounds)])

    def last_stored_ms(self, rule: str, after_ms: int = 0) -> int | None:
        """When the last alert of a rule about the stream was stored, by the history's clock.

        Args:
            rule: The name of the rule.
            after_ms: Only alerts that were stored later are read.

        Raises:
            HistoryAwayError: It can't be read.

        """
        query = "SELECT checksum, body, kept_ms FROM alerts WHERE kept_ms > ? ORDER BY number DESC LIMIT ?"

        def work(database: sqlite3.Connection) -> int | None:
            for checksum, body, kept_ms in database.execute(query, (after_ms, MAX_ALERTS_STORED)):
                alert = alert_of(checksum, body)
                if alert.rule == rule and alert.when == "stream":
                    return int(kept_ms)
            return None

        return self._history.query(work)

    def has(self, alert_id: str) -> bool:
        """Whether an alert with this id is stored.

        Raises:
            HistoryAwayError: It can't be read.

        """
        query = "SELECT 1 FROM alerts WHERE id = ?"
        return self._history.query(lambda database: database.execute(query, (alert_id,)).fetchone()) is not None

    def next_delivery(self, target: str) -> Delivery | None:
        """The oldest alert that waits for a target: it is delivered before all others.

        Raises:
            HistoryAwayError: It can't be read.

        """
        query = (
            "SELECT number, checksum, body, kept_ms, attempts, next_at_ms FROM deliveries JOIN alerts ON alert = number"
            " WHERE target = ? AND state = 'waiting' ORDER BY alert LIMIT 1"
        )
        row = self._history.query(lambda database: database.execute(query, (target,)).fetchone())
        if row is None:
            return None
        number, checksum, body, kept_ms, attempts, next_at_ms = row
        return Delivery(target, number, alert_of(checksum, body), kept_ms, attempts, next_at_ms)

    def settle(self, delivery: Delivery, state: State, attempts: int, next_at_ms: int) -> None:
        """Store what became of an attempt.

        Raises:
            HistoryAwayError: It can't be stored.

        """
        # A new file, after a damaged one was set aside, numbers from 1 again.
        update = (
            "UPDATE deliveries SET state = ?, attempts = ?, next_at_ms = ? WHERE target = ?"
            " AND alert = (SELECT number FROM alerts WHERE number = ? AND id = ?)"
        )
        values = (state, attempts, next_at_ms, delivery.target, delivery.number, delivery.alert.id)
        self._history.write(lambda database, _: database.execute(update, values))

    def waiting(self, targets: Sequence[str]) -> Waiting:
        """What waits for these targets.

        Raises:
            HistoryAwayError: It can't be read.

        """
        places = ", ".join("?" * len(targets))
        joined = "deliveries JOIN alerts ON alert = number"
        query = f"SELECT count(*), min(kept_ms) FROM {joined} WHERE state = 'waiting' AND target IN ({places})"  # noqa: S608
        return Waiting(*self._history.query(lambda database: database.execute(query, targets).fetchone()))

    def rules(self) -> AlertRules | None:
        """The rules of the last snapshot, also of one before a restart.

        Raises:
            HistoryAwayError: They can't be read.

        """
        found = self._history.query(lambda database: _fact(database, "rules"))
        return _rules_decoder.decode(found) if found else None

    def set_rules(self, rules: AlertRules | None) -> None:
        """Store the rules.

        Raises:
            HistoryAwayError: They can't be stored.

        """
        self._history.write(lambda database, _: _set_fact(database, "rules", msgspec.json.encode(rules)))

    def instance(self) -> str:
        """The name of this store among dashboards, which stays as long as its file.

        Raises:
            HistoryAwayError: It can't be read or stored.

        """

        def work(database: sqlite3.Connection, _: int) -> str:
            found = _fact(database, "instance")
            if found is None:
                found = self._new_name().encode()
                _set_fact(database, "instance", found)
            return found.decode()

        if self._instance is None:
            self._instance = self._history.write(work)
        return self._instance

    def now_ms(self) -> int:
        """The clock of the stored times."""
        return self._history.now_ms()


def _insert(database: sqlite3.Connection, alert: Alert, now_ms: int) -> bool:
    """Store one alert; returns whether it is new."""
    inserted = database.execute(
        "INSERT OR IGNORE INTO alerts (id, at_ms, kept_ms, checksum, body) VALUES (?, ?, ?, ?, ?)",
        (alert.id, alert.at_ms, now_ms, *stored_body(alert)),
    )
    return inserted.rowcount == 1


def _insert_deliveries(database: sqlite3.Connection, alert_id: str, targets: Iterable[str], now_ms: int) -> None:
    for target in targets:
        database.execute(
            "INSERT OR IGNORE INTO deliveries (target, alert, state, attempts, next_at_ms)"
            " SELECT ?, number, 'waiting', 0, ? FROM alerts WHERE id = ?",
            (target, now_ms, alert_id),
        )


def _forget_old(database: sqlite3.Connection, now_ms: int) -> None:
    old = database.execute("DELETE FROM alerts WHERE kept_ms <= ?", (now_ms - ALERT_RETENTION_MS,)).rowcount
    newest = "SELECT number FROM alerts ORDER BY number DESC LIMIT 1 OFFSET ?"
    surplus = database.execute(f"DELETE FROM alerts WHERE number <= ({newest})", (MAX_ALERTS_STORED,)).rowcount  # noqa: S608
    if old or surplus:
        database.execute("DELETE FROM deliveries WHERE alert NOT IN (SELECT number FROM alerts)")


def _fact(database: sqlite3.Connection, name: str) -> bytes | None:
    found: bytes | None = (database.execute("SELECT value FROM facts WHERE name = ?", (name,)).fetchone() or [None])[0]
    return found


def _set_fact(database: sqlite3.Connection, name: str, value: bytes) -> None:
    database.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)", (name, value))
