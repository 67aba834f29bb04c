"""`make run`: check settings, ports and folder, then start the three services and run until one of them ends.

Any problem ends with one sentence and exit code 2, before any process starts. If all sources are refused, the run ends
in the same way: the sentence is then the last line.
"""

import fcntl
import os
import re
import secrets
import socket
import sys
from pathlib import Path
from typing import NoReturn

import dashboard.settings
import ingest.settings
import spark_job.settings
from dashboard.settings import read_env_file
from dashboard.settings_names import NameTable

ROOT = Path(__file__).resolve().parent.parent
# Python puts the folder of the script on the import path, and not the repository.
sys.path.append(str(ROOT))

from scripts.forget import ForgetError, forget  # noqa: E402
from scripts.processes import refuse  # noqa: E402

SETTINGS_ERRORS = (
    ingest.settings.SettingsError,
    spark_job.settings.SettingsError,
    dashboard.settings.SettingsError,
)
PROCESSES = ROOT / "scripts" / "processes.py"


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
    # It is for `processes.py` too, which this process becomes.
    os.set_inheritable(lock, True)


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


#: Posts on Kafka may be somebody else's, and counts without them would be made again from them.
NOT_ON_KAFKA = (
    "FRESH=1 can't be used with LOG_URL: it would have to delete a topic of Kafka; delete the topic there, or name "
    "another one in LOG_URL"
)


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
        if source.kafka_address:
            raise RunError(NOT_ON_KAFKA)
        forget(job.data_dir)
    if page.bind in {"127.0.0.1", "0.0.0.0"}:  # noqa: S104 - a comparison
        return f"http://localhost:{page.dashboard_port}"
    address = f"http://{page.bind}:{page.dashboard_port}"
    os.environ.setdefault("INGEST_HOST", page.bind)
    os.environ.setdefault("DASHBOARD_URL", address)
    return address


def main() -> int:
    """Check everything, then become the process that runs the services. Returns the exit code if that can't be."""
    try:
        run_processes(prepare())
    except (*SETTINGS_ERRORS, RunError, ForgetError, OSError) as error:
        return refuse(str(error))


def run_processes(address: str) -> NoReturn:
    """Become `processes.py`."""
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, str(PROCESSES), address])  # noqa: S606 - the arguments are our own


if __name__ == "__main__":
    sys.exit(main())
