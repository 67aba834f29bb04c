"""Thousands of clients in one separate process with little CPU: each reads its messages and records when they came.

    with ManyClients(port, 2000) as clients:        python -m tests.dashboard.support.many_clients 8000 2000

Each client uses WebSocket, Engine.IO and Socket.IO like the page, and offers compression like browsers. The clients
connect from ADDRESSES loopback addresses, like viewers in different networks.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
import zlib
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

ROOT = Path(__file__).resolve().parents[3]
ADDRESSES = 20
#: Clients that connect at the same time.
CONNECTING_AT_ONCE = 50
CONNECT_SECONDS = 60.0
HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)


def masked(text: bytes) -> bytes:
    """A short text as a frame of a client, with the mask 0."""
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


@lru_cache(maxsize=64)
def text_of(first: int, payload: bytes) -> str:
    """The text of a server's frame. All clients get the same bytes, so most frames are decoded once."""
    if first & 0x40:
        payload = zlib.decompressobj(-15).decompress(payload)
    return payload.decode()


class Client(asyncio.Protocol):
    """One client. `joined`: a future that is True when it is connected, and False if it could not connect."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._buffer = bytearray()
        self._is_upgraded = False
        self.joined = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        transport.write(HANDSHAKE)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if not self._is_upgraded:
            head, found, rest = self._buffer.partition(b"\r\n\r\n")
            if not found:
                return
            if not head.startswith(b"HTTP/1.1 101"):
                self._transport.abort()
                return
            self._is_upgraded, self._buffer = True, rest
        while (extent := self._frame_extent()) is not None:
            start, end = extent
            self._on_frame(self._buffer[0], bytes(self._buffer[start:end]))
            del self._buffer[:end]

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.joined.done():
            self.joined.set_result(False)
        self._clients.gone += 1

    def _frame_extent(self) -> tuple[int, int] | None:
        """Start and end of the payload of the first frame; None if the frame is not complete."""
        if len(self._buffer) < 2:
            return None
        start, length = 2, self._buffer[1]
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(self._buffer[2:start], "big")
        return (start, start + length) if len(self._buffer) >= start + length else None

    def _on_frame(self, first: int, payload: bytes) -> None:
        if first & 0x0F != 1:
            self._transport.abort()
            return
        text = text_of(first, payload)
        if text.startswith('42["snapshot"'):
            seq = int(text.partition('"seq":')[2].partition(",")[0])
            self._clients.receipts.setdefault(seq, []).append(time.monotonic_ns())
            self._clients.wire_bytes = len(payload)
        elif text == "2":
            self._transport.write(masked(b"3"))
        elif text.startswith("40") and not self.joined.done():
            self.joined.set_result(True)
        elif text.startswith("0"):
            self._transport.write(masked(b"40"))


class Clients:
    """All clients of this process. `receipts`: `seq` -> when the snapshot came, in ns of the monotonic clock."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.receipts: dict[int, list[int]] = {}
        self.gone = 0
        self.wire_bytes = 0

    async def open(self, count: int) -> int:
        """Connect `count` clients; returns how many are connected."""
        semaphore = asyncio.Semaphore(CONNECTING_AT_ONCE)

        async def connect(number: int) -> bool:
            async with semaphore:
                address = f"127.0.1.{1 + number % ADDRESSES}"
                _, page = await asyncio.get_running_loop().create_connection(
                    lambda: Client(self), "127.0.0.1", self._port, local_addr=(address, 0)
                )
                return bool(await page.joined)

        return sum(await asyncio.gather(*map(connect, range(count))))


async def serve(port: int, count: int) -> None:
    """Connect the clients and write the result; then, for each line of standard input, what came since the last one."""
    clients, started = Clients(port), time.monotonic()
    joined = await clients.open(count)
    write_json({"joined": joined, "seconds": time.monotonic() - started})
    while await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        write_json({"receipts": clients.receipts, "gone": clients.gone, "wire_bytes": clients.wire_bytes})
        clients.receipts = {}


def write_json(message: dict[str, Any]) -> None:
    """Write a line of JSON."""
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


class ManyClients:
    """`count` clients of `port`, in another process. `joined`: how many connected, within `seconds`."""

    def __init__(self, port: int, count: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.dashboard.support.many_clients", str(port), str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        opened = self._read()
        self.joined, self.seconds = opened["joined"], opened["seconds"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def collect(self) -> dict[str, Any]:
        """`receipts` since the last call: `seq` -> ns of the monotonic clock, by client; `gone`; `wire_bytes`."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._read()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
