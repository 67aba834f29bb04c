"""The file of targets changes while an attempt is on its way: each alert is sent once, in order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import gevent  # type: ignore[import-untyped]
import pytest
from gevent.event import Event  # type: ignore[import-untyped]
from tests.dashboard.history.conftest import Hands
from tests.dashboard.support.alerts import alert

from dashboard.alerts.claims import Claims
from dashboard.alerts.delivery import Deliveries, DeliveryGreenlets
from dashboard.alerts.store import AlertStore
from dashboard.alerts.targets import Webhook
from dashboard.alerts.targets_file import TargetsFile
from dashboard.history.store import History
from dashboard.log_throttle import Throttle
from dashboard.snapshots.mute_list import MuteList

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dashboard.alerts.attempt import Failure
    from dashboard.alerts.targets import Target
    from dashboard.snapshots.alerts_schema import Alert

TARGET = Webhook("line 1", "first", "https://example.org/1", b"old")


def run_greenlets() -> None:
    """Let all greenlets go on until they wait for something that does not come by itself."""
    for _ in range(20):
        gevent.sleep(0.001)


class Receiver:
    """Takes each alert when `answers` is set. `sent`: the number of the alert, and the secret of its signature."""

    def __init__(self) -> None:
        self.answers = Event()
        self.sent: list[tuple[str, bytes | None]] = []

    def __call__(self, target: Target, made: Alert, /) -> Failure | None:
        assert isinstance(target, Webhook)
        self.sent.append((made.id.split("/")[1], target.secret))
        self.answers.wait()
        return None


class Desk:
    """Deliveries whose targets the test sets."""

    def __init__(self, folder: Path) -> None:
        hands = Hands()
        throttle = Throttle(lambda: hands.monotonic)
        self.history = History(folder, lambda: hands.wall, lambda: hands.monotonic, throttle)
        store = AlertStore(self.history, lambda: "a dashboard")
        store.store([alert(1), alert(2), alert(3)], ["first"])
        self.receiver = Receiver()
        claims = Claims("", store.instance, throttle)
        self.deliveries = Deliveries(store, self.receiver, claims, MuteList(), throttle, lambda: 1.0)
        self.targets = TargetsFile(None, b"")
        self.greenlets = DeliveryGreenlets(self.deliveries, self.targets)

    def use(self, *targets: Target) -> None:
        """The file names these targets now."""
        self.targets.targets = [*targets]
        self.greenlets.check()
        run_greenlets()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.use()
    made.receiver.answers.set()
    run_greenlets()
    assert made.greenlets._running == {}
    made.history.close()


def sent(desk: Desk, alerts: int = 3) -> list[tuple[str, bytes | None]]:
    """What the receiver has when it answers at last, and so many alerts have come."""
    desk.receiver.answers.set()
    with gevent.Timeout(10):
        while len(desk.receiver.sent) < alerts:
            gevent.sleep(0.001)
    run_greenlets()
    return desk.receiver.sent


def test_a_new_secret_or_another_line_sends_nothing_twice(desk: Desk) -> None:
    desk.use(TARGET)
    desk.use(replace(TARGET, name="line 2"))
    desk.use(replace(TARGET, name="line 2", secret=b"new"))
    assert desk.receiver.sent == [("1", b"old")]
    # The next attempt uses the new secret.
    assert sent(desk) == [("1", b"old"), ("2", b"new"), ("3", b"new")]


def test_a_target_that_is_removed_and_comes_back_has_one_greenlet(desk: Desk) -> None:
    desk.use(TARGET)
    desk.use()
    desk.use(TARGET)
    assert desk.receiver.sent == [("1", b"old")]
    assert sent(desk) == [("1", b"old"), ("2", b"old"), ("3", b"old")]


def test_a_target_that_is_removed_gets_nothing_more_and_is_not_failing(desk: Desk) -> None:
    desk.use(TARGET)
    desk.deliveries.failing.add("first")
    desk.use()
    assert desk.deliveries.failing == set()
    assert sent(desk, 1) == [("1", b"old")]
    assert desk.greenlets._running == {}
    desk.use(TARGET)
    assert sent(desk) == [("1", b"old"), ("2", b"old"), ("3", b"old")]
