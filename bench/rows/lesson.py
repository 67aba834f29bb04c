"""What an open lesson view costs the job: its CPU with a request for the trace each second and without, in turns."""

import tempfile
import threading
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
from tests.end_to_end.stack import Stack

from bench.finding import Finding, Target
from bench.rows.rest import START_SECONDS
from bench.spread import Spread
from bench.workshop import Workshop

SETTLE_SECONDS, SECONDS = 30.0, 20.0
#: The job notes micro-batches for 10 s after the last request.
FORGET_SECONDS = 11.0
TARGET = Target(1.05, at_most=True)


@dataclass(frozen=True)
class Cost:
    """A micro-batch: the CPU of all processes of the job, and its time, both in milliseconds."""

    cpu_ms: float
    batch_ms: float


def measure(shop: Workshop) -> list[Finding]:
    """Measure one run. In each round, first nobody asks, and then somebody does."""
    with tempfile.TemporaryDirectory(prefix="lesson-") as folder, Stack(Path(folder) / "data") as stack:
        stack.snapshot_where(lambda snapshot: snapshot["window"]["posts"] > 0, "first posts", START_SECONDS)
        threading.Event().wait(SETTLE_SECONDS)
        rounds = []
        for _ in range(shop.repeats):
            threading.Event().wait(FORGET_SECONDS)
            rounds.append((_cost(stack, asks=False), _cost(stack, asks=True)))
            without, asked = rounds[-1]
            shop.say(f"lesson: {without.cpu_ms:.1f} ms and {asked.cpu_ms:.1f} ms of CPU for a micro-batch")
    cpu = [asked.cpu_ms / without.cpu_ms for without, asked in rounds]
    time = [asked.batch_ms / without.batch_ms for without, asked in rounds]
    texts = [f"{median(each.cpu_ms for each in costs):.1f}" for costs in zip(*rounds, strict=True)]
    note = f"50 posts/s, one request a second; {' ms before, '.join(texts)} ms with it"
    return [
        Finding("lesson view open, CPU of the job for a micro-batch", "x", Spread.of(cpu), TARGET, note, 2, cpu),
        Finding("lesson view open, time of a micro-batch", "x", Spread.of(time), TARGET, "same rounds", 2, time),
    ]


def _cost(stack: Stack, *, asks: bool) -> Cost:
    begin, cpu_seconds, times = _batch(stack), _cpu_seconds(stack), []
    clock = threading.Event()
    for _ in range(round(SECONDS)):
        if asks:
            with urllib.request.urlopen(f"{stack.address}/api/lesson") as answer:  # noqa: S310 - a fixed scheme
                answer.read()
        clock.wait(1.0)
        snapshot = stack.snapshot()
        if snapshot is not None and snapshot["health"]["batch_ms"]:
            times.append(snapshot["health"]["batch_ms"])
    batches = _batch(stack) - begin
    return Cost((_cpu_seconds(stack) - cpu_seconds) * 1000 / batches, sum(times) / len(times))


def _batch(stack: Stack) -> int:
    """Spark's number of the newest micro-batch."""
    snapshot = stack.snapshot_where(lambda snapshot: snapshot["batch_id"] is not None, "a micro-batch")
    return int(snapshot["batch_id"])


def _cpu_seconds(stack: Stack) -> float:
    """CPU seconds of the job and its children up to now."""
    total = 0.0
    for process in _job(stack):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def _job(stack: Stack) -> list[psutil.Process]:
    (driver,) = [process for process in stack.family() if _command(process)[-2:] == ["-m", "spark_job"]]
    return [driver, *driver.children(recursive=True)]


def _command(process: psutil.Process) -> list[str]:
    with suppress(psutil.NoSuchProcess):  # That includes a zombie.
        return process.cmdline()
    return []
