"""Kills of all kinds of process, at random moments."""

import random
import threading
import time
from collections.abc import Callable

from tests.faults.counting import START_SECONDS
from tests.faults.supervisor import Supervisor


def kill_when_there(stack: Supervisor, role: str, rng: random.Random) -> None:
    """Kill a process that plays `role`, as soon as there is one."""
    stack.wait_until(lambda: stack.kill(role, rng.choice) or None, f"{role} is there", START_SECONDS)


def kill_at_random(
    stack: Supervisor, rng: random.Random, kills: int, seconds: float, tell: Callable[[str], object] | None = None
) -> None:
    """Kill each process equally often, `kills` times in all, spread over `seconds`, as soon as the process runs.

    Args:
        stack: The services.
        rng: Chooses moments and processes.
        kills: How many.
        seconds: The time for all of them.
        tell: Gets a line for each kill.

    """
    since, pause = time.monotonic(), threading.Event()
    moments = sorted(rng.uniform(0, seconds) for _ in range(kills))
    roles = (list(stack.owners) * kills)[:kills]
    rng.shuffle(roles)
    for number, (moment, role) in enumerate(zip(moments, roles, strict=True), 1):
        pause.wait(since + moment - time.monotonic())
        kill_when_there(stack, role, rng)
        if tell is not None:
            tell(f"{number}/{kills} {stack.story[-1]}")
