"""Deliver stored alerts: in order for each target, again and again for a day, and never in the way of snapshots."""

from __future__ import annotations

import logging
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Protocol

import gevent  # type: ignore[import-untyped]
from gevent.event import Event  # type: ignore[import-untyped]

from dashboard.alerts.attempt import Failure
from dashboard.alerts.retry import next_attempt_ms
from dashboard.history.store import HistoryAwayError
from dashboard.server.greenlets import repeat

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboard.alerts.claims import Claims
    from dashboard.alerts.store import AlertStore, Delivery, State
    from dashboard.alerts.targets import Target
    from dashboard.alerts.targets_file import TargetsFile
    from dashboard.log_throttle import Throttle
    from dashboard.snapshots.alerts_schema import Alert
    from dashboard.snapshots.mute_list import MuteList

logger = logging.getLogger(__name__)

#: How often the file of targets is checked for changes.
CHECK_SECONDS = 1.0
#: The pause while the history can't be read or written.
AWAY_SECONDS = 5.0


class Send(Protocol):
    """Makes one attempt."""

    def __call__(self, target: Target, alert: Alert, /) -> Failure | None:
        """None if the target has the alert."""


class Deliveries:
    """The deliveries of all targets.

    `results`: how many were `delivered` and how many `gave up` since the process started. `failing`: the ids of the
    targets whose last attempt failed.
    """

    def __init__(
        self,
        store: AlertStore,
        send: Send,
        claims: Claims,
        muted: MuteList,
        throttle: Throttle,
        random: Callable[[], float],
    ) -> None:
        """Args:
        store: The stored alerts and deliveries.
        send: Makes one attempt. It may take seconds.
        claims: Which alerts this dashboard delivers.
        muted: The muted tags, whose alerts are not delivered.
        throttle: Bounds what is logged.
        random: Returns a number from 0 to 1.
        """
        self.results: Counter[str] = Counter()
        self.failing: set[str] = set()
        self._store = store
        self._send = send
        self._claims = claims
        self._muted = muted
        self._throttle = throttle
        self._random = random
        self._unstored: dict[str, tuple[Delivery, State, int, int]] = {}

    def step(self, target: Target) -> float | None:
        """Do what is due for a target now, at most one attempt.

        Returns:
            The seconds until something is due. None: nothing waits.

        """
        try:
            unstored = self._unstored.get(target.id)
            if unstored is not None:
                # The attempt was made. It must not be made again only because its result could not be stored.
                self._store.settle(*unstored)
                del self._unstored[target.id]
            delivery = self._store.next_delivery(target.id)
            if delivery is None:
                return None
            early_ms = delivery.next_at_ms - self._store.now_ms()
            if early_ms > 0:
                return early_ms / 1000
            self._attempt(target, delivery)
        except HistoryAwayError:
            return AWAY_SECONDS
        return 0.0

    def _attempt(self, target: Target, delivery: Delivery) -> None:
        alert = delivery.alert
        if alert.key is not None and self._muted.hides(alert.key):
            self._settle(delivery, "muted", delivery.attempts)
        elif not self._claims.take(alert.id):
            self._settle(delivery, "elsewhere", delivery.attempts)
        else:
            self._note(target, delivery, self._send(target, alert))

    def _note(self, target: Target, delivery: Delivery, failure: Failure | None) -> None:
        attempts = delivery.attempts + 1
        if failure is None:
            self.results["delivered"] += 1
            self.failing.discard(target.id)
            self._settle(delivery, "delivered", attempts)
            return
        self.failing.add(target.id)
        now_ms = self._store.now_ms()
        at_ms = next_attempt_ms(attempts, delivery.stored_ms, now_ms, failure.retry_after_ms, self._random)
        if at_ms is None:
            self.results["gave up"] += 1
            logger.error("an alert was not delivered to the target of %s within a day: %s", target.name, failure.reason)
            self._settle(delivery, "gave up", attempts)
            return
        if self._throttle.allows_sentence(f"target {target.id}", failure.reason):
            pause = (at_ms - now_ms) / 1000
            logger.warning(
                "the target of %s did not take an alert, the next try is in %.0f s: %s",
                target.name, pause, failure.reason,
            )  # fmt: skip
        self._settle(delivery, "waiting", attempts, at_ms)

    def _settle(self, delivery: Delivery, state: State, attempts: int, next_at_ms: int = 0) -> None:
        self._unstored[delivery.target] = delivery, state, attempts, next_at_ms
        self._store.settle(delivery, state, attempts, next_at_ms)
        del self._unstored[delivery.target]


class _Served:
    """A target that has a greenlet. `target`: as the file has it now; None if the file does not have it any more."""

    def __init__(self, target: Target) -> None:
        self.target: Target | None = target
        self.event = Event()


class DeliveryGreenlets:
    """One greenlet for each target of the file, so a slow target delays no other and no snapshot.

    A target keeps its greenlet when its line or its secret changes, and also if it is removed and comes back while an
    attempt is on its way: two greenlets would send the same alert twice.
    """

    def __init__(self, deliveries: Deliveries, targets: TargetsFile) -> None:
        self._deliveries = deliveries
        self._targets = targets
        self._running: dict[str, _Served] = {}

    def start(self) -> None:
        """Begin to deliver, and to watch the file of targets."""
        if self._targets.path is not None:
            gevent.spawn(repeat, "the watch of targets", self.check, CHECK_SECONDS, gevent.sleep)

    def wake(self) -> None:
        """Look for new deliveries at once."""
        for served in self._running.values():
            served.event.set()

    def check(self) -> None:
        """Read the file if it has changed, and begin with new targets. Greenlets of removed targets end."""
        self._targets.check()
        wanted = {target.id: target for target in self._targets.targets}
        for id_, served in self._running.items():
            served.target = wanted.get(id_)
            if served.target is None:
                self._deliveries.failing.discard(id_)
                served.event.set()
        for id_ in wanted.keys() - self._running.keys():
            served = self._running[id_] = _Served(wanted[id_])
            step, goes_on = partial(self._serve, served), partial(self._goes_on, id_, served)
            gevent.spawn(repeat, "the delivery of alerts", step, 0.0, gevent.sleep, goes_on)

    def _goes_on(self, id_: str, served: _Served) -> bool:
        if served.target is not None:
            return True
        del self._running[id_]
        self._deliveries.failing.discard(id_)
        return False

    def _serve(self, served: _Served) -> None:
        """Do what is due, and wait until something else is."""
        served.event.clear()
        if served.target is not None:
            served.event.wait(self._deliveries.step(served.target))
