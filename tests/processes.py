"""What tests of real processes share: free ports, and waiting for what must come."""

import itertools
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
# Below the ports that Linux gives to clients (/proc/sys/net/ipv4/ip_local_port_range).
FIRST_PORT = 12_000
PORTS_OF_A_WORKER = 4_000
WORKERS = 5


def _candidates() -> Iterator[int]:
    """The ports of this test process, over and over. Each worker of pytest-xdist has its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    first = FIRST_PORT + worker * PORTS_OF_A_WORKER
    start = random.SystemRandom().randrange(PORTS_OF_A_WORKER)
    return (first + (start + number) % PORTS_OF_A_WORKER for number in itertools.count())


_CANDIDATES = _candidates()


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses now, and that nobody is given before the test uses them.

    A port that the system has chosen (port 0) and that is closed again may be given to a client of another test.
    """
    found: list[int] = []
    while len(found) < count:
        port = next(_CANDIDATES)
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            found.append(port)
    return found


def wait_until(look: Callable[[], T | None], what: str, timeout_seconds: float) -> T:
    """The first answer of `look` that is neither `None` nor false; fails with `what` at the deadline."""
    deadline, pause = time.monotonic() + timeout_seconds, threading.Event()
    while time.monotonic() < deadline:
        found = look()
        if found is not None and found is not False:
            return found
        pause.wait(0.05)
    raise AssertionError(f"not within {timeout_seconds} s: {what}")
