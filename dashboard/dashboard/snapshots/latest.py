"""Hold the newest snapshot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from msgspec.structs import replace

from dashboard.snapshots.parse import public_body
from dashboard.snapshots.views import view_event

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.snapshots.event import Event, EventAlerts, View
    from dashboard.snapshots.schema import Snapshot


@dataclass(frozen=True)
class Shown:
    """A snapshot in its two forms: the whole JSON for HTTP, and the events of its views for Socket.IO."""

    snapshot: Snapshot
    whole: bytes
    history_notice: str | None
    relay_notice: str | None = None
    alerts: EventAlerts | None = None

    @property
    def order(self) -> tuple[int, int]:
        """The greater tuple is the newer snapshot."""
        return self.snapshot.epoch, self.snapshot.seq

    def event(self, view: View, age_ms: int = 0) -> Event:
        """The event of one view, sent `age_ms` after the snapshot arrived."""
        return view_event(self.snapshot, view, self.history_notice, self.relay_notice, self.alerts, age_ms=age_ms)


class Latest:
    """Holds the newest snapshot by (`epoch`, `seq`); an older one never replaces it."""

    def __init__(
        self, note: Callable[[Snapshot], None] = lambda _: None, hold: Callable[[Shown], None] = lambda _: None
    ) -> None:
        """Args:
        note: Called with each accepted snapshot.
        hold: Called with a snapshot that is not the newest any more, if somebody has read it.
        """
        self._note = note
        self._hold = hold
        self._shown: Shown | None = None
        self._was_read = False

    @property
    def shown(self) -> Shown | None:
        """The newest snapshot, or None before the first."""
        self._was_read = True
        return self._shown

    def note_read(self) -> None:
        """Note that a page gets the newest snapshot."""
        self._was_read = True

    def is_newer(self, snapshot: Snapshot) -> bool:
        """Whether `offer` accepts the snapshot."""
        return self._shown is None or (snapshot.epoch, snapshot.seq) > self._shown.order

    def offer(
        self,
        snapshot: Snapshot,
        body: bytes,
        history_notice: str | None = None,
        relay_notice: str | None = None,
        alerts: EventAlerts | None = None,
    ) -> Shown | None:
        """Accept `snapshot` if it is newer.

        Args:
            snapshot: The snapshot.
            body: Its JSON, as it was pushed.
            history_notice: What is wrong with the history, for the pages.
            relay_notice: What is wrong between dashboards, for the pages.
            alerts: The newest alert and the rules, for the pages.

        Returns:
            The accepted snapshot, or None.

        """
        if not self.is_newer(snapshot):
            return None
        if self._shown is not None and self._was_read:
            self._hold(self._shown)
        self._was_read = False
        # Nothing that is held for longer has a post of a person.
        plain = replace(snapshot, samples=None, alerts=None)
        self._shown = Shown(plain, public_body(body), history_notice, relay_notice, alerts)
        self._note(snapshot)
        return self._shown
