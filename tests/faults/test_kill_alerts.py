"""`kill -9` of every process while hashtags cross a rule's number and the webhook fails: each crossing comes once."""

import random
import sys
from functools import partial
from pathlib import Path

import pytest
from tests.conftest import ON_THE_NEWEST_SPARK
from tests.faults import alert_kills
from tests.faults.alert_plan import AlertPlan
from tests.faults.random_kills import kill_at_random
from tests.faults.supervisor import OWNERS, Supervisor

POSTS = 45_000
CROSSINGS = 40
#: `python scripts/soak.py --alerts 100` has more of them.
KILLS = 2 * len(OWNERS)
SECONDS = 30


@ON_THE_NEWEST_SPARK
@pytest.mark.timeout(600)
def test_each_crossing_comes_to_a_failing_webhook_with_one_id(python: Path, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    plan = AlertPlan(tmp_path / "posts.jsonl", seed, POSTS, CROSSINGS, SECONDS)
    replay = {"SOURCE": "replay", "REPLAY_FILE": plan.path, "REPLAY_SPEED": 1}
    with alert_kills.receiver(tmp_path, rng) as webhook:
        given = replay | alert_kills.settings(tmp_path, webhook)
        with Supervisor(tmp_path / "stack", python, Path(sys.executable), **given) as stack:
            verdict = alert_kills.run(stack, plan, webhook, partial(kill_at_random, stack, rng, KILLS, SECONDS))
            assert not verdict.wrong, "\n".join([*verdict.wrong, stack.said()])
            assert (verdict.delivered, verdict.ids) == (CROSSINGS, CROSSINGS)
            # Without failed requests the webhook would prove nothing.
            assert verdict.requests > CROSSINGS
        assert stack.unexplained == []
