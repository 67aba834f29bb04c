"""A supervisor for the three services as real processes: starts again what ends, finds each process, and kills it.

An exit that no kill explains is kept in `unexplained`, so that a crash can't hide among the kills.
"""

import os
import secrets
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import psutil
from tests.faults import contract
from tests.processes import free_ports, wait_until

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[2]
INHERITED = ("PATH", "HOME", "JAVA_HOME", "LANG")
# What can be killed -> the service that it belongs to. The job's: the driver's Python, its Java, and the Python workers
# of the data source; the dashboard's: gunicorn's master, and its worker that serves the page.
OWNERS: Mapping[str, str] = {
    "ingest": "ingest",
    "driver": "spark-job",
    "java": "spark-job",
    "worker": "spark-job",
    "dashboard": "dashboard",
    "page": "dashboard",
}
# These are repaired within their service: its main process must live on.
REPAIRED = {"worker", "page"}
LEFTOVER_SECONDS = 30.0
STOP_SECONDS = 15.0


@dataclass(frozen=True)
class Exit:
    """The end of a service's main process; `explained` by a kill or by `hold`."""

    service: str
    pid: int
    code: int
    explained: bool


@dataclass
class Service:
    """One of the services, and its present process."""

    name: str
    command: list[str]
    log: Path
    # What its last process left behind ends by itself, and only then can it start: children hold port and lock.
    waits_for_children: bool = False
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    held: bool = False
    children: list[psutil.Process] = field(default_factory=list)


class Supervisor:
    """Started by `with`. `python` runs the job, `own_python` the other two; `settings` are environment variables."""

    owners = OWNERS

    def __init__(self, folder: Path, python: Path, own_python: Path, **settings: object) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.ingest_port, self.tail_port, self.query_port, self.dashboard_port = free_ports(4)
        self.url = f"http://127.0.0.1:{self.dashboard_port}"
        paths = os.pathsep.join(str(ROOT / name) for name in ("ingest", "spark-job", "dashboard"))
        self.settings = {name: os.environ[name] for name in INHERITED if name in os.environ} | {
            "PYTHONPATH": paths,
            "PYTHONUNBUFFERED": "1",
            "DATA_DIR": str(folder / "data"),
            "PUSH_TOKEN": secrets.token_urlsafe(24),
            "SPARK_MASTER": "local[2]",
            "INGEST_PORT": str(self.ingest_port),
            "TAIL_PORT": str(self.tail_port),
            "DASHBOARD_PORT": str(self.dashboard_port),
            "QUERY_PORT": str(self.query_port),
            "JOB_URL": f"http://127.0.0.1:{self.query_port}",
        }
        self.settings |= {name: str(value) for name, value in settings.items()}
        self.services = {
            "ingest": Service("ingest", [str(own_python), "-m", "ingest"], folder / "ingest.log"),
            "spark-job": Service("spark-job", [str(python), "-m", "spark_job"], folder / "spark-job.log"),
            "dashboard": Service("dashboard", [str(own_python), "-m", "dashboard"], folder / "dashboard.log", True),
        }
        self.kills: Counter[str] = Counter()
        self.restarts: Counter[str] = Counter()
        self.exits: list[Exit] = []
        self.story: list[str] = []
        self._since = time.monotonic()
        self._explained: set[int] = set()
        self._family: dict[int, psutil.Process] = {}
        self._closing = False
        self._changed = threading.Condition()
        self._watchers: list[threading.Thread] = []

    @property
    def unexplained(self) -> list[Exit]:
        """Ends of services that nobody asked for."""
        with self._changed:
            return [one for one in self.exits if not one.explained]

    @property
    def audit_options(self) -> list[str]:
        """Where `scripts/audit.py` finds the log."""
        return ["--ingest", f"127.0.0.1:{self.ingest_port}"]

    def recount(self, end: int) -> contract.Recount:
        """What the log holds before `end`."""
        return contract.recount(self.ingest_port, end)

    def victims(self, role: str) -> list[psutil.Process]:
        """The processes that play `role` now; none while they are being started."""
        main = self._main(self.services[self.owners[role]])
        if main is None or role in {"ingest", "driver", "dashboard", "broker"}:
            return [main] if main is not None else []
        children = self._children(main)
        if role == "page":
            return children
        javas = [child for child in children if _runs(child, "java", "org.apache.spark.deploy.SparkSubmit")]
        return javas if role == "java" else [child for java in javas for child in self._children(java)]

    def kill(self, role: str, choose: Callable[[list[psutil.Process]], psutil.Process]) -> bool:
        """`kill -9` of a process that plays `role`; false when there is none now."""
        victims = self.victims(role)
        return bool(victims) and self._shoot(role, choose(victims))

    def kill_all(self) -> int:
        """`kill -9` of everything at once; says how many processes that were.

        Children come first: they end by themselves when their parent is gone, and then there is nobody to kill.
        """
        targets = [(role, victim) for role in reversed([*self.owners]) for victim in self.victims(role)]
        return sum(self._shoot(role, victim) for role, victim in targets)

    def pause(self, role: str) -> None:
        """SIGSTOP."""
        for victim in self.victims(role):
            victim.suspend()

    def resume(self, role: str) -> None:
        """SIGCONT."""
        for victim in self.victims(role):
            victim.resume()

    def hold(self, name: str) -> None:
        """End a service by SIGTERM, and don't start it until `release`."""
        service = self.services[name]
        with self._changed:
            service.held = True
            self._explain(service)
        if service.process is not None:
            service.process.terminate()
            service.process.wait(STOP_SECONDS)

    def release(self, name: str) -> None:
        """Start what was held."""
        with self._changed:
            self.services[name].held = False
            self._changed.notify_all()

    def wait_until(self, look: Callable[[], T | None], what: str, timeout_seconds: float) -> T:
        """The first answer of `look` that is not `None`; fails at the deadline, or when a service ended by itself."""

        def watched() -> T | None:
            assert not self.unexplained, f"{self.unexplained}\n{self.said()}"
            return look()

        try:
            return wait_until(watched, what, timeout_seconds)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.said()}") from None

    def tell(self, event: str) -> None:
        """Put an event into the story of the run, with its second."""
        self.story.append(f"{time.monotonic() - self._since:6.1f} {event}")

    def log(self, name: str) -> str:
        """What a service has said."""
        log = self.services[name].log
        return log.read_text(errors="replace") if log.exists() else ""

    def said(self, most: int = 3000) -> str:
        """The end of what each service has said."""
        logs = [f"--- {name}\n{self.log(name)[-most:]}" for name in self.services]
        return "\n".join([*self.story[-40:], *logs])

    def __enter__(self) -> Self:
        for service in self.services.values():
            self._start(service)
            watcher = threading.Thread(target=self._watch, args=(service,), name=f"watch {service.name}", daemon=True)
            watcher.start()
            self._watchers.append(watcher)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        with self._changed:
            self._closing = True
            for service in self.services.values():
                self._explain(service)
            self._changed.notify_all()
        mains = [main for main in map(self._main, self.services.values()) if main is not None]
        for main in mains:
            self._children(main)
            with suppress(psutil.NoSuchProcess):
                main.resume()
                main.terminate()
        psutil.wait_procs(mains, STOP_SECONDS)
        family = [process for process in self._family.values() if _lives(process)]
        _, left = psutil.wait_procs(family, LEFTOVER_SECONDS if error is None else 0)
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, STOP_SECONDS)
        for watcher in self._watchers:
            watcher.join(STOP_SECONDS)
        assert error is not None or not left, f"outlived its service: {left}"

    def _start(self, service: Service) -> None:
        with service.log.open("ab") as log:
            service.process = subprocess.Popen(
                service.command,
                cwd=self.folder,
                env=self.settings,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        service.started_at = time.monotonic()
        self._family[service.process.pid] = psutil.Process(service.process.pid)

    def _watch(self, service: Service) -> None:
        while service.process is not None:
            code = service.process.wait()
            pid = service.process.pid
            if service.waits_for_children:
                psutil.wait_procs(service.children, LEFTOVER_SECONDS)
            with self._changed:
                self.exits.append(Exit(service.name, pid, code, pid in self._explained))
                self.tell(f"end {service.name} {pid} with {code}")
                self._changed.wait_for(lambda: self._closing or not service.held)
                if self._closing:
                    return
                self._start(service)
                self.restarts[service.name] += 1

    def _shoot(self, role: str, victim: psutil.Process) -> bool:
        with self._changed:
            if role not in REPAIRED:
                self._explain(self.services[self.owners[role]])
            for service in self.services.values():
                main = self._main(service)
                service.children = (self._children(main) if main is not None else []) or service.children
        try:
            victim.kill()
        except psutil.NoSuchProcess:
            return False
        self.kills[role] += 1
        self.tell(f"kill {role} {victim.pid}")
        return True

    def _explain(self, service: Service) -> None:
        if service.process is not None:
            self._explained.add(service.process.pid)

    def _main(self, service: Service) -> psutil.Process | None:
        process = service.process
        if process is None or process.poll() is not None:
            return None
        return self._family.get(process.pid)

    def _children(self, process: psutil.Process) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            children = process.children(recursive=True)
            for child in children:
                self._family.setdefault(child.pid, child)
            return children
        return []


def _runs(process: psutil.Process, name: str, argument: str) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.name() == name and argument in process.cmdline()
    return False


def _lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False
