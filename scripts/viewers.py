"""`make viewers`: measure how many open pages one dashboard serves, with a snapshot per second.

    python scripts/viewers.py [--seconds 20] [N …]      2000 5000 if none is given

For each N it starts the real dashboard, opens N pages in a separate process, and pushes made-up snapshots. A delivery
lasts from the moment before the push to the moment at which a page has read it. Server and pages share this machine.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from statistics import quantiles
from typing import Any

import psutil
import socketio  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.dashboard.conftest import TOKEN, Dashboard  # noqa: E402
from tests.dashboard.support import feeder  # noqa: E402
from tests.dashboard.support.many_clients import ManyClients  # noqa: E402
from tests.dashboard.support.rising import with_authors  # noqa: E402

from dashboard.server.gunicorn_app import raise_file_limit  # noqa: E402

EPOCH = 1_795_176_000_000
SPARE_FILES = 200
COLUMNS = (
    "pages", "connects/s", "p50 ms", "p99 ms", "max ms", "missed", "CPU %", "RSS MB", "healthz ms", "event B", "wire B",
    "SIGTERM s",
)  # fmt: skip


class Pushes:
    """Made-up snapshots. `at_ns`: when each was sent, by `seq`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._stream = feeder.Stream(seed=1)
        self._random = random.Random(1)  # noqa: S311 - figures, not secrets
        self.at_ns: dict[int, int] = {}

    def one(self) -> None:
        """Push the next snapshot."""
        seq, at_ms = len(self.at_ns) + 1, time.time_ns() // 1_000_000
        body = with_authors(feeder.snapshot(self._stream.draw(), at_ms, seq, EPOCH))
        for leader in body["window"]["top"]:
            # Curves as in a window of 30 panes.
            leader["panes"] = [max(0, round(leader["posts"] / 30 * self._random.uniform(0.5, 1.5))) for _ in range(30)]
        self.at_ns[seq] = time.monotonic_ns()
        feeder.push(self._url, TOKEN, body)


class Health:
    """Requests `/healthz` twenty times a second, on a new connection each time. `worst_ms`: the slowest response."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/healthz"
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.worst_ms = 0.0

    def __enter__(self) -> Health:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._end.wait(0.05):
            started = time.monotonic()
            with urllib.request.urlopen(self._url, timeout=30) as answer:  # noqa: S310 - our own server
                answer.read()
            self.worst_ms = max(self.worst_ms, (time.monotonic() - started) * 1000)


def delays_ms(receipts: dict[str, list[int]], at_ns: dict[int, int]) -> list[float]:
    """The duration of each delivery."""
    return [(came - at_ns[int(seq)]) / 1e6 for seq, all_came in receipts.items() for came in all_came]


def event_bytes(port: int) -> int:
    """The size of the event as JSON, which a page without compression reads."""
    with socketio.SimpleClient() as page:
        page.connect(f"http://127.0.0.1:{port}", transports=["websocket"])
        name, event = page.receive(timeout=10)
    return len(json.dumps([name, event], separators=(",", ":")))


def measure(count: int, seconds: int) -> list[Any]:
    """One row of the table."""
    with tempfile.TemporaryDirectory() as folder:
        dashboard = Dashboard(Path(folder), MAX_PAGES=str(max(count, 5000)))
        pushes = Pushes(dashboard.url)
        (worker,) = psutil.Process(dashboard.process.pid).children()
        pushes.one()
        # Before the pages connect: they may use the last connection.
        size = event_bytes(dashboard.port)
        with ManyClients(dashboard.port, count) as clients:
            clients.collect()
            before, started = sum(worker.cpu_times()[:2]), time.monotonic()
            with Health(dashboard.url) as health:
                first = len(pushes.at_ns) + 1
                for number in range(seconds):
                    threading.Event().wait(max(0.0, started + number + 1 - time.monotonic()))
                    pushes.one()
                threading.Event().wait(1)
            cpu = (sum(worker.cpu_times()[:2]) - before) / (time.monotonic() - started)
            rss = worker.memory_info().rss
            came = clients.collect()
            delays = delays_ms(
                {seq: all_ns for seq, all_ns in came["receipts"].items() if int(seq) >= first}, pushes.at_ns
            )
            stopped = dashboard.stop()
        sys.stderr.write(dashboard.stderr)
    cuts = quantiles(delays, n=100)
    missed = clients.joined * seconds - len(delays) + count - clients.joined
    return [
        count, round(count / clients.seconds), *(round(ms) for ms in (cuts[49], cuts[98], max(delays))), missed,
        round(cpu * 100), round(rss / 2**20), round(health.worst_ms), size, came["wire_bytes"], round(stopped, 1),
    ]  # fmt: skip


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description="How many open pages one dashboard serves.")
    parser.add_argument("pages", nargs="*", type=int, default=[2000, 5000])
    parser.add_argument("--seconds", type=int, default=20, help="snapshots, one a second")
    options = parser.parse_args()
    try:
        raise_file_limit(max(options.pages) + SPARE_FILES)
    except ValueError as error:
        sys.exit(f"viewers: {error}.")
    print(" | ".join(COLUMNS), flush=True)
    for count in options.pages:
        row = measure(count, options.seconds)
        print(" | ".join(f"{value:>{len(name)}}" for name, value in zip(COLUMNS, row, strict=True)), flush=True)


if __name__ == "__main__":
    main()
