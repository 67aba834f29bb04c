"""A stack of docker-compose.yml under a project name of its own, looked at from outside by the docker command."""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.compose.engine import ROOT, TAG, run
from tests.processes import free_ports, wait_until
from tests.snapshots import newest_snapshot

SERVICES = {"ingest", "spark-master", "spark-worker", "spark-job", "dashboard"}


class ComposeStack:
    """`settings` are all that it is told; a changed one holds from the next `up` on."""

    def __init__(self, project: str, **settings: str) -> None:
        (port,) = free_ports(1)
        self.project = project
        self.address = f"http://127.0.0.1:{port}"
        self.settings = {"COMPOSE_PROJECT_NAME": project, "DASHBOARD_PORT": str(port)} | settings

    def compose(self, *words: str, timeout_seconds: float = 120) -> str:
        """What `docker compose …` says."""
        return run("docker", "compose", *words, timeout_seconds=timeout_seconds, **self.settings)

    @contextmanager
    def running(self, *words: str) -> Iterator[float]:
        """Start it, in so many seconds; at the end, say what it said last and take it away with its volumes."""
        try:
            yield self.up(*words)
        finally:
            sys.stdout.write(self.compose("logs", "--no-color", "--tail", "40"))
            self.compose("down", "--volumes", "--timeout", "8")

    def up(self, *words: str) -> float:
        """Start; returns after how many seconds all services were well."""
        began = time.monotonic()
        self.compose("up", "--wait", "--wait-timeout", "180", "--no-build", *words, timeout_seconds=200)
        return time.monotonic() - began

    def run_block(self, commands: str, folder: Path) -> None:
        """Run lines of the docs as they stand there, on this stack and its images, within `folder`."""
        commands = commands.replace("hashtags-live_", f"{self.project}_")
        commands = commands.replace("hashtags-live/ingest", f"hashtags-live/ingest:{TAG}")
        script = f"cd {folder}\n{commands}"
        settings = self.settings | {"COMPOSE_FILE": str(ROOT / "docker-compose.yml")}
        run("bash", "-euo", "pipefail", "-c", script, timeout_seconds=200, **settings)

    def containers(self, service: str = "") -> list[dict[str, Any]]:
        """What `docker inspect` says of the containers (of one service)."""
        ids = self.compose("ps", "--all", "--quiet", *([service] if service else [])).split()
        found: list[dict[str, Any]] = json.loads(run("docker", "inspect", *ids)) if ids else []
        return found

    def restarts(self) -> dict[str, int]:
        """How often the engine has started each container again by itself."""
        return {one["Name"].removeprefix(f"/{self.project}-"): one["RestartCount"] for one in self.containers()}

    def address_of(self, service: str) -> str:
        """An address under which this very machine, and no other, reaches a container."""
        return str(self.containers(service)[0]["NetworkSettings"]["Networks"][f"{self.project}_inside"]["IPAddress"])

    def run_in(self, service: str, *command: str, index: int = 1) -> str:
        """What a command says within the container."""
        return self.compose("exec", "-T", "--index", str(index), service, *command)

    def kill(self, container: dict[str, Any]) -> None:
        """Kill its main process from outside, as the kernel would: `docker kill` would count as a stop by hand."""
        restarts = container["RestartCount"]
        os.kill(container["State"]["Pid"], signal.SIGKILL)

        def back() -> bool:
            (now,) = json.loads(run("docker", "inspect", container["Id"]))
            return bool(
                now["RestartCount"] == restarts + 1 and now["State"].get("Health", {}).get("Status") == "healthy"
            )

        wait_until(back, f"{container['Name']} is back and well", 90)

    def snapshot(self) -> dict[str, Any] | None:
        """The newest snapshot, or `None` before the first."""
        return newest_snapshot(self.address)

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
        return run(sys.executable, script, "--ingest", ingest, "--dashboard", self.address)
