"""Two real dashboards over a real Redis."""

from __future__ import annotations

import json
import queue
import re
import shutil
import subprocess
import time
import urllib.request
from typing import TYPE_CHECKING, Any

import pytest
import socketio  # type: ignore[import-untyped]
from playwright.sync_api import expect
from socketio.base_client import reconnecting_clients  # type: ignore[import-untyped]
from tests.dashboard.conftest import TOKEN, Dashboard
from tests.dashboard.support import feeder
from tests.dashboard.support.answers import read
from tests.dashboard.support.raw_websocket import join, read_frame
from tests.dashboard.support.reverse_proxy import ReverseProxy
from tests.dashboard.support.rising import sample
from tests.processes import free_ports, wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

pytestmark = pytest.mark.slow


class Redis:
    """`redis-server`, which keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        (self.port,) = free_ports(1)
        self.start()

    def start(self) -> None:
        command = [
            "redis-server",
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--dir",
            str(self._folder),
        ]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if "Ready to accept connections" in line:
                return
        raise AssertionError("redis-server did not start")

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    running = Redis(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def dashboards(redis: Redis, tmp_path: Path) -> Iterator[list[Dashboard]]:
    """Two of them, each with a folder of its own."""
    running = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        running.append(Dashboard(tmp_path / name, MESSAGE_QUEUE=f"redis://127.0.0.1:{redis.port}/0"))
    for receiver in running:
        # A process that has just started may not listen yet, and what was pushed before it does is not for it.
        sender = next(one for one in running if one is not receiver)
        wait_until(lambda s=sender, r=receiver: s.push({"WorldCup": 1}) and newest(r) is not None, "both listen", 30)  # type: ignore[misc]
    yield running
    for dashboard in running:
        if dashboard.process.poll() is None:
            dashboard.kill()


def newest(dashboard: Dashboard) -> dict[str, Any] | None:
    try:
        with urllib.request.urlopen(f"{dashboard.url}/api/snapshot", timeout=10) as answer:
            snapshot: dict[str, Any] = json.load(answer)
            return snapshot
    except urllib.error.HTTPError as error:
        error.close()
        return None


def test_what_another_dashboard_gave_on_and_is_no_snapshot_is_among_the_rejected(
    redis: Redis, dashboards: list[Dashboard]
) -> None:
    from redis import Redis as Client

    with Client(port=redis.port) as client:
        assert client.publish("hashtags-live:snapshots", b"{") == 2
    for dashboard in dashboards:
        counted = 'hashtags_pushes_total{reason="relay",result="rejected"} 1.0'
        wait_until(lambda one=dashboard, line=counted: line in read(one, "/metrics"), "it is counted", 30)  # type: ignore[misc]


def push(dashboard: Dashboard, seq: int, **changes: Any) -> dict[str, Any]:
    body = feeder.snapshot({"WorldCup": seq}, int(time.time() * 1000), seq, epoch=2_000_000_000_000, **changes)
    return feeder.push(dashboard.url, TOKEN, body)


@pytest.fixture
def visit() -> Iterator[Callable[[int], queue.Queue[dict[str, Any]]]]:
    """Opens a page at a port that comes back when it is hung up on; what it gets."""
    clients = []

    def one(port: int) -> queue.Queue[dict[str, Any]]:
        came: queue.Queue[dict[str, Any]] = queue.Queue()
        client = socketio.Client(reconnection_attempts=60, reconnection_delay=0.1, reconnection_delay_max=0.5)
        clients.append(client)
        client.on("snapshot", came.put)
        client.connect(f"http://127.0.0.1:{port}", transports=["websocket"], wait_timeout=30)
        return came

    yield one
    for client in clients:
        connection = client.eio.ws
        wait_until(lambda one=client: has_ended(one), "the end of a client", 20)  # type: ignore[misc]
        connection.close()


def has_ended(client: socketio.Client) -> bool:
    """End a client. One that is just connecting again does not hear of it."""
    client.shutdown()
    return client not in reconnecting_clients and not client.connected


def until_seq(came: queue.Queue[dict[str, Any]], seq: int) -> None:
    while came.get(timeout=30)["seq"] != seq:
        pass


def test_what_is_pushed_to_one_is_on_the_pages_of_both_and_in_the_past_of_both(dashboards: list[Dashboard]) -> None:
    pages = [join(dashboard.port) for dashboard in dashboards]
    now_ms = int(time.time() * 1000) // 10_000 * 10_000
    for seq, sender in ((1, dashboards[0]), (2, dashboards[1])):
        pane = {**feeder.pane(now_ms - 10_000 * seq), "rising": sample(now_ms - 10_000 * (seq - 1))}
        assert push(sender, seq, panes=[pane], rising=sample(now_ms))["accepted"]
        for _, reader in pages:
            while f'"seq":{seq},' not in (message := read_frame(reader)) or "2000000000000" not in message:
                pass
    for dashboard in dashboards:
        with urllib.request.urlopen(f"{dashboard.url}/api/history", timeout=10) as answer:
            panes = json.load(answer)["panes"]
        assert [pane["from_ms"] for pane in panes] == [now_ms - 20_000, now_ms - 10_000]
        assert [pane["rising"] for pane in panes] == [sample(now_ms - 10_000), sample(now_ms)]
        with urllib.request.urlopen(f"{dashboard.url}/api/rising", timeout=10) as answer:
            assert json.load(answer) == sample(now_ms)
    for connection, reader in pages:
        reader.close()
        connection.close()
    for dashboard in dashboards:
        dashboard.stop()
    assert [dashboard.stderr for dashboard in dashboards] == ["", ""]


def test_the_pages_of_one_that_is_killed_go_on_with_the_other(
    dashboards: list[Dashboard], visit: Callable[..., queue.Queue[dict[str, Any]]]
) -> None:
    first, second = dashboards
    with ReverseProxy(lambda: [first.port, second.port]) as front:
        moved, stayed = visit(front.port), visit(second.port)
        push(second, 10)
        until_seq(moved, 10)
        until_seq(stayed, 10)
        first.kill()
        # It finds the other by itself, and gets the newest there.
        until_seq(moved, 10)
        push(second, 11)
        until_seq(moved, 11)
        until_seq(stayed, 11)


def test_a_browser_goes_on_with_the_other_when_one_is_stopped(dashboards: list[Dashboard], browser: Browser) -> None:
    first, second = dashboards
    with ReverseProxy(lambda: [first.port, second.port]) as front:
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{front.port}/")
        expect(page.locator("#fact-connection")).to_have_text("connected")
        assert first.stop() < 5
        feeder.push(second.url, TOKEN, feeder.snapshot({"Zebra": 9}, int(time.time() * 1000), 2, 2_000_000_000_000))
        expect(page.locator("body")).to_contain_text("Zebra", timeout=30_000)
        expect(page.locator("#fact-connection")).to_have_text("connected")
        context.close()


def test_without_redis_each_goes_on_with_what_is_pushed_to_it(redis: Redis, dashboards: list[Dashboard]) -> None:
    first, second = dashboards
    redis.stop()
    assert push(first, 1)["accepted"]
    assert newest(second) != newest(first)
    assert push(second, 1)["accepted"]
    page, reader = join(first.port)
    assert push(first, 2)["accepted"]
    while '"relay":"the other dashboards can\'t be reached over MESSAGE_QUEUE' not in read_frame(reader):
        pass
    assert "MESSAGE_QUEUE" in read(first, "/healthz")
    assert "\nhashtags_relay_notice 1.0\n" in read(first, "/metrics")
    seqs = iter(range(3, 200))

    def is_shared() -> bool:
        seq = next(seqs)
        push(first, seq)
        shown = newest(second)
        return shown is not None and shown["seq"] == seq

    redis.start()
    wait_until(is_shared, "the second gets what is pushed to the first", 15)
    wait_until(lambda: '"relay":null' in read(first, "/healthz"), "the notice is over", 15)
    assert "\nhashtags_relay_notice 0.0\n" in read(first, "/metrics")
    # The pages hear of it with the next snapshot.
    assert push(first, next(seqs))["accepted"]
    while '"relay":null' not in read_frame(reader):
        pass
    reader.close()
    page.close()
    for dashboard in dashboards:
        # Each reason is logged once a minute: a connection that was cut, and one that is refused.
        reasons = re.findall("can't be reached over MESSAGE_QUEUE: (.*)", dashboard.stderr)
        assert len(set(reasons)) == len(reasons)
        assert 1 <= len(reasons) <= 2
        assert "Traceback" not in dashboard.stderr
