"""The job away while posts go on coming: they wait in the spool, and no pane is wrong afterwards."""

import sys
from pathlib import Path

import pytest
from tests.faults.counting import away, snapshot, until_counting
from tests.faults.load import write_load
from tests.faults.supervisor import Supervisor
from tests.faults.verdict import finish, judge

pytestmark = pytest.mark.spark

AWAY_SECONDS = 30


@pytest.mark.timeout(600)
def test_a_job_that_was_away_catches_up_and_no_pane_is_wrong(tmp_path: Path, seed: int) -> None:
    load = write_load(tmp_path / "posts.jsonl", seed, posts=120_000, per_second=1000)
    settings = {"SOURCE": "replay", "REPLAY_FILE": load.path, "PANE_SECONDS": 2, "WINDOW_SECONDS": 60}
    python = Path(sys.executable)
    with Supervisor(tmp_path / "stack", python, python, **settings) as stack:
        until_counting(stack)
        first = snapshot(stack)
        assert first is not None
        away(stack, AWAY_SECONDS)
        finish(stack)
        verdict = judge(stack, load, first["epoch"])
        assert not verdict.wrong, "\n".join([*verdict.wrong, stack.said()])
    assert stack.unexplained == []
