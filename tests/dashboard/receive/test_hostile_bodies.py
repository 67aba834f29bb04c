"""Bodies that no job and no page sends: what they cost, and what is answered and logged."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.dashboard.conftest import TOKEN
from tests.dashboard.support.raw_websocket import connect, get, send_request
from tests.processes import wait_until

from dashboard.api.snapshots import MAX_BODY_BYTES

if TYPE_CHECKING:
    from tests.dashboard.conftest import Dashboard

OURS = f"Authorization: Bearer {TOKEN}\r\n"
POST = "POST /api/snapshots HTTP/1.1\r\nHost: x\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n\r\n"
MALFORMED = [
    POST + CHUNKED + "zz\r\n{}\r\n0\r\n\r\n",
    POST + OURS + CHUNKED + "zz\r\n{}\r\n0\r\n\r\n",
    POST + CHUNKED + "2\r\n{}XX0\r\n\r\n",
    POST + OURS + CHUNKED + "-2\r\n{}\r\n0\r\n\r\n",
    POST + OURS + CHUNKED + "2;\x00\r\n{}\r\n0\r\n\r\n",
    POST + OURS + CHUNKED + "\r\n\r\n",
    POST + OURS + CHUNKED + "0\r\nbad trailer\r\n\r\n",
    POST + OURS + CHUNKED + "f" * 9000,
    "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n" + CHUNKED + "zz\r\n",
    "POST / HTTP/1.1\r\nHost: x\r\n" + CHUNKED + "zz\r\n",
    "GET / HTTP/1.1\r\nHost: x\r\n" + CHUNKED + "zz\r\n",
]


def worker_mb(dashboard: Dashboard) -> float:
    """Memory of the process that serves."""
    parent = dashboard.process.pid
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    pages = sum(int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children)
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def test_bodies_of_strangers_are_not_kept_in_memory(dashboard: Dashboard) -> None:
    dashboard.push({"WorldCup": 1})
    before_mb = worker_mb(dashboard)
    head = f"{POST}Content-Length: {MAX_BODY_BYTES}\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(165):
            stranger = stack.enter_context(connect(dashboard.port, "127.0.0.5"))
            stranger.sendall(head + bytes(MAX_BODY_BYTES - 1))
        assert dashboard.push({"WorldCup": 2})["accepted"]
        assert worker_mb(dashboard) - before_mb < 40


def test_a_job_with_a_wrong_token_is_told_so_whatever_the_size_of_its_snapshot(dashboard: Dashboard) -> None:
    for size in (2, 60_000, MAX_BODY_BYTES):
        with connect(dashboard.port) as job:
            head = send_request(job, f"{POST}Content-Length: {size}\r\n\r\n" + "x" * size)
        assert head.startswith("http/1.1 401 ")


@pytest.mark.parametrize("request_text", MALFORMED)
def test_a_malformed_body_is_answered_without_a_word_in_the_log(dashboard: Dashboard, request_text: str) -> None:
    for _ in range(20):
        with connect(dashboard.port) as client:
            head = send_request(client, request_text)
        assert head.startswith(("http/1.1 4", "http/1.1 200 ")), head
    assert get(dashboard.port, "/healthz").startswith("http/1.1 200")
    assert "Traceback" not in dashboard.stderr
    assert dashboard.stderr.count("\n") <= 1


@pytest.mark.alone
@pytest.mark.parametrize("whose", ["", OURS])
def test_a_body_that_is_cut_leaves_no_traceback(dashboard: Dashboard, whose: str) -> None:
    for cut in ("Content-Length: 100\r\n\r\n{", f"{CHUNKED}64\r\n{{", f"{CHUNKED}"):
        for _ in range(20):
            with connect(dashboard.port) as client:
                client.sendall((POST + whose + cut).encode())
    started = time.monotonic()
    wait_until(lambda: get(dashboard.port, "/healthz").startswith("http/1.1 200"), "it serves on", 10)
    assert time.monotonic() - started < 1
    dashboard.push({"WorldCup": 1})
    assert "Traceback" not in dashboard.stderr
    assert dashboard.stderr.count("\n") <= 1
