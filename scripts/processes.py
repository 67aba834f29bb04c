"""Run the three services until one of them ends: `python scripts/processes.py ADDRESS`, the page's address.

`run.py` becomes this program when it has checked the settings. What that needs has 17 MB, and honcho forks this process
for each service.
"""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from honcho.environ import parse_procfile  # type: ignore[import-untyped]
from honcho.manager import Manager  # type: ignore[import-untyped]

from dashboard.log_lines import sentence_line

ROOT = Path(__file__).resolve().parent.parent
# Python puts the folder of the script on the import path, and not the repository.
sys.path.append(str(ROOT))

from scripts.output import Output  # noqa: E402
from scripts.ready import newest_snapshot, tell_when_ready  # noqa: E402

REFUSED = 2


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


def refuse(sentence: str) -> int:
    """Print why nothing was started, or why the run ended."""
    print(sentence_line(sentence, os.environ.get("LOG_FORMAT"), "make run"), file=sys.stderr)
    return REFUSED


if __name__ == "__main__":
    sys.exit(run(sys.argv[1]))
