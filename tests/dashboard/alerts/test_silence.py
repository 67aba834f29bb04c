"""The alert of a job that sends nothing any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support import feeder
from tests.dashboard.support.alerts import AT_MS, pushed, rules

from dashboard.app import create_app
from dashboard.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PANE = feeder.pane(AT_MS - 10_000)
ID = f"dashboard/{AT_MS}/Silence"


class Running:
    """A dashboard with clocks that are set by hand. `restart` begins again with the same folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.now_ms = 0
        self._seq = 0
        self.app: Any = None
        self.restart()

    def restart(self) -> None:
        self.close()
        settings = Settings(push_token=SecretStr(TOKEN), data_dir=self._folder)
        self.app = create_app(settings, lambda: AT_MS + self.now_ms, lambda: self.now_ms)

    def close(self) -> None:
        if self.app is not None:
            self.app.extensions["dashboard.history"].close()

    def push(self, **changes: Any) -> None:
        self._seq += 1
        body = feeder.snapshot({"WorldCup": 310}, AT_MS, self._seq, **{"alert_rules": rules(), **changes})
        answer = self.app.test_client().post("/api/snapshots", json=body, headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200

    def after(self, ms: int) -> list[str]:
        """The ids of all alerts, newest first, `ms` later."""
        self.now_ms += ms
        self.app.extensions["dashboard.silence"].check()
        return [alert["id"] for alert in self.alerts()]

    def alerts(self) -> list[dict[str, Any]]:
        return list((self.app.test_client().get("/api/alerts").json or {})["alerts"])


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    made = Running(tmp_path)
    yield made
    made.close()


def test_a_silence_of_a_minute_is_one_alert(running: Running) -> None:
    running.push(panes=[PANE])
    assert running.after(59_999) == []
    assert running.after(1) == [ID]
    assert running.after(5 * 3_600_000) == [ID]
    (alert,) = running.alerts()
    assert alert["text"]["en"] == "Counting stopped at 14:02 UTC."
    assert (alert["rule"], alert["when"], alert["stream"]) == ("Silence", "stream", "counting stopped")


def test_a_restart_makes_no_second_alert_of_the_same_silence_and_none_is_lost_by_it(running: Running) -> None:
    running.push(panes=[PANE])
    running.now_ms += 30_000
    running.restart()
    assert running.after(59_999) == []
    assert running.after(1) == [ID]
    running.restart()
    # Longer than the rule is silent after it fired.
    assert running.after(5 * 3_600_000) == [ID]


def test_the_next_silence_is_an_alert_of_its_own_after_the_cooldown(running: Running) -> None:
    running.push(panes=[PANE])
    assert running.after(60_000) == [ID]
    running.push(panes=[feeder.pane(AT_MS)])
    assert running.after(60_000) == [ID]
    assert running.after(3_540_000 - 1) == [ID]
    assert running.after(1) == [f"dashboard/{AT_MS + 10_000}/Silence", ID]


def test_after_a_clock_was_set_back_the_silence_begins_with_the_newest_epoch(running: Running) -> None:
    running.push(panes=[PANE])
    assert running.after(60_000) == [ID]
    # An hour earlier by ingest's clock, and later by ours: a silence of its own.
    running.now_ms += 2 * 3_600_000
    running.push(panes=[feeder.pane(AT_MS - 3_600_000, epoch=2)])
    assert running.after(60_000) == [f"dashboard/{AT_MS - 3_590_000}/Silence", ID]


def test_a_job_that_says_for_two_minutes_that_it_can_store_nothing_is_one_alert(running: Running) -> None:
    running.push(panes=[PANE])
    full = feeder.health(AT_MS) | {"query_error": "the counts can't be stored: No space left on device"}
    for _ in range(120):
        running.push(health=full)
        assert running.after(1000) in ([], [ID])
        if running.now_ms < 120_000:
            assert running.alerts() == []
    assert running.after(0) == [ID]
    (alert,) = running.alerts()
    expected = "Counting stopped at 14:02 UTC: the counts can't be stored: No space left on device."
    assert alert["text"]["en"] == expected
    for _ in range(60):
        running.push(health=full)
        assert running.after(120_000) == [ID]


def test_an_error_of_the_query_that_goes_away_in_time_is_no_alert(running: Running) -> None:
    running.push(panes=[PANE])
    failed = feeder.health(AT_MS) | {"query_error": "the query ended"}
    for health in (failed, feeder.health(AT_MS)) * 5:
        running.push(health=health)
        assert running.after(50_000) == []


def test_an_alert_of_the_job_about_its_error_is_enough(running: Running) -> None:
    stream = {"rule": "Silence", "when": "stream", "stream": "counting stopped", "key": None, "label": None}
    alert = {name: value for name, value in pushed(1, **stream).items() if value is not None}
    failed = feeder.health(AT_MS) | {"query_error": "the query ended"}
    rule = rules(cooldown_seconds=0)
    running.push(panes=[PANE], health=failed, alert_rules=rule)
    running.now_ms += 61_000
    running.push(health=failed, alerts=[alert], alert_rules=rule)
    for _ in range(20):
        running.push(health=failed, alert_rules=rule)
        assert running.after(50_000) == [alert["id"]]


def test_of_several_dashboards_the_first_that_claims_the_rule_delivers_and_the_others_show_their_own(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    running.push(panes=[PANE])
    asked = []

    def take(claimed: bool) -> list[str]:
        silence = running.app.extensions["dashboard.silence"]
        silence._targets = lambda: ["first"]

        def take_silence(rule: str, seconds: int) -> bool:
            asked.append((rule, seconds))
            return claimed

        monkeypatch.setattr(silence._claims, "take_silence", take_silence)
        return running.after(60_000)

    def waiting() -> int:
        return int(running.app.extensions["dashboard.silence"]._store.waiting(["first"]).deliveries)

    assert take(claimed=False) == [ID]
    assert (waiting(), asked) == (0, [("Silence", 3600)])
    # The claim of the other dashboard has ended, and the silence has not: this one was shown already.
    running.now_ms += 5 * 3_600_000
    running.restart()
    assert take(claimed=True) == [ID]
    assert (waiting(), len(asked)) == (0, 1)
    running.push(panes=[feeder.pane(AT_MS)])
    assert take(claimed=True) == [f"dashboard/{AT_MS + 10_000}/Silence", ID]
    assert (waiting(), len(asked)) == (1, 2)


def test_without_such_a_rule_or_without_a_pane_there_is_no_alert(running: Running) -> None:
    assert running.after(120_000) == []
    running.push()
    assert running.after(120_000) == []
    running.push(panes=[PANE], alert_rules={"rules": [rules()["rules"][0]], "error": None})
    assert running.after(120_000) == []


def test_rules_that_were_removed_while_the_dashboard_was_down_make_no_alert(running: Running) -> None:
    running.push(panes=[PANE])
    running.restart()
    running.push(alert_rules=None)
    assert running.after(120_000) == []
    running.restart()
    assert running.after(120_000) == []


def test_an_alert_of_the_job_about_the_same_is_enough(running: Running) -> None:
    stream = {"rule": "Silence", "when": "stream", "stream": "counting stopped", "key": None, "label": None}
    alert = {name: value for name, value in pushed(1, **stream).items() if value is not None}
    running.push(panes=[PANE], alerts=[alert])
    assert running.after(120_000) == [alert["id"]]


def test_while_the_other_dashboards_can_not_be_reached_nobody_knows_whether_the_job_is_silent(
    running: Running,
) -> None:
    running.push(panes=[PANE])
    silence = running.app.extensions["dashboard.silence"]
    silence._is_apart = lambda: True
    assert running.after(120_000) == []
    silence._is_apart = lambda: False
    assert running.after(0) == [ID]
