"""Deliveries: in order for each target, again for a day, each with the same id, never after it was taken."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest
from tests.dashboard.history.conftest import DAY_MS, NOW_MS, Hands
from tests.dashboard.support.alerts import alert

from dashboard.alerts.attempt import Failure
from dashboard.alerts.claims import Claims
from dashboard.alerts.delivery import AWAY_SECONDS, Deliveries
from dashboard.alerts.store import AlertStore, Waiting
from dashboard.alerts.targets import Webhook
from dashboard.history.store import History, HistoryAwayError
from dashboard.log_throttle import Throttle
from dashboard.snapshots.mute_list import MuteList
from dashboard.snapshots.mute_schema import Mute

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dashboard.alerts.targets import Target
    from dashboard.snapshots.alerts_schema import Alert

FIRST = Webhook("line 1", "first", "https://s3cret.example/1")
SECOND = Webhook("line 2", "second", "https://s3cret.example/2")
BUSY = Failure("it answered with status 503")


class Sender:
    """Answers each attempt with the next of `plan`, then takes everything. `sent`: target and number of the alert."""

    def __init__(self) -> None:
        self.plan: list[Failure | None] = []
        self.sent: list[tuple[str, str]] = []

    def __call__(self, target: Target, made: Alert, /) -> Failure | None:
        self.sent.append((target.id, made.id.split("/")[1]))
        return self.plan.pop(0) if self.plan else None


class Desk:
    """Deliveries with clocks that are set by hand. `open` begins again with the same file, as after a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._history: History | None = None
        self.hands = Hands()
        self.sender = Sender()
        self.muted = MuteList()
        self.open()

    def open(self) -> None:
        self.close()
        throttle = Throttle(lambda: self.hands.monotonic)
        self._history = History(self._folder, lambda: self.hands.wall, lambda: self.hands.monotonic, throttle)
        self.store = AlertStore(self._history, lambda: "a dashboard")
        claims = Claims("", self.store.instance, throttle)
        self.deliveries = Deliveries(self.store, self.sender, claims, self.muted, throttle, lambda: 1.0)

    def close(self) -> None:
        if self._history is not None:
            self._history.close()

    def run(self, target: Target) -> float | None:
        """Do all that is due now; returns the seconds until something else is."""
        while (pause := self.deliveries.step(target)) == 0:
            pass
        return pause


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.close()


def test_each_target_gets_each_alert_once_in_order(desk: Desk) -> None:
    desk.store.store([alert(1), alert(2)], ["first", "second"])
    desk.store.store([alert(2), alert(3)], ["first", "second"])
    assert desk.run(FIRST) is None
    assert desk.run(SECOND) is None
    expected = [("first", "1"), ("first", "2"), ("first", "3"), ("second", "1"), ("second", "2"), ("second", "3")]
    assert desk.sender.sent == expected
    desk.open()
    assert desk.run(FIRST) is None
    assert desk.sender.sent == expected


def test_a_failing_target_keeps_its_order_and_holds_up_no_other(desk: Desk) -> None:
    desk.store.store([alert(1), alert(2)], ["first", "second"])
    desk.sender.plan = [BUSY]
    assert desk.run(FIRST) == 2.0
    assert desk.run(SECOND) is None
    assert desk.sender.sent == [("first", "1"), ("second", "1"), ("second", "2")]
    assert desk.deliveries.failing == {"first"}
    # The pause outlives a restart.
    desk.hands.pass_ms(1500)
    desk.open()
    assert desk.run(FIRST) == 0.5
    desk.sender.plan = [BUSY]
    desk.hands.pass_ms(500)
    assert desk.run(FIRST) == 4.0
    desk.hands.pass_ms(4000)
    assert desk.run(FIRST) is None
    assert desk.sender.sent[3:] == [("first", "1"), ("first", "1"), ("first", "2")]
    assert desk.deliveries.failing == set()
    assert desk.deliveries.results == {"delivered": 2}


def test_a_pause_that_the_target_demands_is_kept(desk: Desk) -> None:
    desk.store.store([alert(1)], ["first"])
    desk.sender.plan = [Failure("it answered with status 429", 90_000)]
    assert desk.run(FIRST) == 90.0


def test_a_pause_longer_than_the_day_gives_nothing_up_before_the_day_is_over(desk: Desk) -> None:
    desk.store.store([alert(1), alert(2), alert(3)], ["first"])
    desk.sender.plan = [Failure("it answered with status 503", 2 * DAY_MS)]
    assert desk.run(FIRST) == DAY_MS / 1000
    assert (desk.sender.sent, desk.deliveries.results["gave up"]) == ([("first", "1")], 0)
    desk.hands.pass_ms(DAY_MS)
    assert desk.run(FIRST) is None
    assert [number for _, number in desk.sender.sent] == ["1", "1", "2", "3"]
    assert desk.deliveries.results == {"delivered": 3}


def test_a_result_is_not_stored_for_another_alert_with_the_same_number(desk: Desk, tmp_path: Path) -> None:
    desk.store.store([alert(1)], ["first"])
    delivery = desk.store.next_delivery("first")
    assert delivery is not None
    assert delivery.number == 1
    # The file is lost while the attempt is on its way, and the next alert is the first of a new file.
    desk.close()
    for file in tmp_path.glob("history.sqlite*"):
        file.unlink()
    desk.open()
    desk.store.store([alert(2)], ["first"])
    desk.store.settle(delivery, "delivered", 1, 0)
    assert desk.store.waiting(["first"]) == Waiting(1, NOW_MS)
    assert desk.run(FIRST) is None
    assert desk.sender.sent == [("first", "2")]


def test_after_a_day_the_alert_is_given_up_and_the_next_one_is_sent(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.store.store([alert(1)], ["first"])
    desk.hands.pass_ms(DAY_MS // 2)
    desk.store.store([alert(2)], ["first"])
    desk.sender.plan = [BUSY] * 1000
    with caplog.at_level(logging.WARNING):
        while desk.deliveries.results["gave up"] == 0:
            pause = desk.deliveries.step(FIRST)
            desk.hands.pass_ms(round(1000 * (pause or 0)))
    assert {number for _, number in desk.sender.sent} == {"1"}
    assert desk.store.waiting(["first"]) == Waiting(1, NOW_MS + DAY_MS // 2)
    desk.sender.plan = []
    assert desk.run(FIRST) is None
    assert desk.sender.sent[-1] == ("first", "2")
    gave_up = "an alert was not delivered to the target of line 1 within a day: it answered with status 503"
    assert caplog.messages[-1] == gave_up
    assert caplog.messages[0] == (
        "the target of line 1 did not take an alert, the next try is in 2 s: it answered with status 503"
    )
    assert "s3cret" not in caplog.text


def test_a_result_that_can_not_be_stored_is_no_reason_to_send_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.store.store([alert(1), alert(2)], ["first"])

    def full(*_: object) -> None:
        raise HistoryAwayError("The history can't be written.")

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "settle", full)
        assert desk.deliveries.step(FIRST) == AWAY_SECONDS
        assert desk.deliveries.step(FIRST) == AWAY_SECONDS
    assert desk.run(FIRST) is None
    assert desk.sender.sent == [("first", "1"), ("first", "2")]


def test_an_alert_whose_tag_was_muted_meanwhile_is_not_sent(desk: Desk) -> None:
    desk.store.store([alert(1), alert(2, key="other", label="Other")], ["first"])
    desk.muted.set(Mute(tags=1, hidden=0, error=None, keys=["worldcup"], patterns=[]))
    assert desk.run(FIRST) is None
    assert desk.sender.sent == [("first", "2")]
    desk.muted.set(None)
    assert desk.run(FIRST) is None
    assert len(desk.sender.sent) == 1


def test_an_alert_that_another_dashboard_has_claimed_is_not_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.store.store([alert(1), alert(2)], ["first"])
    monkeypatch.setattr(desk.deliveries._claims, "take", lambda id_: id_ == alert(2).id)
    assert desk.run(FIRST) is None
    assert desk.sender.sent == [("first", "2")]
    assert desk.store.waiting(["first"]) == Waiting(0, None)


def test_what_waits_and_since_when(desk: Desk) -> None:
    desk.store.store([alert(1)], ["first"])
    desk.hands.pass_ms(60_000)
    desk.store.store([alert(2)], ["first", "second"])
    assert desk.store.waiting(["first", "second"]) == Waiting(3, NOW_MS)
    assert desk.store.waiting(["second"]) == Waiting(1, NOW_MS + 60_000)
