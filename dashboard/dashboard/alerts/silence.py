"""The alert of a job that does not count any more, and can't say so itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dashboard.history.store import HistoryAwayError
from dashboard.snapshots.alerts_schema import Alert, Stream

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dashboard.alerts.claims import Claims
    from dashboard.alerts.inbox import AlertInbox
    from dashboard.alerts.store import AlertStore
    from dashboard.history.store import History
    from dashboard.snapshots.alerts_schema import AlertRule
    from dashboard.snapshots.freshness import Freshness

#: How long the job is silent before the alert is made. It makes the same alert after the same time without ingest.
SILENCE_MS = 60_000
#: How long the job says that its counting has failed before the alert is made. It makes the same alert itself after a
#: minute, if it can store it.
FAILURE_MS = 120_000
COUNTING_STOPPED: Stream = "counting stopped"


class SilenceWatch:
    """Makes the alerts of rules that wait for "counting stopped", while the job sends nothing or can store nothing.

    The silence begins with the end of the newest stored pane, so that a restart makes no second alert of one silence.
    Dashboards that share pushes may have different ones: the first that claims the rule delivers its alert, and each
    stores its own.
    """

    def __init__(
        self,
        inbox: AlertInbox,
        stored: tuple[AlertStore, History],
        freshness: Freshness,
        claims: Claims,
        monotonic_ms: Callable[[], int],
        targets: Callable[[], Iterable[str]],
        is_apart: Callable[[], bool],
    ) -> None:
        """Args:
        inbox: Takes the alerts, and knows the rules.
        stored: The stored alerts, and the stored panes.
        freshness: The age of the newest snapshot, and how long counting has failed.
        claims: Which alerts this dashboard delivers.
        monotonic_ms: Milliseconds of a clock that is never set back.
        targets: The ids of the targets of now.
        is_apart: Whether snapshots may reach another dashboard and not this one.
        """
        self._inbox = inbox
        self._store, self._history = stored
        self._freshness = freshness
        self._claims = claims
        self._monotonic_ms = monotonic_ms
        self._started_ms = monotonic_ms()
        self._targets = targets
        self._is_apart = is_apart
        self._told: set[str] = set()

    def check(self) -> None:
        """Make the alerts of a silence that is long enough. What can't be stored is tried again with the next call."""
        if not self._is_silent() or self._is_apart():
            return
        rules = self._inbox.rules
        waiting = [rule for rule in rules.rules if rule.stream == COUNTING_STOPPED] if rules else []
        if not waiting:
            return
        try:
            panes = self._history.index().panes()
            if not panes:
                return
            # After a clock was set back, panes of the epoch before are later.
            since_ms = max(panes, key=lambda pane: (pane.epoch, pane.from_ms)).to_ms
            for rule in waiting:
                self._tell(rule, since_ms)
        except HistoryAwayError:
            return

    def _is_silent(self) -> bool:
        age_ms = self._freshness.age_ms
        silent_ms = self._monotonic_ms() - self._started_ms if age_ms is None else age_ms
        return silent_ms >= SILENCE_MS or self._freshness.failing_ms >= FAILURE_MS

    def _tell(self, rule: AlertRule, since_ms: int) -> None:
        """Make the alert of a rule, if it is due."""
        alert = self._alert(rule, since_ms)
        if alert.id in self._told or not self._is_due(alert, rule):
            return
        delivers = self._claims.take_silence(rule.name, max(rule.cooldown_seconds, SILENCE_MS // 1000))
        self._told |= set(self._inbox.take([alert], self._targets() if delivers else ()))

    def _alert(self, rule: AlertRule, since_ms: int) -> Alert:
        return Alert(
            id=f"dashboard/{since_ms}/{rule.name}",
            rule=rule.name,
            when="stream",
            at_ms=since_ms,
            since_ms=since_ms,
            stream=COUNTING_STOPPED,
            detail=self._freshness.failure or None,
        )

    def _is_due(self, alert: Alert, rule: AlertRule) -> bool:
        """Whether the alert is new, and the rule fired neither within its cooldown nor since counting fails."""
        if self._store.has(alert.id):
            self._told.add(alert.id)
            return False
        # Each alert that is read is decoded, once a second.
        silent_ms = max(1000 * rule.cooldown_seconds, self._freshness.failing_ms)
        return self._store.last_stored_ms(rule.name, self._store.now_ms() - silent_ms) is None
