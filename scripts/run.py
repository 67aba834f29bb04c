"""`make run`: check once what three processes would trip over, then become the runner that starts them.

Everything that is wrong ends with one sentence and exit code 2, before any process starts.
"""

import fcntl
import os
import secrets
import shutil
import socket
import sys
from pathlib import Path

from dotenv import dotenv_values

import dashboard.settings
import ingest.settings
import spark_job.settings

ROOT = Path(__file__).resolve().parent.parent
SETTINGS_ERRORS = (
    ingest.settings.SettingsError,
    spark_job.settings.SettingsError,
    dashboard.settings.SettingsError,
)
KEPT = ("spool", "counts", "history")


class RunError(Exception):
    """One sentence that says why nothing was started."""


def check_port(name: str, host: str, port: int) -> None:
    """Raise `RunError` if nothing can listen there."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise RunError(f"{name}: port {port} on {host} can't be used: {error.strerror}") from error


def hold(data_dir: Path) -> None:
    """Take `data_dir` for this run: the lock lives as long as the process that this one becomes."""
    data_dir.mkdir(parents=True, exist_ok=True)
    lock = os.open(data_dir / "run.lock", os.O_RDWR | os.O_CREAT, 0o600)
    os.set_inheritable(lock, True)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise RunError(f"DATA_DIR: {data_dir} is in use by another run") from error


def prepare() -> str:
    """Check settings, ports and folder; returns the page's address."""
    if not (os.environ.get("PUSH_TOKEN") or dotenv_values(".env").get("PUSH_TOKEN")):
        os.environ["PUSH_TOKEN"] = secrets.token_urlsafe(24)
    source, job, page = ingest.settings.load(), spark_job.settings.load(), dashboard.settings.load()
    hold(job.data_dir)
    check_port("INGEST_PORT", source.bind, source.ingest_port)
    check_port("TAIL_PORT", source.bind, source.tail_port)
    check_port("DASHBOARD_PORT", page.bind, page.dashboard_port)
    if os.environ.get("FRESH", "") not in {"", "0"}:
        for name in KEPT:
            shutil.rmtree(job.data_dir / name, ignore_errors=True)
    if page.bind in {"127.0.0.1", "0.0.0.0"}:  # noqa: S104 - a comparison
        return f"http://localhost:{page.dashboard_port}"
    address = f"http://{page.bind}:{page.dashboard_port}"
    os.environ.setdefault("INGEST_HOST", page.bind)
    os.environ.setdefault("DASHBOARD_URL", address)
    return address


def main() -> None:
    """Start everything; never returns."""
    try:
        address = prepare()
    except (*SETTINGS_ERRORS, RunError, OSError) as error:
        sys.exit(refuse(str(error)))
    print(
        f"\n  The page: {address}\n  Bars come as soon as Spark has started, some fifteen seconds. Ctrl-C ends it.\n",
        flush=True,
    )
    honcho = str(Path(sys.executable).with_name("honcho"))
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    os.environ["PYTHONUNBUFFERED"] = "1"
    os.execv(honcho, [honcho, "-f", str(ROOT / "Procfile"), "start"])  # noqa: S606 - our own runner


def refuse(sentence: str) -> int:
    """Say why nothing was started."""
    print(f"make run: {sentence}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    main()
