"""Handle an incoming snapshot: store its closed panes, make it current, broadcast it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from dashboard.snapshots.fields import TimeMs
from dashboard.snapshots.parse import parse_snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.alerts.inbox import AlertInbox
    from dashboard.history.muted_file import MutedFile
    from dashboard.history.store import History
    from dashboard.live.hub import Live
    from dashboard.receive.push_counts import Pushes
    from dashboard.snapshots.latest import Latest
    from dashboard.snapshots.samples import HeldSamples
    from dashboard.snapshots.shown_times import ShownTimes


class Received(Struct, frozen=True):
    """What became of a pushed snapshot."""

    accepted: Annotated[bool, Meta(description="Whether it is now the newest snapshot. Otherwise it was ignored.")]
    kept_until_ms: Annotated[
        TimeMs | None,
        Meta(description="Every pane of the push that ended by then is on disk. Null: none is, or it had no panes."),
    ]
    needs_samples: Annotated[
        bool | UnsetType,
        Meta(
            description="Whether the next snapshot must have `samples`, because the dashboard has none. Missing for an "
            "older job, whose snapshots have none of `samples`, `pairs` and `mute`."
        ),
    ] = UNSET
    alerts_kept: Annotated[
        list[str] | UnsetType,
        Meta(description="The ids of the alerts of the push that are on disk. Missing if the push had no `alerts`."),
    ] = UNSET


class SnapshotReceiver:
    """Receives snapshots, from the job or from another dashboard."""

    def __init__(
        self,
        latest: Latest,
        samples: HeldSamples,
        muted: MutedFile,
        history: History,
        alerts: AlertInbox,
        live: Live,
        pushes: Pushes,
        relay_notice: Callable[[], str | None],
        times: ShownTimes,
    ) -> None:
        """`relay_notice`: what is wrong between this dashboard and the others, as one sentence; None if nothing is."""
        self._times = times
        self._samples = samples
        self._muted = muted
        self._latest = latest
        self._history = history
        self._alerts = alerts
        self._live = live
        self._pushes = pushes
        self._relay_notice = relay_notice

    def receive(self, body: bytes, *, is_relayed: bool = False) -> Received:
        """Store and broadcast a snapshot.

        Args:
            body: The JSON of docs/protocol.md.
            is_relayed: Whether another dashboard got it from the job.

        Raises:
            SnapshotError: It is not a snapshot of the contract.

        """
        began_ms = self._times.wall_ms()
        snapshot = parse_snapshot(body)
        kept_until_ms = self._history.store(snapshot.panes)
        alerts_kept = self._alerts.receive(snapshot, is_relayed=is_relayed)
        if self._latest.is_newer(snapshot):
            self._alerts.note_rules(snapshot.alert_rules)
        shown = self._latest.offer(snapshot, body, self._history.notice, self._relay_notice(), self._alerts.summary())
        if shown is not None:
            self._muted.note(snapshot.mute)
            self._samples.note(snapshot)
            self._live.push(shown)
            self._times.note(shown.order, began_ms)
        self._pushes.note(accepted=shown is not None)
        is_older = snapshot.samples is None and snapshot.pairs is None and snapshot.mute is None
        return Received(
            accepted=shown is not None,
            kept_until_ms=kept_until_ms,
            needs_samples=UNSET if is_older else self._samples.missing,
            alerts_kept=UNSET if snapshot.alerts is None else alerts_kept,
        )
