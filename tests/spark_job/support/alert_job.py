"""A state with rules of alerts, without Spark: panes are counted directly."""

from pathlib import Path
from typing import Any

from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import counted

from spark_job.alerts.alerts import Alerts
from spark_job.alerts.rule import Rules
from spark_job.alerts_schema import Alert
from spark_job.state.store import State


class AlertJob:
    """A state with rules, which counts for a window already. `fired` has all alerts that went into its outbox."""

    def __init__(self, path: Path, *rules: Any) -> None:
        self.path = path
        self.rules: Rules = rules
        self.open()
        self.state.begin_epoch("log-a", 0, T, "first start", counted_from_ms=T - WINDOW_MS)

    def open(self) -> None:
        self.state = State(
            self.path, PANE_MS, WINDOW_MS, alerts=Alerts(PANE_MS, WINDOW_MS, lambda: self.rules), now_ms=T
        )

    def restart(self) -> None:
        self.state.close()
        self.open()

    def count(self, *posts: dict[str, Any]) -> None:
        progress = self.state.progress()
        assert progress is not None
        self.state.apply(*counted(posts, progress.next_offset))

    def pane(self, number: int, *tags: str, **fields: Any) -> None:
        """Count one post with each tag in a pane."""
        self.count(*[post([tag] if tag else [], T + number * PANE_MS + 1, **fields) for tag in tags or [""]])

    def waiting(self) -> list[Alert]:
        return self.state.alerts.outbox.oldest(10_000)

    def ids(self) -> list[str]:
        return [alert.id for alert in self.waiting()]

    def fired(self) -> list[tuple[str | None, int]]:
        """The tags that fired, and the numbers of their panes."""
        return [(str(alert.key), (alert.at_ms - T) // PANE_MS - 1) for alert in self.waiting()]
