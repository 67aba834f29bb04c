"""`kill -9` of every process and of the broker, with the log on Kafka: nothing is lost, nothing is counted twice."""

import random
import sys
import threading
from pathlib import Path

import pytest
from tests.conftest import ON_THE_NEWEST_SPARK
from tests.faults.counting import FAR, snapshot, until_counting
from tests.faults.kafka_stack import PARTITIONS, KafkaStack
from tests.faults.load import write_load
from tests.faults.random_kills import kill_when_there
from tests.faults.verdict import finish, judge

POSTS_PER_SECOND = 600
# Longer than all kills together; what is left then comes as fast as it goes.
POSTS = 60_000
PACE = {"PANE_SECONDS": 2, "WINDOW_SECONDS": 60, "TRIGGER_SECONDS": 0.5}
#: One is killed so long after the other, at most.
PAUSE_SECONDS = 1.5


def kill_each(stack: KafkaStack, rng: random.Random) -> None:
    """Everything once, in any order, of Spark's two processes one; the broker between the others."""
    roles = ["ingest", "dashboard", "page", "worker", "broker", rng.choice(["driver", "java"])]
    rng.shuffle(roles)
    for role in roles:
        threading.Event().wait(rng.uniform(0, PAUSE_SECONDS))
        kill_when_there(stack, role, rng)


@ON_THE_NEWEST_SPARK
@pytest.mark.timeout(600)
def test_nothing_is_lost_or_counted_twice_whatever_is_killed(
    kafka_jars: None, python: Path, tmp_path: Path, seed: int
) -> None:
    load, rng = write_load(tmp_path / "posts.jsonl", seed, POSTS, POSTS_PER_SECOND), random.Random(seed)
    replay = {"SOURCE": "replay", "REPLAY_FILE": load.path, "REPLAY_SPEED": 1}
    with KafkaStack(tmp_path / "stack", python, Path(sys.executable), **replay, **PACE) as stack:
        start, _ = until_counting(stack)
        first = snapshot(stack)
        assert first is not None
        kill_each(stack, rng)
        start, _ = until_counting(stack, (start, FAR))
        # The broker alone: ingest and the job go on with it, without a new start.
        kill_when_there(stack, "broker", rng)
        _, offset = until_counting(stack, (start, 0))
        until_counting(stack, (start, offset + POSTS_PER_SECOND))
        stack.kill_all()
        until_counting(stack, (start, FAR))
        finish(stack)
        verdict = judge(stack, load, first["epoch"])
        assert not verdict.wrong, "\n".join([*verdict.wrong, stack.said()])
        assert stack.kills["broker"] >= 3
        topics = Path(stack.folder / "kafka" / "data").glob("posts-[0-9]")
        assert len(list(topics)) == PARTITIONS
    assert stack.unexplained == []
