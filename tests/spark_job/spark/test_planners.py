"""The daemons that only planned the query are ended, and no other process."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from spark_job.spark.planners import PLANNERS, end_planners

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists processes as files")

PATIENCE_SECONDS = 10.0
#: A parent that starts a child with these arguments, and waits for it. The child says when it runs: only then is
#: its list of arguments sure to be there. When `Popen` returns, the list may still be empty.
PARENT = """
import subprocess, sys
child = "print('runs', flush=True); input()"
subprocess.Popen([sys.executable, "-c", child, *sys.argv[1:]], stdin=subprocess.PIPE).wait()
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a parent whose child has these arguments."""
    parents: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        parents.append(parent)
        assert parent.stdout is not None
        assert parent.stdout.readline() == "runs\n"
        return parent

    yield start
    for parent in parents:
        parent.kill()
        parent.communicate()


@pytest.mark.parametrize("module", sorted(PLANNERS))
def test_a_planner_of_this_java_is_ended(start: Start, module: str) -> None:
    parent = start("-m", "pyspark.daemon", module)
    assert end_planners(parent.pid) == 1
    # The parent ends with its child.
    assert parent.wait(PATIENCE_SECONDS) == 0
    assert end_planners(parent.pid) == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("-m", "pyspark.daemon", "pyspark.worker"),
        ("-m", "another.daemon", "pyspark.worker"),
        ("-m", "pyspark.sql.streaming.python_streaming_source_runner"),
        ("-m", sorted(PLANNERS)[0]),
    ],
)
def test_other_processes_of_this_java_stay(start: Start, arguments: tuple[str, ...]) -> None:
    parent = start(*arguments)
    assert end_planners(parent.pid) == 0
    assert parent.poll() is None


def test_planners_of_another_java_stay(start: Start) -> None:
    ours, other = start(), start("-m", "pyspark.daemon", sorted(PLANNERS)[0])
    assert end_planners(ours.pid) == 0
    assert other.poll() is None
