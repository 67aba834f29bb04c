"""Java stands still for a while, and goes on whatever ends the job. A process that only sleeps takes its place."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from tests.processes import wait_until

from spark_job.lesson_faults import java_pause
from spark_job.lesson_faults.java_pause import JavaPause

PATIENCE_SECONDS = 20.0
#: Stops a process for a long time, and waits.
JOB = """
import sys
from spark_job.lesson_faults.java_pause import JavaPause
with JavaPause(int(sys.argv[1]), 600):
    input()
"""


@pytest.fixture
def java() -> Iterator[psutil.Process]:
    process = subprocess.Popen(["sleep", "600"])
    yield psutil.Process(process.pid)
    process.kill()
    process.wait()


def until_still(java: psutil.Process) -> None:
    wait_until(lambda: java.status() == psutil.STATUS_STOPPED, "it stands still", PATIENCE_SECONDS)


def until_running(java: psutil.Process) -> None:
    wait_until(lambda: java.status() == psutil.STATUS_SLEEPING, "it goes on", PATIENCE_SECONDS)


def test_it_goes_on_by_itself(java: psutil.Process) -> None:
    # So long that the pause is seen, also if this process stands still meanwhile.
    with JavaPause(java.pid, 3.0) as pause:
        until_still(java)
        wait_until(lambda: pause.is_over, "the pause is over", PATIENCE_SECONDS)
        until_running(java)


def test_it_goes_on_at_once_when_the_pause_is_left(java: psutil.Process) -> None:
    with JavaPause(java.pid, 600) as pause:
        until_still(java)
        assert not pause.is_over
    until_running(java)


def test_it_goes_on_when_the_program_that_stopped_it_was_killed(java: psutil.Process) -> None:
    with JavaPause(java.pid, 600) as pause:
        until_still(java)
        assert pause._stopper is not None
        pause._stopper.kill()
    until_running(java)


def test_it_goes_on_when_the_program_that_stopped_it_does_not_end(
    java: psutil.Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(java_pause, "END_SECONDS", 0.2)
    with JavaPause(java.pid, 600) as pause:
        until_still(java)
        assert pause._stopper is not None
        pause._stopper.send_signal(signal.SIGSTOP)
    until_running(java)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_goes_on_when_the_job_is_killed(java: psutil.Process, number: int) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "spark-job")}
    job = subprocess.Popen([sys.executable, "-c", JOB, str(java.pid)], stdin=subprocess.PIPE, env=environment)
    try:
        until_still(java)
    finally:
        job.send_signal(number)
        job.communicate()
    until_running(java)


def test_a_java_that_has_ended_is_no_error() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    with JavaPause(process.pid, 600) as pause:
        wait_until(lambda: pause.is_over, "there is nothing to stop", PATIENCE_SECONDS)
