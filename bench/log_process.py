"""`bench.log_server` as a separate process."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.material import Material

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS = 60.0


class LogProcess:
    """Serves the released part of the spool of `material`. Start it with `with`."""

    def __init__(self, material: Material) -> None:
        self._material = material
        self._changed = threading.Condition()
        #: The lines that it has printed: its port, and when the first slice was requested.
        self.facts: dict[str, float] = {}

    @property
    def port(self) -> int:
        """Its port; known when it has started."""
        return int(self.facts["port"])

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    @property
    def asked_at(self) -> float:
        """When the first slice was requested, by the monotonic clock."""
        return self.facts["asked_at"]

    def release(self, posts: int, per_second: float = 0.0) -> float:
        """Release the first `posts` posts, and from now on more each second. Return the time of that."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.write(f"{posts}+{per_second}\n")
        self._process.stdin.flush()
        return time.monotonic()

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "bench.log_server",
                str(self._material.spool),
                str(self._material.kind.per_second),
            ],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._listener = threading.Thread(target=self._listen, name="log server", daemon=True)
        self._listener.start()
        with self._changed:
            if not self._changed.wait_for(lambda: "port" in self.facts, START_SECONDS):
                raise TimeoutError("the log server did not start")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.close()
        try:
            self._process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._listener.join(START_SECONDS)

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        with self._process.stdout as lines:
            for line in lines:
                with self._changed:
                    self.facts |= json.loads(line)
                    self._changed.notify_all()
