"""Alerts that wait in the table `alert_outbox` until the dashboard has stored them."""

import logging
from collections.abc import Collection, Sequence

import duckdb
import msgspec

from spark_job.alerts_schema import MAX_ALERTS, Alert
from spark_job.mute.mute_list import MuteList

SCHEMA = """
CREATE TABLE IF NOT EXISTS alert_outbox (n BIGINT, id VARCHAR, key VARCHAR, alert VARCHAR);
CREATE TABLE IF NOT EXISTS dropped_alerts (alerts BIGINT);
"""
#: The most alerts that wait. Beyond it the oldest are dropped, and counted.
MOST_WAITING = 10_000
#: Bytes of the alerts in one snapshot.
ALERTS_BYTES = 128 << 10

logger = logging.getLogger(__name__)

_decoder = msgspec.json.Decoder(Alert)


class Outbox:
    """The table. Mostly nothing waits, and then it is not read. `add` is called inside a transaction of the state."""

    def __init__(self, db: duckdb.DuckDBPyConnection, most: int = MOST_WAITING) -> None:
        self._db = db
        self._most = most
        self.forget_cached()

    def forget_cached(self) -> None:
        """Read the tables again: a transaction was rolled back."""
        self._waiting: int | None = None
        self._dropped: int | None = None

    def add(self, alerts: Sequence[Alert]) -> None:
        """Add alerts that fired. One that waits already is not added twice."""
        if not alerts:
            return
        ((last,),) = self._db.execute("SELECT coalesce(max(n), 0) FROM alert_outbox").fetchall()
        self._db.executemany(
            "INSERT INTO alert_outbox SELECT $1, $2, $3, $4 WHERE $2 NOT IN (SELECT id FROM alert_outbox)",
            [
                [last + place, alert.id, alert.key or None, msgspec.json.encode(alert).decode()]
                for place, alert in enumerate(alerts, 1)
            ],
        )
        self._waiting = None
        surplus = self._count() - self._most
        if surplus > 0:
            self._db.execute(
                "DELETE FROM alert_outbox WHERE n IN (SELECT n FROM alert_outbox ORDER BY n LIMIT ?)", [surplus]
            )
            self._db.execute("INSERT INTO dropped_alerts VALUES (?)", [surplus])
            self.forget_cached()
            logger.warning("%d alerts are dropped: the dashboard has not stored them, and too many wait", surplus)

    def oldest(self, most: int = MAX_ALERTS) -> list[Alert]:
        """The oldest alerts, or as many of them as have ALERTS_BYTES, at least one."""
        if not self._count():
            return []
        rows = self._db.execute("SELECT alert FROM alert_outbox ORDER BY n LIMIT ?", [most]).fetchall()
        alerts: list[Alert] = []
        size = 0
        for (alert,) in rows:
            size += len(alert.encode())
            if alerts and size > ALERTS_BYTES:
                break
            alerts.append(_decoder.decode(alert))
        return alerts

    def acknowledge(self, ids: Collection[str]) -> None:
        """Delete alerts that the dashboard has stored."""
        if ids and self._count():
            self._db.execute("DELETE FROM alert_outbox WHERE list_contains(?::VARCHAR[], id)", [[*ids]])
            self._waiting = None

    def drop_muted(self, muted: MuteList) -> None:
        """Delete the alerts of tags that are muted now: nothing names a muted tag."""
        if muted and self._count():
            self._db.execute(f"DELETE FROM alert_outbox WHERE {muted.condition()}")  # noqa: S608 - quoted there
            self._waiting = None

    def dropped(self) -> int:
        """How many alerts were dropped because too many waited."""
        if self._dropped is None:
            ((self._dropped,),) = self._db.execute(
                "SELECT coalesce(sum(alerts), 0)::BIGINT FROM dropped_alerts"
            ).fetchall()
        return self._dropped

    def _count(self) -> int:
        if self._waiting is None:
            ((self._waiting,),) = self._db.execute("SELECT count(*) FROM alert_outbox").fetchall()
        return self._waiting
