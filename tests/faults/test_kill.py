"""`kill -9` of every process under load, at random moments: nothing is lost, nothing is counted twice."""

import random
import sys
import threading
import time
from pathlib import Path

import pytest
from tests.faults import contract
from tests.faults.contract import HangingReaders
from tests.faults.counting import FAR, START_SECONDS, snapshot, until_counting
from tests.faults.load import Load, write_load
from tests.faults.random_kills import kill_when_there
from tests.faults.supervisor import OWNERS, Supervisor
from tests.faults.verdict import Verdict, finish, judge

POSTS_PER_SECOND = 600
# Longer than all kills together; what is left then comes as fast as it goes.
POSTS = 200_000
EACH = 5
STOPPED_SECONDS = 20.0
PACE = {"PANE_SECONDS": 2, "WINDOW_SECONDS": 60, "TRIGGER_SECONDS": 0.5}


@pytest.fixture(scope="module")
def load(seed: int, tmp_path_factory: pytest.TempPathFactory) -> Load:
    return write_load(tmp_path_factory.mktemp("load") / "posts.jsonl", seed, POSTS, POSTS_PER_SECOND)


class Killer:
    """Chooses moments and victims."""

    def __init__(self, stack: Supervisor, seed: int) -> None:
        self.stack = stack
        self._rng = random.Random(seed)
        self._pause = threading.Event()

    def kill(self, role: str, within_seconds: float) -> None:
        """One kill at a random moment, or as soon as there is somebody to kill."""
        self._pause.wait(self._rng.uniform(0, within_seconds))
        kill_when_there(self.stack, role, self._rng)

    def kill_while_counting(self) -> int:
        """Each round everything once, in another order, of Spark's two processes one; then all at once.

        Returns which start of the job that was.
        """
        readers = HangingReaders(self.stack.ingest_port, self.stack.tail_port)
        start, _ = until_counting(self.stack)
        for spark in self._shuffled(["driver"] * 2 + ["java"] * 2):
            readers.add()
            for role in self._shuffled(["ingest", "dashboard", "page", "worker", spark]):
                self.kill(role, 1.5)
            start, _ = until_counting(self.stack, (start, FAR))
        self.stack.kill_all()
        readers.close()
        return start

    def kill_while_ingest_stands_still(self) -> None:
        """Spark's two processes while they start; all the time ingest neither answers nor hangs up."""
        self.stack.wait_until(lambda: contract.status(self.stack.ingest_port), "ingest serves", START_SECONDS)
        since = time.monotonic()
        self.stack.pause("ingest")
        for spark in self._shuffled(["driver"] * 3 + ["java"] * 2):
            self.stack.wait_until(lambda: self.stack.victims("java") or None, "Java starts", START_SECONDS)
            self.kill(spark, 2.0)
        self._pause.wait(since + STOPPED_SECONDS - time.monotonic())
        self.stack.resume("ingest")

    def _shuffled(self, roles: list[str]) -> list[str]:
        self._rng.shuffle(roles)
        return roles


def run(stack: Supervisor, killer: Killer, load: Load) -> Verdict:
    until_counting(stack)
    first = snapshot(stack)
    assert first is not None
    start = killer.kill_while_counting()
    killer.kill_while_ingest_stands_still()
    until_counting(stack, (start, FAR))
    finish(stack)
    return judge(stack, load, first["epoch"])


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_counted_twice_whatever_is_killed(
    python: Path, tmp_path: Path, load: Load, seed: int
) -> None:
    replay = {"SOURCE": "replay", "REPLAY_FILE": load.path, "REPLAY_SPEED": 1}
    with Supervisor(tmp_path, python, Path(sys.executable), **replay, **PACE) as stack:
        verdict = run(stack, Killer(stack, seed), load)
        assert not verdict.wrong, "\n".join([*verdict.wrong, stack.said()])
        assert all(stack.kills[role] >= EACH for role in OWNERS), stack.kills
    assert stack.unexplained == []
