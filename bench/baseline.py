"""One of the usual ways as a contender: a process of `bench.baselines`, most of them with lines from a socket."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from abc import abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from bench.contender import Contender
from bench.line_server import LineServer
from bench.material import Form, Material
from spark_job.spark.java import java_home

ROOT = Path(__file__).resolve().parents[1]
STOP_SECONDS = 10.0
MOST_SAID = 160


def environment(scratch: Path, python: Path) -> dict[str, str]:
    """The environment of a baseline's process: our Java, `python`, temporary files in `scratch`, no web UI."""
    conf = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.local.dir": str(scratch)}
    conf["spark.log.level"] = "ERROR"
    options = " ".join(f"--conf {name}={value}" for name, value in conf.items())
    return os.environ | {
        "JAVA_HOME": str(java_home(os.environ, Path(sys.prefix))),
        "PYSPARK_PYTHON": str(python),
        "PYSPARK_SUBMIT_ARGS": f"{options} pyspark-shell",
        "SPARK_LOCAL_IP": "127.0.0.1",
        "TMPDIR": str(scratch),
        "FLINK_LOG_DIR": str(scratch),
        "PYTHONPATH": str(ROOT),
    }


class ProcessContender(Contender):
    """`python -m bench.baselines.MODULE ARGUMENT`, which prints its lists."""

    def __init__(self, name: str, module: str, material: Material, python: Path) -> None:
        super().__init__(material)
        self.name = name
        self._module = module
        self._python = python

    @abstractmethod
    def argument(self, scratch: Path) -> str:
        """The argument of its command; `scratch` is a folder of its own."""

    def start(self) -> None:
        """Start the process."""
        self._scratch = tempfile.TemporaryDirectory(prefix="baseline-")
        scratch = Path(self._scratch.name)
        self._said = (scratch / "said").open("w+")
        self._process = subprocess.Popen(
            [self._python, "-m", f"bench.baselines.{self._module}", self.argument(scratch)],
            env=environment(scratch, self._python),
            cwd=scratch,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, name=self._module, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        with self._process.stdout as lines:
            for line in lines:
                # The kill may have cut off the last line.
                if line.endswith("\n"):
                    self.show(json.loads(line))
        with self._said as said:
            said.seek(0)
            self.end(telling_line(said.readlines()))

    def processes(self) -> list[psutil.Process]:
        """It and its children."""
        with suppress(psutil.NoSuchProcess):
            main = psutil.Process(self._process.pid)
            return [*main.children(recursive=True), main]
        return []

    def stop(self) -> None:
        """Kill the process and its children: a slow stream would take long to end."""
        family = self.processes()
        for one in family:
            with suppress(psutil.NoSuchProcess):
                one.send_signal(signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
        psutil.wait_procs(family, STOP_SECONDS)
        self._listener.join(STOP_SECONDS)
        self._scratch.cleanup()


class Baseline(ProcessContender):
    """One of the usual ways that reads lines from a port, and the server that sends it lines."""

    def __init__(
        self, name: str, module: str, form: Form, material: Material, python: Path = Path(sys.executable)
    ) -> None:
        super().__init__(name, module, material, python)
        self._form: Form = form
        self._lines = LineServer(material.path(form))

    def start(self) -> None:
        """Start the server and the process."""
        self._lines.__enter__()
        super().start()

    def stop(self) -> None:
        """Kill the process, and stop the server."""
        super().stop()
        self._lines.__exit__(None, None, None)

    def argument(self, _: Path) -> str:
        """The port."""
        return str(self._lines.port)

    def feed(self, posts: int) -> float:
        """Send the lines of the first `posts` posts."""
        return self._lines.release(self.material.bytes_until(self._form, posts))

    @property
    def asked_at(self) -> float:
        """The time at which it connected."""
        if self._lines.asked_at is None:
            raise RuntimeError(f"{self.name} has not connected")
        return self._lines.asked_at


def telling_line(lines: Sequence[str]) -> str:
    """The last of `lines` that names an error, otherwise the last one with a word. Java prints a plan after it."""
    words = [line.strip() for line in lines if line.strip()]
    errors = [line for line in words if re.search(r"(Error|Exception)\b", line)]
    last = ([*words[-1:], *errors[-1:]] or ["without a word"])[-1]
    # Spark names the run by ids, which don't help a reader.
    return re.sub(r" \[id = [^]]*\]", "", last)[:MOST_SAID]
