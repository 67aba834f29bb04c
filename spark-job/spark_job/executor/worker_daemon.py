"""The process that forks Spark's Python workers: `python -m spark_job.executor.worker_daemon pyspark.worker`.

It is PySpark's own daemon, with two differences:

- **Nothing waits for an acknowledgement of TCP.** Java sends a task in several pieces. Its socket holds the second
  piece back until the first is acknowledged (RFC 896), and Linux may delay that by 40 ms (tcp(7)). So a worker
  acknowledges each piece at once, and sends its own pieces at once too.
- **Workers share memory.** The modules of the tasks are imported before the workers are forked. So they exist once, and
  the first task doesn't wait for them. Python's garbage collector leaves their objects alone: it would write to each of
  them, so each worker would get a copy. PySpark runs the collector after each task.

`spark.python.daemon.module` names this module. A Spark worker that lacks it can't run any Python, so the setting is for
workers that are known to have it. The module imports pyspark, pyarrow and the standard library only.
"""

import gc
import importlib
import io
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, BinaryIO

#: The module that runs tasks, unless Spark names another one.
WORKER_MODULE = "pyspark.worker"
#: They import all modules of a task. Only the first is there in every version of PySpark and pyarrow.
TASK_MODULES = ("spark_job.executor.data_source", "pyspark.sql.worker.plan_data_source_read", "pyarrow.acero")

#: Runs the tasks that come on one connection: `main(infile, outfile)` of a module of PySpark.
WorkerMain = Callable[[Any, Any], None]


class QuickReader(io.RawIOBase):
    """Reads a TCP connection, and acknowledges at once what comes."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def readable(self) -> bool:
        """It can be read."""
        return True

    def fileno(self) -> int:
        """The connection's file descriptor."""
        return self._connection.fileno()

    def readinto(self, buffer: Any) -> int:
        """Read what is there, and wait if there is nothing."""
        # Linux clears the option by itself. To set it also sends an acknowledgement that waits.
        with suppress(OSError):
            self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return self._connection.recv_into(buffer)


def without_delays(main: WorkerMain) -> WorkerMain:
    """`main`, with a reader that acknowledges at once and a writer that sends at once."""

    def quick_main(infile: BinaryIO, outfile: BinaryIO) -> None:
        # PySpark gives each task new files, so `infile` has read nothing ahead.
        with socket.socket(fileno=os.dup(infile.fileno())) as connection:
            if connection.family not in {socket.AF_INET, socket.AF_INET6}:
                main(infile, outfile)
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            size = int(os.environ.get("SPARK_BUFFER_SIZE", "65536"))
            main(io.BufferedReader(QuickReader(connection), size), outfile)

    return quick_main


def _load_task_modules() -> None:
    """Import what the workers share, and let the garbage collector leave it alone from now on."""
    first, *others = TASK_MODULES
    importlib.import_module(first)
    for name in others:
        with suppress(ImportError):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()


def main() -> None:
    """Run the daemon until Java ends it."""
    name = sys.argv[1] if len(sys.argv) > 1 and sys.argv[1].startswith("pyspark") else WORKER_MODULE
    worker: Any = importlib.import_module(name)
    if hasattr(socket, "TCP_QUICKACK"):
        worker.main = without_delays(worker.main)
    _load_task_modules()
    # Spark 4.0 takes `worker.main` when this module is imported, later versions when a worker starts.
    importlib.import_module("pyspark.daemon").manager()


if __name__ == "__main__":
    main()
