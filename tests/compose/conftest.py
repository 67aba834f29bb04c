"""The running stack that most tests of this folder look at."""

import subprocess
from collections.abc import Iterator

import pytest
from tests.compose.stack import ComposeStack


def why_not() -> str | None:
    """Why no stack can be started on this machine, or `None`."""
    for command in (["docker", "info"], ["docker", "compose", "version"]):
        try:
            done = subprocess.run(command, capture_output=True, timeout=30, check=False)
        except FileNotFoundError:
            return "there is no docker on this machine"
        except subprocess.TimeoutExpired:
            return f"`{' '.join(command)}` does not answer"
        if done.returncode:
            return f"`{' '.join(command)}` fails: no Docker Engine with Compose v2 is reachable"
    return None


def need_engine() -> None:
    """Skip where no stack can be started."""
    reason = why_not()
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def stack() -> Iterator[ComposeStack]:
    """The demo at 500 posts/s on two workers, from an environment without any other setting."""
    need_engine()
    stack = ComposeStack("hashtags-test", DEMO_RATE="500", SPARK_WORKER_CORES="1")
    with stack.running("--scale", "spark-worker=2"):
        yield stack
