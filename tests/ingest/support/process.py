"""A real `python -m ingest`, and requests to it."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
#: The longest wait for something outside of this process.
DEADLINE_SECONDS = 30.0


class Ingest:
    """A running `python -m ingest`; its ports come from its log."""

    def __init__(self, folder: Path, arguments: list[str], settings: dict[str, str]) -> None:
        base = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        ports = {"INGEST_PORT": "0", "TAIL_PORT": "0", "TMPDIR": str(folder / "tmp")}
        (folder / "tmp").mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ingest", *arguments],
            cwd=folder,
            env=base | ports | {"PYTHONPATH": str(ROOT / "ingest")} | settings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ports(self) -> tuple[int, int]:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if "serving on" in line:
                serving, tail = line.strip().split(", tail on ")
                return int(serving.rsplit(":", 1)[1]), int(tail.rsplit(":", 1)[1])
        raise AssertionError("it ended before it served")

    def end(self, number: int | None = None) -> tuple[int, str, str]:
        if number is not None:
            self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


Start = Callable[..., Ingest]


def request(port: int, *requests: str) -> list[bytes]:
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
        connection.sendall("".join(f"{request}\n" for request in requests).encode())
        connection.shutdown(socket.SHUT_WR)
        with connection.makefile("rb") as answer:
            return answer.read().splitlines()


def wait_for(port: int, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """Request STATUS on one connection until `condition` is true of it."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=30)
    with closing(connection), connection.makefile("rb") as answers:
        while True:
            connection.sendall(b"STATUS\n")
            status: dict[str, Any] = json.loads(answers.readline())
            if condition(status):
                return status


def wait_until(condition: Callable[[], object]) -> None:
    """Check `condition` until it is true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)


def wait_for_end(port: int, end: int) -> dict[str, Any]:
    """Request STATUS until the log has `end` posts."""
    return wait_for(port, lambda status: status["end"] == end)


def posts_of(port: int) -> list[dict[str, Any]]:
    """Return all posts of the log, without offset and time."""
    _, *lines = request(port, "READ 0 1000000")
    posts: list[dict[str, Any]] = [json.loads(line) for line in lines]
    assert [post.pop("offset") for post in posts] == list(range(len(posts)))
    for post in posts:
        del post["at_ms"]
    return posts
