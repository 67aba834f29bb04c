"""A cluster of Spark's own on this machine: a master, and workers with one core and one executor each."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from tests.kafka.broker import WITH_PARENT
from tests.processes import free_ports, wait_until

from spark_job.spark.environment import own_spark_home
from spark_job.spark.java import java_home

HOST = "127.0.0.1"
START_SECONDS = 120.0
EXECUTOR_MB = 512


class StandaloneCluster:
    """Started by `with`.

    `variables` are those of the job: its executors get little memory, and Spark writes down what it does.
    """

    def __init__(self, folder: Path, workers: int) -> None:
        (self._port,) = free_ports(1)
        self._workers = workers
        self._folder = folder
        self.work, self.events = folder / "work", folder / "events"
        conf = folder / "conf"
        for made in (self.work, self.events, conf):
            made.mkdir(parents=True)
        (conf / "spark-defaults.conf").write_text(
            f"spark.executor.memory {EXECUTOR_MB}m\nspark.eventLog.enabled true\nspark.eventLog.rolling.enabled false\n"
            f"spark.eventLog.compress false\nspark.eventLog.dir {self.events.as_uri()}\n"
        )
        self.variables = {
            "SPARK_MASTER": f"spark://{HOST}:{self._port}",
            "SPARK_CONF_DIR": str(conf),
            "DRIVER_HOST": HOST,
            "PYSPARK_PYTHON": sys.executable,
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self._start("master.Master", "--host", HOST, "--port", str(self._port), "--webui-port", "0")
        wait_until(lambda: "New state: ALIVE" in self._said(), "the master", START_SECONDS)
        for number in range(self._workers):
            place = ("--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(self.work / str(number)))
            self._start("worker.Worker", "--host", HOST, *place, self.variables["SPARK_MASTER"])
        wait_until(
            lambda: self._said().count("Successfully registered with master") == self._workers,
            "the workers",
            START_SECONDS,
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        family = [process for process in self._family() if process.pid != os.getpid()]
        for process in family:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        for started in self._processes:
            started.wait(10)
        psutil.wait_procs(family, 10)

    def arguments(self) -> list[str]:
        """The command line arguments of all its processes that live now."""
        found = []
        for process in self._family():
            with suppress(psutil.NoSuchProcess):
                found += process.cmdline()
        return found

    def tasks(self) -> Counter[str]:
        """How many tasks each executor has ended."""
        return Counter(
            str(event["Task Info"]["Executor ID"])
            for event in self._written()
            if event["Event"] == "SparkListenerTaskEnd"
        )

    def _written(self) -> Iterator[dict[str, Any]]:
        for file in self.events.iterdir():
            # The last line may not be written to its end.
            for line in file.read_text().split("\n")[:-1]:
                yield json.loads(line)

    def _family(self) -> list[psutil.Process]:
        found = []
        for started in self._processes:
            with suppress(psutil.NoSuchProcess):
                process = psutil.Process(started.pid)
                found += [process, *process.children(recursive=True)]
        return found

    def _start(self, name: str, *arguments: str) -> None:
        home = own_spark_home()
        java = java_home(os.environ, Path(sys.prefix)) / "bin" / "java"
        command = [*WITH_PARENT, str(java), "-Xmx256m", "-cp", f"{home}/jars/*", f"org.apache.spark.deploy.{name}"]
        variables = {"PATH": os.environ["PATH"], "SPARK_HOME": str(home), "JAVA_HOME": str(java.parent.parent)}
        # Spark looks for folders of a build otherwise.
        variables["SPARK_SCALA_VERSION"] = "2.13"
        with (self._folder / "said.txt").open("ab") as said:
            self._processes.append(
                subprocess.Popen(
                    [*command, *arguments], env=variables, stdin=subprocess.DEVNULL, stdout=said, stderr=said
                )
            )

    def _said(self) -> str:
        return (self._folder / "said.txt").read_text(errors="replace")
