"""Whatever is sent to a real dashboard, it stays up, its log stays empty, and a page goes on getting snapshots.

FUZZ_EXAMPLES=5000 pytest tests/dashboard/traffic/test_fuzz.py     is a longer run than the one of `make test`
"""

from __future__ import annotations

import errno
import json
import os
import socket
import time
import zlib
from typing import TYPE_CHECKING, Any

import psutil
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.dashboard.conftest import Dashboard
from tests.dashboard.support.raw_websocket import UPGRADE, connect, frame, get, join, read_frame, upgrade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.slow

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "150"))
BOUND_SECONDS = 2.0
POLL = "/socket.io/?EIO=4&transport=polling"
#: A session lingers up to 45 s at some 25 kB. How many there are is what the limits bound that are off here.
GROWTH_BYTES = 160 * 2**20


class Target:
    """A dashboard without limits of numbers, so that all that is sent is looked at; and a page that must not notice."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard = dashboard
        self.port = dashboard.port
        self._page, self._reader = join(dashboard.port)
        self._number = 0

    def check(self) -> None:
        """A new snapshot comes to the page within its bound."""
        self._number += 1
        started = time.monotonic()
        self.dashboard.push({"WorldCup": self._number})
        message = read_frame(self._reader)
        if message == "2":
            self._page.sendall(frame(b"3"))
            message = read_frame(self._reader)
        assert json.loads(message[2:])[1]["top"][0]["posts"] == self._number
        assert time.monotonic() - started < BOUND_SECONDS

    def send(self, *messages: bytes, joined: bool = True) -> None:
        """Open a websocket, send, and go."""
        connection, _ = join(self.port) if joined else upgrade(self.port)
        with connection:
            send_all(connection, *messages)

    def close(self) -> None:
        self._reader.close()
        self._page.close()


def send_all(connection: socket.socket, *messages: bytes) -> None:
    """Send as long as the server takes it; it may hang up."""
    try:
        for message in messages:
            connection.sendall(message)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65_536):
            pass
    except TimeoutError:
        raise
    except OSError as error:
        assert error.errno in {errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN}  # noqa: PT017 - or it hung up before


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    started = time.monotonic()
    dashboard = Dashboard(
        tmp_path_factory.mktemp("fuzz"),
        CONNECTIONS_PER_ADDRESS="0", REQUESTS_PER_MINUTE="0", API_REQUESTS_PER_MINUTE="0",
    )  # fmt: skip
    (worker,) = psutil.Process(dashboard.process.pid).children()
    dashboard.push({"WorldCup": 0})
    made = Target(dashboard)
    read_frame(made._reader)
    made.check()
    before = worker.memory_info().rss
    yield made
    made.check()
    assert worker.memory_info().rss - before < GROWTH_BYTES
    made.close()
    assert dashboard.stop() < 5
    # The lines about what was no request, and about a push without the token: each once a minute.
    said = dashboard.stderr.splitlines()
    minutes = 1 + (time.monotonic() - started) // 60
    for words in ("Invalid request", "push refused (token"):
        lines = [line for line in said if words in line]
        assert len(lines) <= minutes
        said = [line for line in said if line not in lines]
    assert "\n".join(said) == ""


fuzz = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["view", "latest", "connect", "disconnect", "message", "snapshot", "*", ""]) | st.text(
    max_size=9
)
EVENTS = st.builds(lambda name, more: json.dumps([name, *more]), NAMES, st.lists(JSON, max_size=3))
PLACEHOLDERS = st.integers(-3, 2**70).map(lambda number: json.dumps(["view", {"_placeholder": True, "num": number}]))
PACKETS = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from("0123456789b"),
    st.sampled_from(["", "0", "1", "2", "3", "4", "5", "6", "51-", "61-", "59999999999-", "5-", "21-", "2147483648"]),
    st.sampled_from(["", "/,", "/other,", "/?x=1,", "/a" * 50 + ",", "/"]),
    st.sampled_from(["", "7", "9" * 99, "9" * 101, "٣"]),
    EVENTS | PLACEHOLDERS | JSON.map(json.dumps) | st.text(max_size=40),
)
FRAMES = st.builds(
    lambda first, payload: frame(payload, first),
    st.integers(0, 255),
    st.binary(max_size=200) | PACKETS.map(str.encode) | st.binary(min_size=4000, max_size=9000),
)


@fuzz
@given(st.lists(PACKETS, max_size=12), st.booleans())
def test_packets_of_every_kind(target: Target, packets: list[str], joined: bool) -> None:
    target.send(*(frame(packet.encode("utf-8", "replace")) for packet in packets), joined=joined)
    target.check()


@fuzz
@given(st.lists(FRAMES | st.binary(max_size=300), max_size=8), st.booleans())
def test_frames_and_bytes_of_every_kind(target: Target, messages: list[bytes], joined: bool) -> None:
    target.send(*messages, joined=joined)
    target.check()


@fuzz
@given(st.lists(PACKETS, max_size=20).map("\x1e".join) | st.text(max_size=300), st.text("01234567b%d=", max_size=3))
def test_polled_payloads_of_every_kind(target: Target, payload: str, query: str) -> None:
    body = payload.encode("utf-8", "replace")
    with connect(target.port) as connection:
        connection.sendall(b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n")
        sid = connection.recv(4096).partition(b'"sid":"')[2].partition(b'"')[0]
        head = f"POST /socket.io/?EIO=4&transport=polling&sid={sid.decode()}&j={query} HTTP/1.1\r\nHost: x\r\n"
        for sent in (b"40", body):
            connection.sendall(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
        send_all(connection)
    target.check()


@fuzz
@given(
    st.sampled_from(["GET", "POST", "PUT", "OPTIONS", "HEAD", "", "\x00"]) | st.text(max_size=8),
    st.sampled_from(["/", POLL, POLL.replace("polling", "websocket"), "/api/snapshots", "/api/tags/%ff", "*"])
    | st.text(max_size=60),
    st.lists(
        st.tuples(
            st.sampled_from(["Host", "Upgrade", "Connection", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Origin",
                             "Content-Length", "Transfer-Encoding", "Sec-WebSocket-Extensions", "X-Forwarded-For"]),
            st.sampled_from(["x", "websocket", "Upgrade", "13", "-1", "99999999999999999999", "chunked",
                             "permessage-deflate; server_max_window_bits=99"]) | st.text(max_size=20),
        ),
        max_size=8,
    ),
    st.binary(max_size=100),
)  # fmt: skip
def test_requests_of_every_kind(
    target: Target, method: str, path: str, headers: list[tuple[str, str]], body: bytes
) -> None:
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    with connect(target.port) as connection:
        send_all(connection, f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode("utf-8", "replace") + body)
    target.check()


def deep(depth: int) -> bytes:
    return b'42["view",' + b"[" * depth


ATTACKS: dict[str, Callable[[Target], Any]] = {
    "a megabyte in one frame": lambda target: target.send(frame(b"4" * 2**20)),
    "a frame of an exabyte": lambda target: target.send(b"\x81\xff" + (2**60).to_bytes(8, "big") + bytes(1000)),
    "fragments": lambda target: target.send(frame(b"4", 0x01), *[frame(b"x" * 100, 0x00)] * 1000),
    "deep JSON": lambda target: target.send(frame(deep(4000)), frame(deep(100))),
    "a packet of deep JSON": lambda target: target.send(frame(b"4" + b"[" * 4000), joined=False),
    "attachments that never come": lambda target: target.send(
        frame(b'459999999999-["view",{"_placeholder":true,"num":0}]'), *[frame(b"x" * 1000, 0x82)] * 500
    ),
    "namespaces": lambda target: target.send(*(frame(f"40/n{n},".encode()) for n in range(2000))),
    "the same namespace again and again": lambda target: target.send(*[frame(b"40")] * 1000),
    "made-up views": lambda target: target.send(*map(made_up_view, range(2000))),
    "unknown events": lambda target: target.send(*[frame(b'42["nothing",1]')] * 2000),
    "control frames": lambda target: target.send(*[frame(b"x", 0x89)] * 2000),
    "polls nobody fetches": lambda target: [get(target.port, POLL) for _ in range(300)],
}


def made_up_view(number: int) -> bytes:
    return frame(f'42{number}["view",{{"lang":"x{number}"}}]'.encode())


def bomb(target: Target) -> None:
    """Zeros that take a thousand times the room when they are decompressed."""
    compressor = zlib.compressobj(wbits=-15)
    packed = compressor.compress(bytes(8 * 2**20)) + compressor.flush(zlib.Z_SYNC_FLUSH)
    connection, _ = upgrade(target.port, Sec_WebSocket_Extensions="permessage-deflate")
    with connection:
        send_all(connection, frame(packed[:-4], 0xC1))


def oversized_poll(target: Target) -> None:
    with connect(target.port) as connection:
        connection.sendall(b"GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\n\r\n")
        sid = connection.recv(4096).partition(b'"sid":"')[2].partition(b'"')[0].decode()
        head = f"POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: x\r\n"
        send_all(connection, f"{head}Content-Length: {2**24}\r\n\r\n".encode() + b"4" * 2**20)


def broken_handshakes(target: Target) -> None:
    """Each header of a handshake missing, or with another value."""
    path, right = POLL.replace("polling", "websocket"), {
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec_WebSocket_Version": "13",
    }  # fmt: skip
    for name in right:
        assert get(target.port, path, **{key: right[key] for key in right.keys() - {name}}).startswith("http/1.1 400")
        assert get(target.port, path, **right | {name: "x"}).startswith("http/1.1 400")


def broken_upgrades(target: Target) -> None:
    """A session that polls, and asks for a websocket in wrong ways."""
    for said in ([b"2probe", b"x"], [b"x"], [b"2probe", b"5"] * 3, [b"4" * 5000], []):
        with connect(target.port) as connection:
            connection.sendall(f"GET {POLL} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            sid = connection.recv(4096).partition(b'"sid":"')[2].partition(b'"')[0].decode()
        for _ in range(2):
            request = UPGRADE.replace("transport=websocket", f"transport=websocket&sid={sid}")
            with connect(target.port) as connection:
                send_all(connection, f"{request}\r\n".encode(), *map(frame, said))


ATTACKS |= {
    "a bomb": bomb,
    "an oversized poll": oversized_poll,
    "broken handshakes": broken_handshakes,
    "broken upgrades": broken_upgrades,
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_by_name(target: Target, attack: str) -> None:
    for _ in range(5):
        ATTACKS[attack](target)
        target.check()
