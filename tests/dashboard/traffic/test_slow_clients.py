"""Clients of one address that ask for much and read nothing: nobody else waits for them."""

from __future__ import annotations

import resource
import socket
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.dashboard.receive.test_hostile_bodies import worker_mb
from tests.dashboard.support import feeder
from tests.dashboard.support.raw_websocket import connect, get, join, read_frame

if TYPE_CHECKING:
    from tests.dashboard.conftest import Dashboard

pytestmark = pytest.mark.alone

CLIENTS = 950
LARGE = "/static/vendor/plotly-basic-4.1.1.min.js"


def kernel_tcp_mb() -> float:
    """Memory that this machine's TCP sockets hold."""
    (line,) = [line for line in Path("/proc/net/sockstat").read_text().splitlines() if line.startswith("TCP:")]
    return int(line.split()[-1]) * resource.getpagesize() / 1e6


def test_those_who_ask_for_the_large_script_and_read_nothing_delay_no_snapshot(dashboard: Dashboard) -> None:
    before_mb = kernel_tcp_mb()
    page, reader = join(dashboard.port)
    dashboard.push({"WorldCup": 1})
    assert read_frame(reader).startswith('42["snapshot"')
    with page, reader, ExitStack() as stack:
        for _ in range(CLIENTS):
            client = stack.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.bind(("127.0.0.5", 0))
            client.connect(("127.0.0.1", dashboard.port))
            client.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        delays = []
        for number in range(10):
            started = time.monotonic()
            dashboard.push({"WorldCup": number + 2})
            assert read_frame(reader).startswith('42["snapshot"')
            delays.append(time.monotonic() - started)
        held_mb = kernel_tcp_mb() - before_mb
        assert max(delays) < 0.5
        assert held_mb < 300


def test_those_who_ask_for_the_past_and_read_nothing_fill_no_memory(dashboard: Dashboard) -> None:
    now_ms = int(time.time() * 1000) // 10_000 * 10_000
    words = {f"tag{number}": 100 - number for number in range(50)}
    for first in range(0, 360, 60):
        dashboard.push(words, panes=[feeder.pane(now_ms - 10_000 * (first + n + 1), words) for n in range(60)])
    before_mb = worker_mb(dashboard)
    with ExitStack() as stack:
        for number in range(900):
            client = stack.enter_context(connect(dashboard.port, "127.0.0.5"))
            # Another span each time: no two have one answer.
            client.sendall(f"GET /api/history?from_ms={number + 1} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        dashboard.push({"WorldCup": 1})
        assert get(dashboard.port, "/api/time", "127.0.0.6").startswith("http/1.1 200")
        assert worker_mb(dashboard) - before_mb < 100
