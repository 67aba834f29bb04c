"""Kills at random moments: each alert is delivered, with one id, none is missing and none is invented.

`KILL_SEED=…` repeats a run, `ALERT_KILLS=…` sets the number of kills.
"""

from __future__ import annotations

import base64
import http.client
import os
import random
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.dashboard.conftest import TOKEN, Dashboard
from tests.dashboard.support import feeder
from tests.dashboard.support.alerts import pushed
from tests.dashboard.support.webhook_receiver import SECRET, WebhookReceiver
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

KILLS = int(os.environ.get("ALERT_KILLS", "4"))
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
ALERTS_PER_KILL = 12
FAILURES: tuple[Any, ...] = (500, (429, {"Retry-After": "1"}), "cut", "cut after", "nonsense")
#: One of so many attempts fails.
FAILS_ONE_OF = 8


class Job:
    """Pushes what fires until the dashboard has acknowledged it, as the job does with its outbox."""

    def __init__(self, url: str) -> None:
        self.waiting: list[dict[str, Any]] = []
        self.fired = 0
        self._url = url
        self._seq = 0
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._push, daemon=True)
        self._thread.start()

    def fire(self) -> None:
        """One more alert."""
        with self._lock:
            self.fired += 1
            self.waiting.append(pushed(self.fired))

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def _push(self) -> None:
        while not self._ended.wait(0.05):
            self._seq += 1
            body = feeder.snapshot({"WorldCup": 1}, int(time.time() * 1000), self._seq, alerts=self.waiting[:100])
            try:
                kept = set(feeder.push(self._url, TOKEN, body)["alerts_kept"])
            except (OSError, http.client.HTTPException, ValueError):
                continue
            with self._lock:
                self.waiting = [alert for alert in self.waiting if alert["id"] not in kept]


@pytest.fixture
def receiver() -> Iterator[WebhookReceiver]:
    chance = random.Random(SEED)
    plan = [chance.choice(FAILURES) if chance.randrange(FAILS_ONE_OF) == 0 else 200 for _ in range(5000)]
    running = WebhookReceiver(plan)
    yield running
    running.close()


def test_no_kill_of_the_dashboard_loses_an_alert_or_invents_one(tmp_path: Path, receiver: WebhookReceiver) -> None:
    chance = random.Random(SEED)
    secret = base64.b64encode(SECRET).decode()
    (tmp_path / "targets.txt").write_text(f"webhook {receiver.url}/hook secret=whsec_{secret}\n")
    dashboard = Dashboard(tmp_path, TARGETS_FILE=str(tmp_path / "targets.txt"))
    job = Job(dashboard.url)
    try:
        for _ in range(KILLS):
            moment = chance.randrange(ALERTS_PER_KILL)
            for number in range(ALERTS_PER_KILL):
                job.fire()
                time.sleep(chance.uniform(0, 0.1))
                if number == moment:
                    dashboard.kill()
                    dashboard.start()
        planted = [pushed(number)["id"] for number in range(1, job.fired + 1)]
        wait_until(lambda: {*planted} <= {*receiver.taken}, f"all are delivered (KILL_SEED={SEED})", 180)
    finally:
        job.close()
        dashboard.kill()
    times = Counter(receiver.taken)
    ids = {(event["id"], id_) for _, id_, event in receiver.requests}
    sys.stderr.write(
        f"\nKILL_SEED={SEED}: {KILLS} kills, {len(planted)} planted, {len(times)} delivered,"
        f" {sum(times.values()) - len(times)} delivered again with the same id, {len(receiver.requests)} attempts\n"
    )
    assert times.keys() == set(planted)
    assert len(ids) == len(planted)
    # In order: the first time that each was taken.
    assert [*dict.fromkeys(receiver.taken)] == planted
    assert receiver.problems == []
