"""One Python worker of Spark's tasks is killed, and no other process."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator

import psutil
import pytest
from tests.processes import wait_until

from spark_job.executor import worker_daemon
from spark_job.lesson_faults.python_workers import kill_worker

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists processes as files")

#: A daemon with these arguments, and two workers. This process takes the place of Java.
DAEMON = """
import subprocess, sys
workers = [subprocess.Popen(["sleep", "600"]) for _ in range(2)]
print(*[worker.pid for worker in workers], flush=True)
sys.stdin.read()
for worker in workers:
    worker.kill()
"""
Start = Callable[..., list[int]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a daemon with these arguments, and returns its workers."""
    daemons: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> list[int]:
        daemon = subprocess.Popen(
            [sys.executable, "-c", DAEMON, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        daemons.append(daemon)
        assert daemon.stdout is not None
        return [int(each) for each in daemon.stdout.readline().split()]

    yield start
    for daemon in daemons:
        daemon.communicate("")


def lives(process: int) -> bool:
    return psutil.pid_exists(process) and psutil.Process(process).status() != psutil.STATUS_ZOMBIE


def test_one_worker_of_the_daemon_of_the_tasks_is_killed(start: Start) -> None:
    first, second = start(worker_daemon.__name__, "pyspark.worker")
    killed = kill_worker(os.getpid())
    assert killed == min(first, second)
    wait_until(lambda: not lives(killed), "it is dead", 20)
    assert lives(max(first, second))


@pytest.mark.parametrize("arguments", [(), ("-m", "pyspark.daemon", "pyspark.worker")])
def test_children_of_other_processes_stay(start: Start, arguments: tuple[str, ...]) -> None:
    workers = start(*arguments)
    assert kill_worker(os.getpid()) is None
    assert all(map(lives, workers))


def test_workers_of_another_java_stay(start: Start) -> None:
    workers = start(worker_daemon.__name__, "pyspark.worker")
    assert kill_worker(workers[0]) is None
    assert all(map(lives, workers))
