"""Metrics about alerts and their deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from dashboard.api.metrics import PREFIX
from dashboard.history.store import HistoryAwayError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prometheus_client.core import Metric

    from dashboard.alerts.delivery import Deliveries
    from dashboard.alerts.inbox import AlertInbox
    from dashboard.alerts.store import AlertStore
    from dashboard.alerts.targets_file import TargetsFile


class AlertMetrics(Collector):
    """Collects the metrics about alerts at each request."""

    def __init__(self, inbox: AlertInbox, store: AlertStore, deliveries: Deliveries, targets: TargetsFile) -> None:
        self._inbox = inbox
        self._store = store
        self._deliveries = deliveries
        self._targets = targets

    def collect(self) -> Iterator[Metric]:
        """All metric families about alerts."""
        fired, results = self._inbox.fired, self._deliveries.results
        yield CounterMetricFamily(f"{PREFIX}alerts_fired", "Alerts that were stored.", fired)
        dropped = "Alerts that the job dropped because too many waited, since its state was made."
        yield CounterMetricFamily(f"{PREFIX}alerts_dropped", dropped, self._inbox.dropped)
        delivered = CounterMetricFamily(
            f"{PREFIX}alert_deliveries", "Deliveries of an alert to a target that have ended.", labels=["result"]
        )
        for result in ("delivered", "gave up"):
            delivered.add_metric([result], results[result])
        yield delivered
        yield _gauge("alert_targets", "Targets of alerts.", len(self._targets.targets))
        yield _gauge("alert_targets_failing", "Targets whose last attempt failed.", len(self._deliveries.failing))
        error = self._targets.error is not None
        yield _gauge("alert_targets_error", "1 while the file of targets can't be used.", error)
        yield from self._waiting()

    def _waiting(self) -> Iterator[Metric]:
        try:
            waiting = self._store.waiting(self._targets.ids())
        except HistoryAwayError:
            # `history_notice` is 1 then.
            return
        yield _gauge("alert_deliveries_waiting", "Deliveries that wait.", waiting.deliveries)
        seconds = 0.0 if waiting.oldest_ms is None else (self._store.now_ms() - waiting.oldest_ms) / 1000
        yield _gauge("alert_oldest_waiting_seconds", "Age of the oldest alert that waits for a target.", seconds)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(PREFIX + name, text, value)
