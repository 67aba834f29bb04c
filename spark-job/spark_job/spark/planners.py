"""End the Python processes with which Spark has planned the query. They have no work until the next query starts.

For each step of the plan Spark starts a daemon, which forks a worker. Together they have 120 MB. Spark ends the workers
after a minute, and the daemons never. When it needs such a daemon again, it starts another one.
"""

import os
import signal
from contextlib import suppress
from pathlib import Path

#: The daemons that only plan: `python -m pyspark.daemon MODULE`. The daemon of the tasks has another module.
PLANNERS = frozenset({"pyspark.sql.worker.create_data_source", "pyspark.sql.worker.plan_data_source_read"})
PROCESSES = Path("/proc")


def end_planners(java: int, processes: Path = PROCESSES) -> int:
    """End the daemons that only plan, and with them their workers.

    Args:
        java: The process id of Spark's Java.
        processes: The folder with a folder for each process of this machine. Only Linux has one.

    Returns:
        How many daemons were ended.

    """
    planners = [each for each in processes.glob("[0-9]*") if parent_of(each) == java and _is_planner(each)]
    for planner in planners:
        with suppress(ProcessLookupError):
            os.kill(int(planner.name), signal.SIGTERM)
    return len(planners)


def parent_of(process: Path) -> int | None:
    """The process id of the parent; `None` if the process has ended. See proc(5)."""
    with suppress(OSError, ValueError, IndexError):
        # The program's name is in parentheses, and may have any character.
        return int((process / "stat").read_text(errors="replace").rpartition(")")[2].split()[1])
    return None


def _is_planner(process: Path) -> bool:
    with suppress(OSError):
        arguments = (process / "cmdline").read_text(errors="replace").split("\0")
        return "pyspark.daemon" in arguments and not PLANNERS.isdisjoint(arguments)
    return False
