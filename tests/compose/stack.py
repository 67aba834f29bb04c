"""A stack of docker-compose.yml under a project name of its own, looked at from outside by the docker command."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.processes import free_ports, wait_until

ROOT = Path(__file__).resolve().parents[2]
SERVICES = {"ingest", "spark-master", "spark-worker", "spark-job", "dashboard"}


def run(*command: str, timeout_seconds: float = 120, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run to its end; fails with what it said unless its exit code is 0."""
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={name: os.environ[name] for name in ("PATH", "HOME", "DOCKER_HOST") if name in os.environ} | environment,
        capture_output=True,
        text=True,
        timeout=timeout_seconds,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done


class ComposeStack:
    """`settings` are all that it is told; a `.env` of whoever runs the tests is not read."""

    def __init__(self, project: str, **settings: str) -> None:
        (port,) = free_ports(1)
        self.project = project
        self.address = f"http://127.0.0.1:{port}"
        self._settings = {"COMPOSE_PROJECT_NAME": project, "DASHBOARD_PORT": str(port)} | settings

    def compose(self, *words: str, timeout_seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """`docker compose …`."""
        command = ("docker", "compose", "--env-file", "/dev/null", *words)
        return run(*command, timeout_seconds=timeout_seconds, **self._settings)

    @contextmanager
    def running(self, *words: str) -> Iterator[None]:
        """Build and start it; at the end, say what it said last and take it away with its volumes."""
        self.compose("build", "--quiet", timeout_seconds=900)
        try:
            self.up(*words)
            yield
        finally:
            sys.stdout.write(self.compose("logs", "--no-color", "--tail", "40").stdout)
            self.compose("down", "--volumes", "--timeout", "8")

    def up(self, *words: str) -> float:
        """Start; returns after how many seconds all services were well."""
        began = time.monotonic()
        self.compose("up", "--wait", "--wait-timeout", "180", "--no-build", *words, timeout_seconds=200)
        return time.monotonic() - began

    def containers(self, service: str = "") -> list[dict[str, Any]]:
        """What `docker inspect` says of the containers (of one service)."""
        ids = self.compose("ps", "--all", "--quiet", *([service] if service else [])).stdout.split()
        found: list[dict[str, Any]] = json.loads(run("docker", "inspect", *ids).stdout) if ids else []
        return found

    def address_of(self, service: str) -> str:
        """An address under which this very machine, and no other, reaches a container."""
        return str(self.containers(service)[0]["NetworkSettings"]["Networks"][f"{self.project}_inside"]["IPAddress"])

    def run_in(self, service: str, *command: str) -> str:
        """What a command says within the container."""
        return self.compose("exec", "-T", service, *command).stdout

    def kill(self, container: dict[str, Any]) -> None:
        """Kill its main process from outside, as the kernel would: `docker kill` would count as a stop by hand."""
        restarts = container["RestartCount"]
        os.kill(container["State"]["Pid"], signal.SIGKILL)

        def back() -> bool:
            (now,) = json.loads(run("docker", "inspect", container["Id"]).stdout)
            return bool(
                now["RestartCount"] == restarts + 1 and now["State"].get("Health", {}).get("Status") == "healthy"
            )

        wait_until(back, f"{container['Name']} is back and well", 90)

    def snapshot(self) -> dict[str, Any] | None:
        """The newest snapshot, or `None` before the first."""
        try:
            with urllib.request.urlopen(f"{self.address}/api/snapshot", timeout=5) as answer:
                return dict(json.load(answer))
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def snapshot_where(self, holds: Callable[[dict[str, Any]], bool], what: str, timeout_seconds: float = 90) -> Any:
        """The first snapshot of which `holds` is true."""

        def look() -> dict[str, Any] | None:
            snapshot = self.snapshot()
            return snapshot if snapshot is not None and holds(snapshot) else None

        return wait_until(look, what, timeout_seconds)

    def audit(self) -> str:
        """Recount what ingest holds; fails on a difference."""
        ingest = f"{self.address_of('ingest')}:9009"
        script = str(ROOT / "scripts" / "audit.py")
        return run(sys.executable, script, "--ingest", ingest, "--dashboard", self.address).stdout
