"""The cost of a run with the demo and without an open page: all processes."""

import tempfile
import threading
from contextlib import suppress
from pathlib import Path

import psutil
from tests.end_to_end.stack import Stack

from bench.finding import Finding, Target
from bench.spread import Spread
from bench.workshop import Workshop

SETTLE_SECONDS, SECONDS = 30.0, 20.0
START_SECONDS = 90.0
# Percent of one core, and GiB of proportional set size.
CPU_TARGET, MEMORY_TARGET = Target(10, at_most=True), Target(0.8, at_most=True)
GIB = 1 << 30


def measure(shop: Workshop) -> list[Finding]:
    """Measure one run. Each further span is a repeat."""
    with tempfile.TemporaryDirectory(prefix="rest-") as folder, Stack(Path(folder) / "data") as stack:
        stack.snapshot_where(lambda snapshot: snapshot["window"]["posts"] > 0, "first posts", START_SECONDS)
        clock = threading.Event()
        clock.wait(SETTLE_SECONDS)
        cpu, memory = [], []
        for _ in range(shop.repeats):
            before = _cpu_seconds(stack)
            clock.wait(SECONDS)
            cpu.append((_cpu_seconds(stack) - before) / SECONDS * 100)
            memory.append(sum(_memory(stack).values()) / GIB)
            shop.say(f"at rest: {cpu[-1]:.0f} % of one core, {memory[-1]:.2f} GiB")
        parts = ", ".join(f"{name} {size / GIB:.2f}" for name, size in _memory(stack).items())
    return [
        Finding("at rest, CPU", "% of one core", Spread.of(cpu), CPU_TARGET, "50 posts/s, defaults", 0, cpu),
        Finding("at rest, memory (PSS)", "GiB", Spread.of(memory), MEMORY_TARGET, parts, 2, memory),
    ]


def _cpu_seconds(stack: Stack) -> float:
    """CPU seconds of all processes up to now."""
    total = 0.0
    for process in stack.family():
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _memory(stack: Stack) -> dict[str, int]:
    """Bytes of each kind of process, by proportional set size, which counts shared memory once."""
    sizes: dict[str, int] = {}
    for process in stack.family():
        with suppress(psutil.NoSuchProcess):
            command = " ".join(process.cmdline())
            names = ("worker_daemon", "streaming_source", "spark_job", "dashboard", "ingest", "processes.py")
            name = "java" if "SparkSubmit" in command else next((name for name in names if name in command), "other")
            sizes[name] = sizes.get(name, 0) + process.memory_full_info().pss
    return sizes
