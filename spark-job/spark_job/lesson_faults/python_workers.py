"""Kill one of the Python workers in which Spark's tasks run."""

import os
import signal
from contextlib import suppress
from pathlib import Path

from spark_job.executor import worker_daemon
from spark_job.spark.planners import PROCESSES, parent_of


def kill_worker(java: int, processes: Path = PROCESSES) -> int | None:
    """Kill (SIGKILL) a Python worker that a task of this Java uses or used.

    Args:
        java: The process id of Spark's Java.
        processes: The folder with a folder for each process of this machine. Only Linux has one.

    Returns:
        The process id of the worker. None if there is none now.

    """
    parents = {each: parent_of(each) for each in processes.glob("[0-9]*")}
    daemons = {int(each.name) for each, parent in parents.items() if parent == java and _is_daemon(each)}
    for worker in sorted(int(each.name) for each, parent in parents.items() if parent in daemons):
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGKILL)
            return worker
    return None


def _is_daemon(process: Path) -> bool:
    with suppress(OSError):
        return worker_daemon.__name__ in (process / "cmdline").read_text(errors="replace").split("\0")
    return False
