"""Thousands of open pages in a process of their own, which costs little: each reads what comes, and notes when.

    with Crowd(port, 2000) as crowd:        python -m tests.dashboard.crowd 8000 2000

Each page speaks WebSocket, Engine.IO and Socket.IO as the page's own client does, and offers compression as browsers
do. They come from ADDRESSES addresses of this machine, as pages of as many networks would.
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
#: Pages that connect at the same time.
AT_ONCE = 50
CONNECT_SECONDS = 60.0
HANDSHAKE = (
    b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
)


def masked(text: bytes) -> bytes:
    """A short text as a client's frame, with the mask 0."""
    return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text


@lru_cache(maxsize=64)
def text_of(first: int, payload: bytes) -> str:
    """What a server's frame says. All pages get the same bytes, so the most are read once."""
    if first & 0x40:
        payload = zlib.decompressobj(-15).decompress(payload)
    return payload.decode()


class OpenPage(asyncio.Protocol):
    """One page. `joined` is done when it is connected, or has failed to."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
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
            self._take(self._buffer[0], bytes(self._buffer[start:end]))
            del self._buffer[:end]

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.joined.done():
            self.joined.set_result(False)
        self._pages.gone += 1

    def _frame_extent(self) -> tuple[int, int] | None:
        """Where the payload of the first frame starts and ends; None if it is not all there."""
        if len(self._buffer) < 2:
            return None
        start, length = 2, self._buffer[1]
        if length >= 126:
            start = 4 if length == 126 else 10
            length = int.from_bytes(self._buffer[2:start], "big")
        return (start, start + length) if len(self._buffer) >= start + length else None

    def _take(self, first: int, payload: bytes) -> None:
        if first & 0x0F != 1:
            self._transport.abort()
            return
        text = text_of(first, payload)
        if text.startswith('42["snapshot"'):
            seq = int(text.partition('"seq":')[2].partition(",")[0])
            self._pages.receipts.setdefault(seq, []).append(time.monotonic_ns())
            self._pages.wire_bytes = len(payload)
        elif text == "2":
            self._transport.write(masked(b"3"))
        elif text.startswith("40") and not self.joined.done():
            self.joined.set_result(True)
        elif text.startswith("0"):
            self._transport.write(masked(b"40"))


class Pages:
    """All pages of this process. `receipts`: when which snapshot came, in ns of the monotonic clock."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.receipts: dict[int, list[int]] = {}
        self.gone = 0
        self.wire_bytes = 0

    async def open(self, count: int) -> int:
        """Open `count` pages; how many are."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(number: int) -> bool:
            async with gate:
                address = f"127.0.1.{1 + number % ADDRESSES}"
                _, page = await asyncio.get_running_loop().create_connection(
                    lambda: OpenPage(self), "127.0.0.1", self._port, local_addr=(address, 0)
                )
                return bool(await page.joined)

        return sum(await asyncio.gather(*map(one, range(count))))


async def serve(port: int, count: int) -> None:
    """Open the pages and say so; then, for each line of standard input, say what came since the line before."""
    pages, started = Pages(port), time.monotonic()
    joined = await pages.open(count)
    say({"joined": joined, "seconds": time.monotonic() - started})
    while await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        say({"receipts": pages.receipts, "gone": pages.gone, "wire_bytes": pages.wire_bytes})
        pages.receipts = {}


def say(words: dict[str, Any]) -> None:
    """One line of JSON."""
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


class Crowd:
    """`count` pages at `port`, in another process. `joined`: how many got in, within `seconds`."""

    def __init__(self, port: int, count: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.dashboard.support.many_clients", str(port), str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        opened = self._answer()
        self.joined, self.seconds = opened["joined"], opened["seconds"]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._process.kill()
        self._process.communicate()

    def collect(self) -> dict[str, Any]:
        """`receipts` since the last time: seq -> ns of the monotonic clock, of each page; and `gone`, `wire_bytes`."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
