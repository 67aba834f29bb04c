"""`kill -9` of the services while posts are deleted: each deletion counts once, and leaves no text anywhere."""

import random
import sys
from pathlib import Path

import pytest
from tests.conftest import ON_THE_NEWEST_SPARK
from tests.faults.deletion_kills import PACE, ROLES, run
from tests.faults.deletion_plan import DeletionPlan
from tests.faults.supervisor import Supervisor

#: So many that a sample is deleted in each round, also where each restart takes half a minute.
POSTS = 60_000
#: `python scripts/soak.py --deletions 20` has more of them.
ROUNDS = 3


@ON_THE_NEWEST_SPARK
@pytest.mark.timeout(600)
def test_deletions_are_neither_lost_nor_doubled_and_leave_no_text(python: Path, tmp_path: Path, seed: int) -> None:
    plan = DeletionPlan(tmp_path / "posts.jsonl", seed, POSTS)
    replay = {"SOURCE": "replay", "REPLAY_FILE": plan.path, "REPLAY_SPEED": 1}
    with Supervisor(tmp_path / "stack", python, Path(sys.executable), **replay, **PACE) as stack:
        verdict = run(stack, plan, random.Random(seed), ROUNDS)
        assert not verdict.wrong, "\n".join([*verdict.wrong, stack.said()])
        assert (verdict.lost, verdict.double) == (0, 0)
        # Without them, no sample could have come back.
        assert verdict.samples_gone
        assert all(stack.kills[role] >= ROUNDS for role in ROLES), stack.kills
    assert stack.unexplained == []
