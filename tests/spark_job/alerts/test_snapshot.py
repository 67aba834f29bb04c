"""Alerts are in each snapshot until the dashboard has stored them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_dashboard import TOKEN, FakeDashboard
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.snapshot_checks import VALIDATOR
from tests.spark_job.support.snapshots import sent
from tests.spark_job.support.tally import counted

from spark_job.alerts.alerts import Alerts
from spark_job.alerts.rules_file import RulesFile
from spark_job.coordinator import Coordinator
from spark_job.mute.mute_file import MuteFile
from spark_job.publish.budget import fit
from spark_job.publish.push import Pusher
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.snapshot_schema import Ingest, Snapshot
from spark_job.state.schema import FORMAT
from spark_job.state.store import State

PASSES = '[[alert]]\nname = "two"\nwhen = "passes"\nposts = 2\n'
STOPPED = '[[alert]]\nname = "stopped"\nwhen = "stream"\nstream = "counting stopped"\n'


class Rig:
    """A coordinator with rules, and a clock that only the test moves."""

    def __init__(self, folder: Path, rules: str) -> None:
        file = folder / "alerts.toml"
        file.write_text(rules)
        self.rules = RulesFile(file)
        self.now_ms = T
        alerts = Alerts(PANE_MS, WINDOW_MS, lambda: self.rules.content)
        self.state = State(folder / "counts.duckdb", PANE_MS, WINDOW_MS, alerts=alerts)
        self.epoch = self.state.begin_epoch("log-a", 0, T, "first start").epoch
        self.offered: list[Snapshot] = []
        self.file = file
        (folder / "muted.txt").write_text("# Nothing\n")
        self.mute = MuteFile(folder / "muted.txt")
        snapshots = Snapshots(self.state, Pace(10, 30, 1.0, 10), 0, mute=self.mute, rules=self.rules)
        self.job = Coordinator(self.state, snapshots, self.offered.append, lambda: self.now_ms)

    def count(self, number: int, *tags: str) -> dict[str, Any]:
        """Count posts of a pane, and return the snapshot."""
        progress = self.job.progress()
        assert progress is not None
        posts = [post([tag], T + number * PANE_MS + 1) for tag in tags]
        self.job.count(counted(posts, progress.next_offset), number, 0)
        return sent(self.offered[-1])


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path, PASSES + STOPPED)
    yield rig
    rig.job.close()


def test_an_alert_is_sent_until_it_is_acknowledged(rig: Rig) -> None:
    rig.count(0, "sun")
    assert "alerts" not in rig.count(1, "rain", "rain")
    snapshot = rig.count(2, "sun")
    assert [alert["id"] for alert in snapshot["alerts"]] == [f"{rig.epoch}/{T + PANE_MS}/two/rain"]
    assert [*VALIDATOR.iter_errors(snapshot)] == []
    assert rig.count(2, "sun")["alerts"] == snapshot["alerts"]
    rig.job.on_alerts_stored(["another"])
    assert rig.count(2, "sun")["alerts"] == snapshot["alerts"]
    rig.job.on_alerts_stored([alert["id"] for alert in snapshot["alerts"]])
    assert "alerts" not in rig.count(2, "sun")


def test_the_rules_and_the_error_of_their_file_are_sent(rig: Rig) -> None:
    rules = rig.count(0, "sun")["alert_rules"]
    assert [(rule["name"], rule["when"], rule.get("stream")) for rule in rules["rules"]] == [
        ("two", "passes", None),
        ("stopped", "stream", "counting stopped"),
    ]
    assert (rules["error"], rules["dropped"]) == (None, 0)
    rig.file.write_text(PASSES + "top = 3\n")
    rig.rules.check()
    rules = rig.count(0, "sun")["alert_rules"]
    assert [rule["name"] for rule in rules["rules"]] == ["two", "stopped"]
    assert rules["error"].startswith(f"{rig.file}, line 5: 'top' is no field of a rule with when = 'passes'")


def test_a_rule_about_a_muted_tag_is_not_shown(rig: Rig) -> None:
    rig.file.write_text(PASSES + 'tag = "Rain"\n' + PASSES.replace("two", "any"))
    rig.rules.check()
    assert [rule["name"] for rule in rig.count(0, "sun")["alert_rules"]["rules"]] == ["two", "any"]
    (rig.file.parent / "muted.txt").write_text("#rain\n")
    rig.mute.check()
    assert [rule["name"] for rule in rig.count(0, "sun")["alert_rules"]["rules"]] == ["any"]


def test_a_snapshot_says_how_many_alerts_were_dropped(rig: Rig) -> None:
    rig.count(0, "fog")
    rig.state.alerts.outbox._most = 1
    rig.count(1, "rain", "rain", "sun", "sun", "hail", "hail")
    snapshot = rig.count(2, "fog")
    assert (len(snapshot["alerts"]), snapshot["alert_rules"]["dropped"]) == (1, 2)
    assert [*VALIDATOR.iter_errors(snapshot)] == []


def test_counting_that_has_stopped_for_a_minute_is_an_alert(rig: Rig) -> None:
    rig.count(0, "sun")
    away = Ingest(reachable=False, since_ms=T, error="Connection refused.", status=None)
    for seconds, alerts in ((59, 0), (60, 1), (4000, 1)):
        rig.now_ms = T + seconds * 1000
        rig.job.tick(away, 0)
        assert len(sent(rig.offered[-1]).get("alerts", [])) == alerts
    (alert,) = sent(rig.offered[-1])["alerts"]
    assert (alert["id"], alert["detail"]) == (f"{rig.epoch}/{T + 60_000}/stopped/-", "Connection refused.")


def test_the_dashboards_answer_acknowledges_only_what_was_sent(rig: Rig) -> None:
    rig.count(0, "sun")
    rig.count(1, "rain", "rain")
    rig.count(2, "sun")
    snapshot = rig.offered[-1]
    stored: list[list[str]] = []
    with FakeDashboard() as dashboard:
        dashboard.keeps_alerts = lambda alerts: [alert["id"] for alert in alerts] + ["another"]
        pusher = Pusher(f"{dashboard.url}/api/snapshots", TOKEN)
        pusher.start(lambda _: None, stored.append)
        pusher.offer(snapshot)
        dashboard.wait_for(lambda sent: "alerts" in sent)
        pusher.stop(10)
    assert stored == [[f"{rig.epoch}/{T + PANE_MS}/two/rain"]]


def test_a_snapshot_that_was_refused_has_one_alert_and_then_none(rig: Rig) -> None:
    rig.count(0, "sun")
    rig.count(1, "rain", "rain", "hail", "hail")
    rig.count(2, "sun")
    snapshot = rig.offered[-1]
    assert [len(sent(fit(snapshot, *size)).get("alerts", [])) for size in ((1.0, 60), (0.25, 1), (0.0625, 0))] == [
        2,
        1,
        0,
    ]


def test_a_file_of_the_format_before_gets_the_tables(tmp_path: Path) -> None:
    path = tmp_path / "counts.duckdb"
    State(path, PANE_MS, WINDOW_MS).close()
    with duckdb.connect(str(path)) as db:
        for table in ("alert_state", "alert_outbox", "dropped_alerts"):
            db.execute(f"DROP TABLE {table}")
        db.execute("UPDATE meta SET format = 4")
    state = State(path, PANE_MS, WINDOW_MS)
    assert state.db.execute("SELECT format FROM meta").fetchall() == [(FORMAT,)]
    assert state.alerts.outbox.oldest() == []
    state.close()


def test_nothing_is_sent_without_a_file(tmp_path: Path) -> None:
    rig = Rig(tmp_path, "# no rules\n")
    rig.rules = RulesFile(None)
    snapshot = Snapshots(rig.state, Pace(10, 30, 1.0, 10), 0)
    progress = rig.state.progress()
    assert progress is not None
    rig.count(0, "sun")
    made = sent(snapshot.make(progress, T, T, rig.offered[-1].health))
    assert not {"alerts", "alert_rules"} & made.keys()
    rig.job.close()
