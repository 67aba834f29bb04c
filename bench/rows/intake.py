"""Ingest alone on one core: replay, filter, hashtags, spool."""

import tempfile
import time
from pathlib import Path

import psutil
from tests.processes import wait_until

from bench.finding import Finding, Target
from bench.ingest_process import replaying
from bench.spread import Spread
from bench.workshop import Workshop
from spark_job.executor.ingest_client import IngestClient

# A part of the material of other rows is enough.
MATERIAL_POSTS, POSTS = 2_000_000, 400_000
TIMEOUT_SECONDS = 120.0
# What TRACK is called in the table -> TRACK and its target. No post contains one of these terms, but ingest searches
# each post for them.
TRACK = {
    "no terms": ("", Target(200_000)),
    "three excluded terms": ('-betting,-"buy now",-#promotion', Target(150_000)),
}


def measure(shop: Workshop) -> list[Finding]:
    """Measure without terms, and with some."""
    file = shop.material(MATERIAL_POSTS).path("untagged")
    found = []
    for name, (track, target) in TRACK.items():
        rates = [_rate(file, track) for _ in range(shop.repeats)]
        shop.say(f"ingest, {name}: {[round(rate) for rate in rates]} posts/s")
        found.append(Finding(f"ingest on one core, {name}", "posts/s", Spread.of(rates), target, "", 0, rates))
    return found


def _rate(file: Path, track: str) -> float:
    """Posts per second, from the first post in the log to the last."""
    with tempfile.TemporaryDirectory(prefix="intake-") as folder, replaying(file, Path(folder), TRACK=track) as ingest:
        psutil.Process(ingest.process.pid).cpu_affinity([psutil.Process().cpu_affinity()[-1]])
        return _watch(ingest.port)


def _watch(port: int) -> float:
    with IngestClient("127.0.0.1", port) as client:

        def end(least: int) -> int | None:
            try:
                reached = int(client.status()["end"])
            except OSError:
                return None
            return reached if reached >= least else None

        first = wait_until(lambda: end(1), "a post in the log", TIMEOUT_SECONDS)
        since = time.monotonic()
        last = wait_until(lambda: end(POSTS), "all posts in the log", TIMEOUT_SECONDS)
        return (last - first) / (time.monotonic() - since)
