"""The job is killed at random moments while planted tags cross a threshold: each crossing has one alert with one id."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.spark_job.support import counting_process
from tests.spark_job.support.counting_process import PANE_MS, PLANTED, planted_posts
from tests.spark_job.support.fake_dashboard import FakeDashboard

ROOT = Path(__file__).resolve().parents[3]
KILLS = 10
RULES = '[[alert]]\nname = "three"\nwhen = "passes"\ntag = "burst*"\nposts = 3\n'


class Desk:
    """What a dashboard does with alerts: it stores each id once, and says so late, twice or never."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.stored: dict[str, dict[str, Any]] = {}
        self.contradictions: list[str] = []
        self.times_sent: Counter[str] = Counter()
        self.is_reliable = False

    def keep(self, alerts: list[dict[str, Any]]) -> list[str]:
        for alert in alerts:
            self.times_sent[alert["id"]] += 1
            if self.stored.setdefault(alert["id"], alert) != alert:
                self.contradictions.append(alert["id"])
        if self.is_reliable:
            return [alert["id"] for alert in alerts]
        # Of some alerts it says it now, of some with a later snapshot, and with it some that it has said before.
        said = [alert["id"] for alert in alerts if self.dice.random() < 0.3]
        return said + self.dice.sample([*self.stored], min(3, len(self.stored)))


def start(folder: Path, rules: Path, dashboard: FakeDashboard, seed: int) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", counting_process.__name__, str(folder), str(rules), dashboard.url, str(seed)]
    environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'spark-job'}"}
    return subprocess.Popen(command, cwd=ROOT, env=environment)


def test_each_crossing_has_one_alert_through_kills(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    dice, desk = random.Random(seed), Desk(seed)
    rules = tmp_path / "alerts.toml"
    rules.write_text(RULES)
    posts = planted_posts(seed)
    kills = kills_while_counting = 0
    with FakeDashboard() as dashboard:
        dashboard.keeps_alerts = desk.keep
        while True:
            desk.is_reliable = kills == KILLS
            requests = dashboard.requests
            process = start(tmp_path, rules, dashboard, seed)
            if desk.is_reliable:
                assert process.wait(180) == 0
                break
            # The process has read the state, and is somewhere in its work.
            dashboard.wait_for_requests(requests + 1 + dice.randrange(6), 120)
            time.sleep(dice.random() * 0.1)
            process.kill()
            process.wait()
            kills += 1
            # The first snapshot has come, but may not be noted yet.
            kills_while_counting += not dashboard.snapshots or dashboard.snapshots[-1]["health"]["offset"] < len(posts)
    fired = {alert["key"]: alert for alert in desk.stored.values()}
    began: dict[str, int] = {}
    for post in posts:
        began.setdefault(post["tags"][0]["key"], post["at_ms"] - post["at_ms"] % PANE_MS)
    assert kills_while_counting >= 3, f"seed {seed}"
    assert desk.contradictions == [], f"seed {seed}"
    assert sorted(fired) == sorted(f"burst{number}" for number in range(PLANTED)), f"seed {seed}"
    assert len(desk.stored) == PLANTED
    assert {key: alert["at_ms"] - PANE_MS for key, alert in fired.items()} == {key: began[key] for key in fired}
    assert {alert["posts"] for alert in fired.values()} == {4}
    assert max(desk.times_sent.values()) > 1
