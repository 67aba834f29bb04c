"""What one address may have and ask for, at a real dashboard; and those who never finish what they say."""

from __future__ import annotations

import re
import socket
import time
from contextlib import ExitStack
from typing import IO, TYPE_CHECKING

import pytest
from tests.dashboard.conftest import Dashboard
from tests.dashboard.support import feeder
from tests.dashboard.support.raw_websocket import connect, frame, get, join, read_frame, upgrade
from tests.processes import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Dashboard]]:
    """Starts a dashboard with settings; at the end nothing may have been logged."""
    running: list[Dashboard] = []

    def one(**settings: str) -> Dashboard:
        running.append(Dashboard(tmp_path, **settings))
        return running[-1]

    yield one
    for dashboard in running:
        dashboard.stop()
        assert dashboard.stderr == ""


def status(head: str) -> int:
    return int(head.split()[1])


def test_an_address_has_its_number_of_connections_and_others_have_theirs(start: Callable[..., Dashboard]) -> None:
    dashboard = start(CONNECTIONS_PER_ADDRESS="3")
    with ExitStack() as stack:
        pages = [join(dashboard.port, "127.0.0.5") for _ in range(3)]
        for connection, reader in pages:
            stack.enter_context(connection)
            stack.enter_context(reader)
        connection, head = upgrade(dashboard.port, "127.0.0.5")
        connection.close()
        assert status(head) == 429
        assert status(get(dashboard.port, "/", "127.0.0.5")) == 429
        assert status(get(dashboard.port, "/", "127.0.0.6")) == 200
        dashboard.push({"WorldCup": 1})
        assert all(read_frame(reader).startswith('42["snapshot"') for _, reader in pages)
        for page in pages[0]:
            page.close()
        wait_until(lambda: status(get(dashboard.port, "/", "127.0.0.5")) == 200, "there is room again", 10)


def test_behind_a_proxy_it_is_the_address_that_the_proxy_tells(start: Callable[..., Dashboard]) -> None:
    dashboard = start(CONNECTIONS_PER_ADDRESS="2", TRUSTED_PROXIES="1")
    said = ["192.0.2.1", "203.0.113.9, 192.0.2.1", "192.0.2.1", "203.0.113.9, 192.0.2.1", "192.0.2.2"]
    with ExitStack() as stack:
        statuses = []
        for claimed in said:
            connection, head = upgrade(dashboard.port, X_Forwarded_For=claimed)
            stack.enter_context(connection)
            statuses.append(status(head))
    # What the client itself wrote before the proxy's word counts for nothing.
    assert statuses == [101, 101, 429, 429, 101]


def test_without_a_proxy_nobody_may_claim_an_address(start: Callable[..., Dashboard]) -> None:
    dashboard = start(API_REQUESTS_PER_MINUTE="2")
    asked = [get(dashboard.port, "/api/time", X_Forwarded_For=f"192.0.2.{number}") for number in range(3)]
    assert [status(head) for head in asked] == [200, 200, 429]


def test_requests_of_an_address_have_a_rate_that_the_job_does_not_have(
    start: Callable[..., Dashboard],
) -> None:
    # So few that none comes back meanwhile: one of the first in 30 s, one of the second in 12.
    dashboard = start(API_REQUESTS_PER_MINUTE="2", REQUESTS_PER_MINUTE="5")
    started = time.monotonic()
    heads = [get(dashboard.port, "/api/pushes") for _ in range(3)]
    passed_seconds = time.monotonic() - started
    assert [status(head) for head in heads] == [200, 200, 429]
    (retry_after,) = re.findall(r"\r\nretry-after: (\d+)\r\n", heads[-1])
    assert 30 - passed_seconds <= int(retry_after) <= 30
    assert status(get(dashboard.port, "/healthz")) == 200
    assert [status(get(dashboard.port, "/")) for _ in range(3)] == [200] + [429] * 2
    assert all(dashboard.push({"WorldCup": number})["accepted"] for number in range(20))
    assert status(get(dashboard.port, "/api/pushes", "127.0.0.7")) == 200


def test_there_is_room_beside_the_last_page(start: Callable[..., Dashboard]) -> None:
    dashboard = start(MAX_PAGES="2")
    with ExitStack() as stack:
        for _ in range(2):
            for one in join(dashboard.port):
                stack.enter_context(one)
        connection, head = upgrade(dashboard.port)
        connection.close()
        assert status(head) == 503
        assert status(get(dashboard.port, "/healthz")) == 200
        assert status(get(dashboard.port, "/")) == 200


def test_a_page_may_ask_a_few_times_at_once_and_is_not_answered_beyond(start: Callable[..., Dashboard]) -> None:
    dashboard = start()
    connection, reader = join(dashboard.port)
    with connection, reader:
        dashboard.push({"WorldCup": 1})
        assert read_frame(reader).startswith('42["snapshot"')
        # All at once, before it may ask again.
        connection.sendall(b"".join(frame(f'42{number}["latest"]'.encode()) for number in range(50)))
        answers = [read_frame(reader) for _ in range(50)]
        assert 3 <= sum("WorldCup" in answer for answer in answers) <= 25
        assert answers[-1] == "4349[null]"
        # It asks on, and is hung up on.
        connection.sendall(frame(b'4299["latest"]') * 50)
        assert read_to_the_end(reader)


def test_who_sends_more_than_a_page_has_to_say_is_hung_up_on(start: Callable[..., Dashboard]) -> None:
    dashboard = start()
    for first, payload in ((0x89, b""), (0x81, b"3"), (0x81, b'42["no such event"]')):
        connection, reader = join(dashboard.port)
        with connection, reader, pytest.raises(ConnectionError):
            send_on(connection, frame(payload, first) * 100)


@pytest.mark.alone
def test_a_crowd_that_reads_the_past_does_not_hold_up_a_snapshot(start: Callable[..., Dashboard]) -> None:
    dashboard = start()
    now_ms = int(time.time() * 1000) // 10_000 * 10_000
    words = {f"tag{number}": 100 - number for number in range(50)}
    for first in range(0, 360, 60):
        dashboard.push(words, panes=[feeder.pane(now_ms - 10_000 * (first + n + 1), words) for n in range(60)])
    page, reader = join(dashboard.port)
    assert read_frame(reader).startswith('42["snapshot"')
    with page, reader, ExitStack() as stack:
        # Some 0.7 MB and 15 ms each.
        for _ in range(300):
            reading = stack.enter_context(connect(dashboard.port, "127.0.0.5"))
            reading.sendall(b"GET /api/history HTTP/1.1\r\nHost: x\r\n\r\n")
        for number in range(5):
            started = time.monotonic()
            dashboard.push({"WorldCup": number})
            assert read_frame(reader).startswith('42["snapshot"')
            assert time.monotonic() - started < 1


def read_to_the_end(reader: IO[bytes]) -> bool:
    """Whether the stream ends."""
    try:
        while reader.read(4096):
            pass
    except ConnectionError:
        pass
    return True


def send_on(connection: socket.socket, data: bytes) -> None:
    """Send it a hundred thousand times."""
    for _ in range(100_000):
        connection.sendall(data)


def test_headers_and_bodies_that_never_end_keep_nobody_from_anything(start: Callable[..., Dashboard]) -> None:
    dashboard = start()
    good, reader = join(dashboard.port)
    unfinished = (
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"POST /static/main.js HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n",
    )
    with good, reader, ExitStack() as stack:
        slow = [stack.enter_context(connect(dashboard.port, "127.0.0.5")) for _ in range(300)]
        started = time.monotonic()
        for number, connection in enumerate(slow):
            connection.sendall(unfinished[number % 3])
        left = set(slow)

        def all_hung_up() -> bool:
            dashboard.push({"WorldCup": 1})
            assert read_frame(reader).startswith('42["snapshot"')
            left.difference_update([connection for connection in left if is_over(connection)])
            return not left

        wait_until(all_hung_up, "all are hung up on", 20)
        assert time.monotonic() - started < 10


def is_over(connection: socket.socket) -> bool:
    """Whether the server has hung up; one byte more is sent to it otherwise."""
    connection.setblocking(False)
    try:
        while connection.recv(4096):
            pass
    except BlockingIOError:
        pass
    except ConnectionError:
        return True
    else:
        return True
    try:
        connection.send(b"a")
    except ConnectionError:
        return True
    return False
