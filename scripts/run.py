"""`make run`: check settings, ports and folder, then start the three services and run until one of them ends.

Any problem ends with one sentence and exit code 2, before any process starts. If all sources are refused, the run ends
in the same way: the sentence is then the last line.
"""

import fcntl
import os
import re
import secrets
import signal
import socket
import sys
import threading
import time
from pathlib import Path

from honcho.environ import parse_procfile  # type: ignore[import-untyped]
from honcho.manager import Manager  # type: ignore[import-untyped]

import dashboard.settings
import ingest.settings
import spark_job.settings
from dashboard.log_lines import sentence_line
from dashboard.settings import read_env_file
from dashboard.settings_names import NameTable

ROOT = Path(__file__).resolve().parent.parent
# Python puts the folder of the script on the import path, and not the repository.
sys.path.append(str(ROOT))

from scripts.forget import ForgetError, forget  # noqa: E402
from scripts.output import Output  # noqa: E402
from scripts.ready import newest_snapshot, tell_when_ready  # noqa: E402

SETTINGS_ERRORS = (
    ingest.settings.SettingsError,
    spark_job.settings.SettingsError,
    dashboard.settings.SettingsError,
)
REFUSED = 2


class RunError(Exception):
    """One sentence that says why nothing was started."""


def check_port(name: str, host: str, port: int) -> None:
    """Raise `RunError` if nothing can listen there."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise RunError(f"{name} must be a free port of {host}, not {port} ({error.strerror})") from error


def hold(data_dir: Path) -> None:
    """Lock `data_dir` for this run: the lock lasts as long as this process."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = os.open(data_dir / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunError(f"DATA_DIR must be a folder that no other run uses, not {str(data_dir)!r}") from error


def check_names() -> None:
    """Refuse an unknown name in the arguments of `make run`. Warn of a variable whose name is nearly a setting."""
    table = NameTable.load()
    unknown = table.unknown(names_behind_make(os.environ.get("MAKEFLAGS", "")), "behind make run")
    if unknown is not None:
        raise RunError(unknown)
    for name, setting in table.misspelt(os.environ).items():
        refuse(f"{name} is not a setting; did you mean {setting}?")
        # Each service would repeat the warning.
        del os.environ[name]


def names_behind_make(flags: str) -> list[str]:
    """The names of the variables on make's command line: its MAKEFLAGS are like `n -- SOURCE=demo TOP_N=5`."""
    _, _, words = f" {flags}".partition(" -- ")
    return [re.split("[:+?!]*=", word)[0] for word in re.findall(r"(?:\\.|[^\\\s])+", words)]


def prepare() -> str:
    """Check names, settings, ports and folder; returns the page's address."""
    check_names()
    if not (os.environ.get("PUSH_TOKEN") or read_env_file(Path(".env")).get("PUSH_TOKEN")):
        os.environ["PUSH_TOKEN"] = secrets.token_urlsafe(24)
    source, job, page = ingest.settings.load(), spark_job.settings.load(), dashboard.settings.load()
    # The services write their first lines before they have read `.env`.
    os.environ["LOG_FORMAT"] = page.log_format
    hold(job.data_dir)
    check_port("INGEST_PORT", source.bind, source.ingest_port)
    check_port("TAIL_PORT", source.bind, source.tail_port)
    if job.query_port:
        check_port("QUERY_PORT", job.query_bind, job.query_port)
    check_port("DASHBOARD_PORT", page.bind, page.dashboard_port)
    if os.environ.get("FRESH", "") not in {"", "0"}:
        forget(job.data_dir)
    if page.bind in {"127.0.0.1", "0.0.0.0"}:  # noqa: S104 - a comparison
        return f"http://localhost:{page.dashboard_port}"
    address = f"http://{page.bind}:{page.dashboard_port}"
    os.environ.setdefault("INGEST_HOST", page.bind)
    os.environ.setdefault("DASHBOARD_URL", address)
    return address


def child_environment() -> None:
    """Remove variables for another Python on this machine, and put our Python first on the path."""
    for name in [name for name in os.environ if name.startswith("PYTHON")]:
        del os.environ[name]
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.environ["PYTHONUNBUFFERED"] = "1"


def watch_start(address: str, output: Output, ended: threading.Event) -> None:
    """In a thread, report when the page at `address` shows bars."""

    def watch() -> None:
        tell_when_ready(lambda: newest_snapshot(address), output.say, address, time.monotonic, ended.wait)

    threading.Thread(target=watch, name="start", daemon=True).start()


def run(address: str) -> int:
    """Run the processes of the Procfile until one ends or a signal comes; returns the exit code.

    This doesn't use honcho's command, because that reads `.env` itself, by other rules (a `#` begins a comment), and
    lets it override the environment.
    """
    child_environment()
    output = Output(sys.stdout, os.environ["LOG_FORMAT"])
    output.say(f"the page: {address}")
    output.say("bars appear when Spark has started, in about ten seconds; Ctrl-C ends it")
    manager = Manager(output)
    # Closing the terminal ends everything, as Ctrl-C does, unless the user wants otherwise (nohup).
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    for name, command in parse_procfile((ROOT / "Procfile").read_text()).processes.items():
        manager.add_process(name, command)
    ended = threading.Event()
    watch_start(address, output, ended)
    manager.loop()
    ended.set()
    if manager.returncode == REFUSED and output.refusal is not None:
        return refuse(output.refusal)
    return int(manager.returncode)


def main() -> int:
    """Start everything; returns the exit code."""
    try:
        address = prepare()
    except (*SETTINGS_ERRORS, RunError, ForgetError, OSError) as error:
        return refuse(str(error))
    return run(address)


def refuse(sentence: str) -> int:
    """Print why nothing was started, or why the run ended."""
    print(sentence_line(sentence, os.environ.get("LOG_FORMAT"), "make run"), file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(main())
