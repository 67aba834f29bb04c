"""`make notebook`: JupyterLab with the lessons, beside a running stream, or with one that it starts.

Ctrl-C ends all that it started. A problem ends it with one sentence and exit code 2.
"""

import http.client
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import dashboard.settings
import ingest.settings
from dashboard.settings import read_env_file
from spark_job.spark.java import NoJavaError, java_home

ROOT = Path(__file__).resolve().parent.parent
# Python puts the folder of the script on the import path, and not the repository.
sys.path.append(str(ROOT))

from scripts.lesson_copies import copy_lessons  # noqa: E402
from scripts.ready import NoAnswerError, missing, newest_snapshot  # noqa: E402

CLASS = ROOT / ".venv-class" / "bin"
FIRST = "1-watch.ipynb"
#: The ports of the notebooks, which their copies replace by those of the settings.
STREAM, LOG_PORT, TAIL_PORT = "http://localhost:8000", "9009", "9010"
#: JupyterLab gets the first of these that is free.
PORTS = range(8888, 8908)
#: For the kernels' sockets: their path has at most 104 characters, and the folder of TMPDIR may be long.
SHORT_FOLDER = "/tmp"  # noqa: S108 - only a new folder of this user below it is used
START_SECONDS, STOP_SECONDS, LOOK_SECONDS = 120.0, 12.0, 0.2


SETTINGS_ERRORS = (dashboard.settings.SettingsError, ingest.settings.SettingsError)


class NotebookError(Exception):
    """One sentence that says why there is no notebook."""


@dataclass(frozen=True)
class Places:
    """Where everything is.

    Attributes:
        stream: The address of the page.
        work: The folder of the reader's copies.
        replaced: See `copy_lessons`.
        variables: What the notebooks find in their environment.

    """

    stream: str
    work: Path
    replaced: dict[str, str]
    variables: dict[str, str]


def places() -> Places:
    """The places by the settings of the services."""
    if not (os.environ.get("PUSH_TOKEN") or read_env_file(Path(".env")).get("PUSH_TOKEN")):
        os.environ["PUSH_TOKEN"] = secrets.token_urlsafe(24)
    page, log = dashboard.settings.load(), ingest.settings.load()
    everywhere = {"127.0.0.1", "0.0.0.0"}  # noqa: S104 - for a comparison
    stream = f"http://{'localhost' if page.bind in everywhere else page.bind}:{page.dashboard_port}"
    wanted = {STREAM: stream, LOG_PORT: str(log.ingest_port), TAIL_PORT: str(log.tail_port)}
    replaced = {name: value for name, value in wanted.items() if name != value}
    variables = {
        "HASHTAGS_URL": stream,
        "INGEST_HOST": "localhost" if log.bind in everywhere else log.bind,
        "INGEST_PORT": str(log.ingest_port),
        "TAIL_PORT": str(log.tail_port),
        "INGEST_PYTHON": sys.executable,
        "JAVA_HOME": str(java_home(os.environ, Path(sys.prefix))),
    }
    return Places(stream, (page.data_dir / "notebooks").resolve(), replaced, variables)


def locale(environment: dict[str, str]) -> str:
    """The folder of notebooks: `NOTEBOOK_LOCALE`, or the language of the system where there is such a folder."""
    wanted = environment.get("NOTEBOOK_LOCALE", "")
    there = sorted(path.parent.name for path in (ROOT / "notebooks").glob(f"*/{FIRST}"))
    if wanted and wanted not in there:
        raise NotebookError(f"NOTEBOOK_LOCALE must be one of {', '.join(there)}, not {wanted!r}")
    system = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "en")
    return next((one for one in (wanted, system[:2]) if one in there), "en")


def free_port() -> int:
    """The first free port for JupyterLab."""
    for port in PORTS:
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise NotebookError(f"one of the ports {PORTS[0]} to {PORTS[-1]} must be free for JupyterLab")


def is_answering(stream: str) -> bool:
    """Whether a stream runs there, perhaps without a snapshot so far."""
    try:
        newest_snapshot(stream)
    except NoAnswerError as error:
        # 503: it has no snapshot yet.
        return isinstance(error.__cause__, urllib.error.HTTPError)
    return True


def has_bars(stream: str) -> bool:
    """Whether the stream has counted posts."""
    try:
        snapshot = newest_snapshot(stream)
    except NoAnswerError:
        return False
    return snapshot is not None and missing(snapshot) is None


def is_open(address: str, token: str) -> bool:
    """Whether JupyterLab answers."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{address}/api/status", headers={"Authorization": f"token {token}"}
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(request, timeout=2):
            return True
    except (OSError, http.client.HTTPException):
        return False


@contextmanager
def process(command: list[str], environment: dict[str, str]) -> Iterator["subprocess.Popen[bytes]"]:
    """A program in a session of its own, so that Ctrl-C reaches only us; we end it at the end, as a supervisor does."""
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.terminate()
        try:
            running.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
            running.wait()


def stream_environment() -> dict[str, str]:
    """The environment of `make run`, which refuses names that are no settings on make's command line."""
    return {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "NOTEBOOK_LOCALE"}}


def lab_command(port: int, work: Path) -> list[str]:
    """JupyterLab on loopback. It asks nobody else for news, updates or extensions."""
    return [
        str(CLASS / "jupyter-lab"),
        "--no-browser",
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={work}",
        "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        # Kernels are reached by sockets of this machine's file system: no other user can talk to them.
        "--KernelManager.transport=ipc",
        "--log-level=ERROR",
        "--LabApp.log_level=ERROR",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]


def lab_environment(where: Places, token: str, sockets: str) -> dict[str, str]:
    """The token is not on the command line, which others on this machine can read. Settings are beside the copies.

    `sockets`: a folder for the sockets of the kernels.
    """
    kept = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "PUSH_TOKEN"}}
    work = where.work
    return (
        kept
        | where.variables
        | {
            "JUPYTER_TOKEN": token,
            "JUPYTER_RUNTIME_DIR": sockets,
            "JUPYTER_CONFIG_DIR": str(work / ".jupyter"),
            "JUPYTER_PREFER_ENV_PATH": "1",
            "IPYTHONDIR": str(work / ".ipython"),
            "PATH": f"{CLASS}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        }
    )


def wait_until(holds: Callable[[], bool], programs: list["subprocess.Popen[bytes]"], what: str) -> None:
    """Wait until `holds`; a program that ends, or two minutes, are a `NotebookError`."""
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        if any(program.poll() is not None for program in programs):
            raise NotebookError(f"{what} ended before it was ready; its last lines above say why")
        if time.monotonic() >= deadline:
            raise NotebookError(f"{what} was not ready after {START_SECONDS:.0f} s")
        time.sleep(LOOK_SECONDS)


def has_browser() -> bool:
    """Whether a browser with windows can be opened: on Linux, not without a screen."""
    return sys.platform != "linux" or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def tell(sentence: str) -> None:
    """Print a line at once."""
    print(f"make notebook: {sentence}", flush=True)


def run(where: Places, folder: str, programs: list["subprocess.Popen[bytes]"], port: int, token: str) -> int:
    """Wait for the stream and JupyterLab, open the first notebook, and stay until one of them ends."""
    address = f"http://127.0.0.1:{port}"
    wait_until(lambda: is_open(address, token), programs, "JupyterLab")
    wait_until(lambda: has_bars(where.stream), programs, "the stream")
    opened = f"{address}/lab/tree/{folder}/{FIRST}?token={token}"
    tell(f"the notebook: {opened}")
    tell(f"your copies of the notebooks: {where.work}; Ctrl-C ends it")
    if has_browser():
        webbrowser.open(opened)
    while all(program.poll() is None for program in programs):
        time.sleep(LOOK_SECONDS)
    if programs[0].poll() == 0:
        # Somebody has chosen "Shut Down" in JupyterLab.
        return 0
    raise NotebookError("a program ended; its last lines above say why")


def main() -> int:
    """Run until Ctrl-C."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Closing the terminal ends everything, unless the user wants otherwise (nohup).
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
    try:
        where, folder, port, token = places(), locale(dict(os.environ)), free_port(), secrets.token_urlsafe(24)
        copy_lessons(ROOT / "notebooks", where.work, where.replaced)
        with (
            tempfile.TemporaryDirectory(prefix="notebook-", dir=SHORT_FOLDER) as sockets,
            process(lab_command(port, where.work), lab_environment(where, token, sockets)) as lab,
        ):
            if is_answering(where.stream):
                tell(f"uses the stream that runs at {where.stream}")
                return run(where, folder, [lab], port, token)
            tell("starts a stream, as make run does")
            with process([sys.executable, str(ROOT / "scripts" / "run.py")], stream_environment()) as stream:
                return run(where, folder, [lab, stream], port, token)
    except KeyboardInterrupt:
        return 0
    except (*SETTINGS_ERRORS, NotebookError, NoJavaError, OSError) as error:
        print(f"make notebook: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
