"""`python -m spark_job` as its real process, under any interpreter, in a folder and a process group of its own."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil
from tests.spark_job.support.fake_dashboard import TOKEN

ROOT = Path(__file__).resolve().parents[3]
INHERITED = ("PATH", "HOME", "JAVA_HOME", "LANG")
#: How long it may take to end.
END_SECONDS = 15.0
#: How long a test waits for the end of what a job that was killed has left behind.
LEFT_SECONDS = 30.0


class JobProcess:
    """Started by `with`; what is left of it at the end is killed."""

    def __init__(self, python: Path, folder: Path, **settings: object) -> None:
        folder.mkdir(exist_ok=True)
        self._command = [str(python), "-m", "spark_job"]
        self._folder = folder
        self._said = folder / f"said-{time.monotonic_ns()}.txt"
        self._environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        defaults = {"DATA_DIR": "data", "PUSH_TOKEN": TOKEN, "TRIGGER_SECONDS": 0.2, "SPARK_MASTER": "local[2]"}
        defaults |= {"PYTHONPATH": ROOT / "spark-job", "QUERY_PORT": 0}
        self._environment |= {name: str(value) for name, value in (defaults | settings).items()}
        self._family: dict[int, psutil.Process] = {}

    @property
    def said(self) -> str:
        """Standard output and error."""
        return self._said.read_text(errors="replace")

    def signal(self, number: int) -> None:
        self.family()
        self.process.send_signal(number)

    def signal_group(self, number: int) -> None:
        self.family()
        os.killpg(self.process.pid, number)

    def family(self) -> list[psutil.Process]:
        """All processes that it has started and that were seen up to now."""
        if self.process.poll() is None:
            with suppress(psutil.NoSuchProcess):
                for child in psutil.Process(self.process.pid).children(recursive=True):
                    self._family.setdefault(child.pid, child)
        return list(self._family.values())

    def arguments(self) -> set[str]:
        """The command line arguments of all its processes that live now."""
        arguments = set()
        for process in self.family():
            with suppress(psutil.NoSuchProcess):
                arguments |= set(process.cmdline())
        return arguments

    def java(self) -> psutil.Process | None:
        """Spark's Java, once it runs."""
        for child in self.family():
            with suppress(psutil.NoSuchProcess):  # That includes a zombie.
                if child.name() == "java" and "org.apache.spark.deploy.SparkSubmit" in child.cmdline():
                    return child
        return None

    def ends(self, seconds: float = END_SECONDS) -> int:
        """Exit code; fails if it lives longer."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"alive after {seconds} s: {self.said}") from None

    def left(self) -> list[str]:
        """Command lines of processes that outlive it."""
        left = []
        for child in self._family.values():
            with suppress(psutil.NoSuchProcess):
                if child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
                    left.append(" ".join(child.cmdline())[:200])
        return left

    def __enter__(self) -> Self:
        with self._said.open("wb") as said:
            self.process = subprocess.Popen(
                self._command,
                cwd=self._folder,
                env=self._environment,
                stdout=said,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        family = self.family()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        for child in family:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        psutil.wait_procs(family, 10)
