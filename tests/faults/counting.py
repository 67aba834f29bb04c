"""Waiting for a stack to count."""

import threading
import time
from typing import Any

from tests.faults import contract
from tests.faults.supervisor import Supervisor

START_SECONDS = 120.0
# Every start of the job numbers its snapshots from another multiple of this.
SEQ_BLOCK = 1_000_000_000
# Behind every offset: what is later than this is of a later start.
FAR = 2**62


def snapshot(stack: Supervisor) -> dict[str, Any] | None:
    """The newest snapshot, or `None` while the page has none."""
    return contract.get(f"{stack.url}/api/snapshot")


def until_counting(
    stack: Supervisor, after: tuple[int, int] = (0, 0), seconds: float = START_SECONDS
) -> tuple[int, int]:
    """Wait for a snapshot of a later start, or with a later offset, than (start, offset) `after`; returns its own.

    It must come from a run of the query that has counted a micro-batch.
    """

    def look() -> tuple[int, int] | None:
        newest = snapshot(stack)
        if newest is None or newest["batch"] is None:
            return None
        mark = (newest["seq"] // SEQ_BLOCK, newest["health"]["offset"])
        return mark if mark[0] > after[0] or (mark[0] == after[0] and mark[1] > after[1]) else None

    mark = stack.wait_until(look, f"counting goes on after start and offset {after}", seconds)
    stack.tell(f"counting, start {mark[0]} at offset {mark[1]}")
    return mark


def away(stack: Supervisor, seconds: float) -> float:
    """Take the job away for so long; returns how many seconds after its process started it had caught up."""
    start, _ = until_counting(stack)
    stack.hold("spark-job")
    stack.tell("the job is away")
    threading.Event().wait(seconds)
    status = contract.status(stack.ingest_port)
    assert status is not None
    stack.release("spark-job")

    def caught_up() -> dict[str, Any] | None:
        newest = snapshot(stack)
        if newest is None or newest["seq"] // SEQ_BLOCK == start or newest["health"]["offset"] < status["end"]:
            return None
        return newest if newest["health"]["lag_posts"] == 0 else None

    stack.wait_until(caught_up, f"post {status['end']} is counted", START_SECONDS)
    took = time.monotonic() - stack.services["spark-job"].started_at
    stack.tell(f"caught up {took:.1f} s after its start, {status['end'] - status['acked']} posts were waiting")
    return took
