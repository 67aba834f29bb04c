"""Counts posts with planted crossings and pushes snapshots, without Spark: a process that tests kill.

Arguments: the folder of the state, the file of rules, the address of the dashboard, the seed of the posts. It ends when
all is counted and no alert waits any more.
"""

import random
import sys
import time
from pathlib import Path
from typing import Any

from tests.spark_job.support.fake_dashboard import TOKEN
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import counted

from spark_job.alerts.alerts import Alerts
from spark_job.alerts.rules_file import RulesFile
from spark_job.coordinator import Coordinator
from spark_job.ingest_watch import not_requested_yet
from spark_job.publish.push import Pusher
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.state.store import State

BEGIN = 1_795_176_000_000
PANE_MS, WINDOW_MS = 1000, 5000
PANES, PLANTED = 60, 100


def planted_posts(seed: int) -> list[dict[str, Any]]:
    """A minute of posts. Each planted tag comes once, and passes three posts within a second."""
    dice = random.Random(seed)
    bursts = {number: dice.randrange(1, PANES - 3) for number in range(PLANTED)}
    posts = []
    for pane in range(PANES):
        tags = ["steady"] * 5 + [f"burst{number}" for number, at in bursts.items() if at == pane for _ in range(4)]
        dice.shuffle(tags)
        posts += [post([tag], BEGIN + pane * PANE_MS + place) for place, tag in enumerate(tags)]
    return posts


def main(folder: str, rules_file: str, url: str, seed: str) -> None:
    """Count until the end."""
    rules, posts = RulesFile(Path(rules_file)), planted_posts(int(seed))
    alerts = Alerts(PANE_MS, WINDOW_MS, lambda: rules.content)
    state = State(Path(folder) / "counts.duckdb", PANE_MS, WINDOW_MS, alerts=alerts)
    progress = state.progress() or state.begin_epoch("log-a", 0, BEGIN, "first start")
    snapshots = Snapshots(state, Pace(1, 5, 1.0, 10), state.next_seq_block(), rules=rules)
    pusher = Pusher(f"{url}/api/snapshots", TOKEN)
    coordinator = Coordinator(state, snapshots, pusher.offer, lambda: time.time_ns() // 1_000_000)
    pusher.start(coordinator.on_panes_stored, coordinator.on_alerts_stored)
    dice = random.Random()
    begin = progress.next_offset
    while begin < len(posts):
        end = min(len(posts), begin + dice.randrange(5, 25))
        coordinator.count(counted(posts[begin:end], begin, PANE_MS), begin, 0)
        begin = end
        # The test kills this process after some snapshots, and most of the posts shall be left then.
        time.sleep(0.1)
    while coordinator.with_state(lambda state: len(state.alerts.outbox.oldest())):
        coordinator.tick(not_requested_yet(BEGIN), 0)
        time.sleep(0.02)
    coordinator.close()
    pusher.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
