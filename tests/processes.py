"""What tests of real processes share: free ports, and waiting for what must come."""

import socket
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import TypeVar

T = TypeVar("T")


def free_ports(count: int) -> list[int]:
    """Ports that nobody listens on now."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def wait_until(look: Callable[[], T | None], what: str, timeout_seconds: float) -> T:
    """The first answer of `look` that is neither `None` nor false; fails with `what` at the deadline."""
    deadline, pause = time.monotonic() + timeout_seconds, threading.Event()
    while time.monotonic() < deadline:
        found = look()
        if found is not None and found is not False:
            return found
        pause.wait(0.05)
    raise AssertionError(f"not within {timeout_seconds} s: {what}")
