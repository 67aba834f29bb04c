"""Our project as a contender: ingest's log, and the job as a real process with its real state."""

import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from tests.spark_job.support.fake_dashboard import FakeDashboard
from tests.spark_job.support.job_process import JobProcess

from bench.contender import Contender, WrongCountError
from bench.log_process import LogProcess
from bench.material import Material

# The number of leaders that way A shows.
SHOWN = 20
STOP_SECONDS = 30.0


class Taker(FakeDashboard):
    """Receives snapshots, and passes each one on."""

    def __init__(self, on_snapshot: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._on_snapshot = on_snapshot

    def take(self, path: str, authorization: str | None, body: bytes) -> tuple[int, bytes]:
        """Respond to a push."""
        status, answer = super().take(path, authorization, body)
        if status == 200:
            self._on_snapshot(self.snapshots.pop())
        return status, answer


class Pipeline(Contender):
    """`python -m spark_job` on `local[2]`. A snapshot is shown when it arrives in place of the dashboard.

    `settings` override the defaults and `TRIGGER_SECONDS=0`, which is the setting for throughput.
    """

    name = "this project"

    def __init__(self, material: Material, python: Path = Path(sys.executable), **settings: object) -> None:
        super().__init__(material)
        self._python = python
        self._settings: dict[str, object] = {"TRIGGER_SECONDS": 0} | settings
        self._log = LogProcess(material)
        self._taker = Taker(self._take)
        #: The newest snapshot.
        self.snapshot: dict[str, Any] | None = None

    def _take(self, snapshot: dict[str, Any]) -> None:
        self.snapshot = snapshot
        self.show([(leader["key"], leader["posts"]) for leader in snapshot["total"]["top"][:SHOWN]])

    def start(self) -> None:
        """Start ingest's log, the receiver of the snapshots, and the job."""
        self._scratch = tempfile.TemporaryDirectory(prefix="pipeline-")
        self._log.__enter__()
        self._taker.__enter__()
        self.start_job()

    def start_job(self) -> float:
        """Start the job with the existing state. Return the time of that."""
        since = time.monotonic()
        self._job = JobProcess(
            self._python,
            Path(self._scratch.name) / "job",
            INGEST_PORT=self._log.port,
            DASHBOARD_URL=self._taker.url,
            **self._settings,
        ).__enter__()
        return since

    def wait_until_live(self, posts: int, timeout_seconds: float) -> float:
        """Wait for a snapshot with the first `posts` posts and without a backlog. Return when it arrived.

        Raises:
            WrongCountError: no such snapshot arrived in time.

        """

        def is_live() -> bool:
            health = self.snapshot["health"] if self.snapshot is not None else {"offset": -1}
            return bool(health["offset"] >= posts and health["lag_posts"] == 0)

        with self._changed:
            if not self._changed.wait_for(is_live, timeout_seconds):
                raise WrongCountError(f"not live within {timeout_seconds:.0f} s")
            return self._top_at

    def stop_job(self) -> None:
        """End the job with a signal."""
        self._job.signal(signal.SIGTERM)
        self._job.ends(STOP_SECONDS)
        self._job.__exit__(None, None, None)

    def stop(self) -> None:
        """End everything, and delete the stored data."""
        self._job.__exit__(None, None, None)
        self._taker.__exit__(None, None, None)
        self._log.__exit__(None, None, None)
        self._scratch.cleanup()

    def feed(self, posts: int, per_second: float = 0.0) -> float:
        """Release the first `posts` posts in ingest's log, and from now on more each second."""
        return self._log.release(posts, per_second)

    @property
    def asked_at(self) -> float:
        """When the first slice was requested."""
        return self._log.asked_at

    def processes(self) -> list[psutil.Process]:
        """The job's processes, and the log's."""
        return [psutil.Process(self._job.process.pid), *self._job.family(), psutil.Process(self._log.pid)]

    @property
    def job(self) -> JobProcess:
        """The job's process."""
        return self._job
