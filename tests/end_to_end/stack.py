"""The very processes of `make run`, on free ports and in a folder of their own."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import psutil
from tests.processes import free_ports, wait_until
from tests.snapshots import newest_snapshot

T = TypeVar("T")

#: How long a test waits for a stack that refuses to start.
REFUSAL_SECONDS = 60.0

ROOT = Path(__file__).resolve().parents[2]


class Stack:
    """`scripts/run.py` under this interpreter; `settings` are environment variables."""

    def __init__(self, data_dir: Path, **settings: str) -> None:
        names = ("INGEST_PORT", "TAIL_PORT", "QUERY_PORT", "DASHBOARD_PORT")
        self.ports = dict(zip(names, free_ports(len(names)), strict=True))
        dashboard_port = self.ports["DASHBOARD_PORT"]
        self.address = f"http://127.0.0.1:{dashboard_port}"
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "JAVA_HOME", "LANG") if name in os.environ}
        ports = {name: str(port) for name, port in self.ports.items()}
        own = {"DATA_DIR": str(data_dir), "JOB_URL": f"http://127.0.0.1:{self.ports['QUERY_PORT']}"}
        self.environment = inherited | ports | own | settings
        self._terminal: int | None = None
        self._log = data_dir.with_name(data_dir.name + ".log")

    def log_to(self, path: Path) -> None:
        """Keep what is said somewhere else."""
        self._log = path

    def speak_to(self, terminal: int) -> None:
        """Say it to a file descriptor, and keep nothing."""
        self._terminal = terminal

    def wait_for_output(self, text: str, timeout_seconds: float = 90) -> None:
        """Until one of the processes says `text`."""
        wait_until(lambda: True if text in self.output else None, f"{text!r} in the output", timeout_seconds)

    @property
    def output(self) -> str:
        """What all processes have said so far."""
        return self._log.read_text(errors="replace")

    def __enter__(self) -> Self:
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(ROOT / "scripts" / "run.py")],
                cwd=ROOT,
                env=self.environment,
                stdout=log if self._terminal is None else self._terminal,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # Tests may run under nohup. The runner would inherit that, and not end with its terminal.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # noqa: PLW1509 - it takes no lock
            )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.stop()

    def family(self) -> list[psutil.Process]:
        """The runner and everything below it."""
        runner = psutil.Process(self.process.pid)
        return [runner, *runner.children(recursive=True)]

    def commands(self) -> list[list[str]]:
        """The command lines of the family, without what has just ended."""
        found = []
        for process in self.family():
            with suppress(psutil.NoSuchProcess):
                found.append(process.cmdline())
        return [command for command in found if command]

    def stop(self, signal_number: int = signal.SIGTERM, timeout_seconds: float = 10) -> int:
        """Signal the runner; returns its exit code. Nothing may outlive it."""
        family = self.family()
        self.process.send_signal(signal_number)
        try:
            code = self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired as error:
            running = [" ".join(command) for command in self.commands()]
            raise AssertionError(f"{timeout_seconds:g} s after the signal these still run: {running}") from error
        _, alive = psutil.wait_procs(family, timeout=3)
        for orphan in alive:
            orphan.kill()
        assert not alive, f"outlived the runner: {alive}"
        return code

    def snapshot(self) -> dict[str, Any] | None:
        """The newest snapshot, or `None` before the first."""
        return newest_snapshot(self.address)

    def snapshot_where(self, holds: Callable[[dict[str, Any]], bool], what: str, timeout_seconds: float = 120) -> Any:
        """The first snapshot of which `holds` is true."""

        def look() -> dict[str, Any] | None:
            assert self.process.poll() is None, f"the stack ended by itself:\n{self.output[-3000:]}"
            snapshot = self.snapshot()
            return snapshot if snapshot is not None and holds(snapshot) else None

        return wait_until(look, what, timeout_seconds)
