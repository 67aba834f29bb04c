"""Take the alerts of a snapshot: store them, and tell pages and targets of those that are new."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from dashboard.alerts.schema import MAX_ALERTS_READ
from dashboard.alerts.shown import shown_alert
from dashboard.history.store import HistoryAwayError
from dashboard.snapshots.event import EventAlerts
from dashboard.snapshots.fields import MAX_INTEGER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dashboard.alerts.store import AlertStore
    from dashboard.live.hub import Live
    from dashboard.snapshots.alerts_schema import Alert, AlertRules
    from dashboard.snapshots.mute_list import MuteList
    from dashboard.snapshots.schema import Snapshot

logger = logging.getLogger(__name__)


class AlertInbox:
    """The alerts that arrive. `fired`: how many were stored since the process started."""

    def __init__(
        self,
        store: AlertStore,
        live: Live,
        muted: MuteList,
        public_url: str,
        targets: Callable[[], Iterable[str]] = tuple,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Args:
        store: Where alerts are stored.
        live: The open pages.
        muted: The muted tags. Their alerts are stored, and shown to nobody.
        public_url: The address of the page, or an empty text.
        targets: The ids of the targets of now.
        wake: Called after a delivery was stored.
        """
        self.fired = 0
        self._store = store
        self._live = live
        self._muted = muted
        self._public_url = public_url
        self._targets = targets
        self._wake = wake
        self._rules: AlertRules | None = None
        # Until the first snapshot, the rules are those that are stored.
        self._has_rules = False

    def receive(self, snapshot: Snapshot, *, is_relayed: bool) -> list[str]:
        """Store the alerts of a snapshot; returns the ids of those that are on disk.

        Args:
            snapshot: The snapshot.
            is_relayed: Whether another dashboard got it from the job. That one delivers its alerts.

        """
        return self.take(snapshot.alerts or [], () if is_relayed else self._targets())

    def take(self, alerts: Sequence[Alert], targets: Iterable[str]) -> list[str]:
        """Store alerts, to be delivered to the targets with these ids; returns the ids of those that are on disk."""
        if not alerts:
            return []
        try:
            stored = self._store.store(alerts, targets)
        except HistoryAwayError:
            # The history has logged it. The job sends them again.
            return []
        self.fired += len(stored.new)
        self._live.send_alerts([shown_alert(alert, self._public_url) for alert in self.visible(stored.new)])
        self._wake()
        return stored.ids

    def note_rules(self, rules: AlertRules | None) -> None:
        """Note the rules of a newer snapshot. They are stored when they have changed."""
        if rules == self.rules and self._has_rules:
            return
        self._rules = rules
        try:
            self._store.set_rules(rules)
        except HistoryAwayError:
            # The next snapshot is the next try.
            self._has_rules = False
        else:
            self._has_rules = True

    @property
    def rules(self) -> AlertRules | None:
        """The rules of the newest snapshot; before the first one, those before the restart."""
        if self._rules is None and not self._has_rules:
            try:
                self._rules = self._store.rules()
            except HistoryAwayError:
                return None
            self._has_rules = True
        return self._rules

    def visible(self, alerts: Iterable[Alert]) -> list[Alert]:
        """The alerts whose tag is not muted."""
        return [alert for alert in alerts if alert.key is None or not self._muted.hides(alert.key)]

    def summary(self) -> EventAlerts:
        """What a page needs each second: which alert is the newest, and whether the rules can be used."""
        rules = self._rules
        return EventAlerts(
            newest_id=self._newest_id(),
            rules=len(rules.rules) if rules else 0,
            error=rules.error if rules else None,
            dropped=self.dropped,
        )

    @property
    def dropped(self) -> int:
        """Alerts that the job dropped because too many waited."""
        return self._rules.dropped if self._rules else 0

    def _newest_id(self) -> str | None:
        try:
            for most in (1, MAX_ALERTS_READ):
                found = self._store.read(0, MAX_INTEGER, most)
                seen = self.visible(found)
                if seen or not found:
                    break
        except HistoryAwayError:
            return None
        return seen[0].id if seen else None
