"""Starts dashboards by fork from a process that has imported what takes long. Most of a start is imports.

The tests of a page use it. Those of the process itself start `python -m dashboard`.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


class ForkServer:
    """The process from which dashboards are forked. It ends with this one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.dashboard.support.forking"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT / 'dashboard'}"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.close)

    def fork(self, folder: Path, environment: dict[str, str], errors: Path) -> ForkedProcess:
        """A dashboard in a session of its own, in this folder. Its standard error goes to the end of a file."""
        return ForkedProcess(self, self.ask(folder=str(folder), environment=environment, errors=str(errors)))

    def ask(self, **request: object) -> Any:
        """Send a request and return the answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)


@cache
def fork_server() -> ForkServer:
    """The one of this test process, started when the first test needs it."""
    return ForkServer()


class ForkedProcess:
    """What tests use of `subprocess.Popen`."""

    def __init__(self, server: ForkServer, pid: int) -> None:
        self.pid = pid
        self._server = server
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        if self._code is None:
            self._code = self._server.ask(exit_code_of=self.pid)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, after its end."""
        if self._code is None:
            descriptor = os.pidfd_open(self.pid)
            ended, _, _ = select.select([descriptor], [], [], timeout)
            os.close(descriptor)
            if not ended:
                raise subprocess.TimeoutExpired("dashboard", timeout or 0)
        code = self.poll()
        assert code is not None
        return code
