"""`make readers`: measure what readers of the log cost the job, as a class of thirty would be.

    python scripts/readers.py [--readers 30] [--rounds 5] [--seconds 20] [RATE …]      50 500 if none is given

For each rate (posts per second of the demo) it starts the processes of `make run`, loops that read every post by READ,
and one Spark query of the data source `hashtags`. In turns, the readers run or are stopped by SIGSTOP. The lag is the
time from ingest's acceptance of a post to the snapshot that counts it. Readers and services share this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from statistics import median
from typing import IO, TYPE_CHECKING, NamedTuple

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "notebooks")]

from tests.end_to_end.stack import Stack  # noqa: E402

from hashtags.spark.log import Log  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType
    from typing import Self

READERS = ROOT / "scripts" / "log_readers.py"
START_SECONDS, WARM_SECONDS, SETTLE_SECONDS, POLL_SECONDS = 90.0, 30.0, 5.0, 0.05
COLUMNS = ("posts/s", "readers", "lag s", "job CPU %", "ingest CPU %", "lag, x", "job CPU, x", "every post")


class Turn(NamedTuple):
    """What a turn has measured: the mean lag, and CPU in percent of one core."""

    lag_seconds: float
    job_cpu: float
    ingest_cpu: float


class Readers:
    """A process with readers, which can be stopped and continued."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments

    def __enter__(self) -> Self:
        command = [sys.executable, str(READERS), *self._arguments]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        if _line(self._process.stdout) != "ready":
            raise RuntimeError(f"{command} did not start")
        return self

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all its processes."""
        os.killpg(self._process.pid, number)

    def end_at(self, offset: int) -> list[dict[str, int]]:
        """Let all readers read up to `offset`; returns what each has read."""
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        self._process.stdin.write(f"{offset}\n")
        self._process.stdin.flush()
        readings: list[dict[str, int]] = json.loads(_line(self._process.stdout))
        return readings

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)
        self._process.wait()


def _line(pipe: IO[str] | None) -> str:
    return "" if pipe is None else pipe.readline().strip()


def cpu_seconds(stack: Stack) -> dict[str, float]:
    """CPU seconds up to now: of ingest, of the dashboard, and of the job with its Java and Python workers."""
    seconds = {"ingest": 0.0, "dashboard": 0.0, "job": 0.0}
    for process in stack.family():
        with suppress(psutil.NoSuchProcess):
            command = " ".join(process.cmdline())
            name = next((name for name in ("ingest", "dashboard") if f"-m {name}" in command), "job")
            times = process.cpu_times()
            seconds[name] += times.user + times.system
    return seconds


def snapshots(stack: Stack, seconds: float) -> list[tuple[int, int]]:
    """The offset and the time of each snapshot within `seconds`."""
    found: list[tuple[int, int]] = []
    until, clock = time.monotonic() + seconds, threading.Event()
    while time.monotonic() < until:
        snapshot = stack.snapshot()
        if snapshot is not None:
            one = (snapshot["health"]["offset"], snapshot["produced_at_ms"])
            if not found or one[0] > found[-1][0]:
                found.append(one)
        clock.wait(POLL_SECONDS)
    return found


def mean_lag(log: Log, found: Sequence[tuple[int, int]]) -> float:
    """Seconds from the acceptance of a post to the snapshot that counts it: the mean of all posts."""
    lags, at = [], 1
    for post in log.posts(found[0][0], found[-1][0]):
        while post["offset"] >= found[at][0]:
            at += 1
        lags.append(found[at][1] - post["at_ms"])
    return float(sum(lags) / len(lags) / 1000)


def measure_turn(stack: Stack, seconds: float) -> Turn:
    """Measure the stack for `seconds`."""
    before = cpu_seconds(stack)
    started = time.monotonic()
    found = snapshots(stack, seconds)
    passed, after = time.monotonic() - started, cpu_seconds(stack)
    with Log("127.0.0.1", stack.ports["INGEST_PORT"]) as log:
        lag = mean_lag(log, found)
    cpu = {name: (after[name] - before[name]) / passed * 100 for name in after}
    return Turn(lag, cpu["job"], cpu["ingest"])


def measure(rate: int, count: int, rounds: int, seconds: float, *, with_spark: bool) -> list[str]:
    """The two rows of the table for a rate: without and with readers."""
    turns: dict[bool, list[Turn]] = {False: [], True: []}
    clock = threading.Event()
    with tempfile.TemporaryDirectory(prefix="readers-") as folder, ExitStack() as running:
        settings = {"DEMO_RATE": str(rate), "DEMO_PAST_MINUTES": "5", "DEMO_SEED": "8"}
        stack = running.enter_context(Stack(Path(folder) / "data", **settings))
        stack.snapshot_where(lambda snapshot: snapshot["window"]["posts"] > 0, "first posts", START_SECONDS)
        port = str(stack.ports["INGEST_PORT"])
        kinds = [("loops", port, str(count)), *([("spark", port)] if with_spark else [])]
        readers = [running.enter_context(Readers(*kind)) for kind in kinds]
        clock.wait(WARM_SECONDS)
        for number in range(rounds):
            # Each second round begins with the readers, so that a change of the machine is in both.
            for with_readers in (False, True) if number % 2 == 0 else (True, False):
                for each in readers:
                    each.signal(signal.SIGCONT if with_readers else signal.SIGSTOP)
                clock.wait(SETTLE_SECONDS)
                turns[with_readers].append(measure_turn(stack, seconds))
        for each in readers:
            each.signal(signal.SIGCONT)
        with Log("127.0.0.1", int(port)) as log:
            end = log.status()["end"]
        readings = [reading for each in readers for reading in each.end_at(end)]
    whole = sum(reading["whole"] and reading["end"] >= end for reading in readings)
    name = f"{count} + Spark" if with_spark else str(count)
    return rows(rate, name, turns, f"{whole} of {len(readings)}")


def rows(rate: int, name: str, turns: dict[bool, list[Turn]], whole: str) -> list[str]:
    """The medians of the turns, and the median of the ratios of each round."""
    table = []
    pairs = list(zip(turns[True], turns[False], strict=True))
    for with_readers, found in sorted(turns.items()):
        lag, job, ingest = (median(turn[field] for turn in found) for field in range(3))
        ratios = [median(w[field] / wo[field] for w, wo in pairs) for field in range(2)] if with_readers else []
        cells = [rate, name if with_readers else 0, f"{lag:.3f}", f"{job:.1f}", f"{ingest:.1f}"]
        cells += [*(f"{ratio:.3f}" for ratio in ratios), whole] if with_readers else ["", "", ""]
        table.append(" | ".join(f"{cell:>{max(12, len(name))}}" for cell, name in zip(cells, COLUMNS, strict=True)))
    return table


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="What readers of the log cost the job.")
    parser.add_argument("rates", nargs="*", type=int, default=[50, 500], help="posts per second of the demo")
    parser.add_argument("--readers", type=int, default=30, help="loops that read every post")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0, help="seconds of each turn")
    parser.add_argument("--without-spark", action="store_true", help="loops only")
    given = parser.parse_args()
    print(" | ".join(f"{name:>{max(12, len(name))}}" for name in COLUMNS), flush=True)
    for rate in given.rates:
        for row in measure(rate, given.readers, given.rounds, given.seconds, with_spark=not given.without_spark):
            print(row, flush=True)


if __name__ == "__main__":
    main()
