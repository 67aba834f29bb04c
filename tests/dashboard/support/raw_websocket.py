"""A client's connection byte by byte, for requests that a client library would not send."""

from __future__ import annotations

import socket
import zlib
from typing import IO

WAIT_SECONDS = 10
UPGRADE = (
    "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
)


def connect(port: int, address: str = "127.0.0.1") -> socket.socket:
    """A TCP connection from `address`, which is a loopback address."""
    return socket.create_connection(("127.0.0.1", port), WAIT_SECONDS, source_address=(address, 0))


def send_request(connection: socket.socket, request: str) -> str:
    """Send a request; returns the headers of the response in lower case, or the part that came before the end."""
    connection.sendall(request.encode())
    head = b""
    while not head.endswith(b"\r\n\r\n") and (byte := connection.recv(1)):
        head += byte
    return head.decode().lower()


def get(port: int, path: str, address: str = "127.0.0.1", **headers: str) -> str:
    """The headers of the response to a GET request on a new connection."""
    with connect(port, address) as connection:
        more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
        return send_request(connection, f"GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n")


def upgrade(port: int, address: str = "127.0.0.1", **headers: str) -> tuple[socket.socket, str]:
    """A new WebSocket without messages, and the headers of the server's response."""
    connection = connect(port, address)
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return connection, send_request(connection, f"{UPGRADE}{more}\r\n")


def frame(payload: bytes, first: int = 0x81) -> bytes:
    """A frame of a client, with the mask 0."""
    length = len(payload)
    if length < 126:
        return bytes([first, 0x80 | length, 0, 0, 0, 0]) + payload
    size = 2 if length < 2**16 else 8
    return bytes([first, 0x80 | (126 if size == 2 else 127)]) + length.to_bytes(size, "big") + bytes(4) + payload


def read_frame(reader: IO[bytes]) -> str:
    """The next message of the server."""
    head = reader.read(2)
    assert head[0] in (0x81, 0xC1, 0x88), f"the stream is out of step: {head!r}"
    length = head[1]
    if length >= 126:
        length = int.from_bytes(reader.read(2 if length == 126 else 8), "big")
    payload = reader.read(length)
    return (zlib.decompressobj(-15).decompress(payload) if head[0] & 0x40 else payload).decode()


def join(port: int, address: str = "127.0.0.1") -> tuple[socket.socket, IO[bytes]]:
    """A connected Socket.IO client: its socket, and a reader for the server's frames."""
    connection, head = upgrade(port, address)
    assert head.startswith("http/1.1 101"), head
    reader = connection.makefile("rb")
    assert read_frame(reader).startswith("0{")
    connection.sendall(frame(b"40"))
    assert read_frame(reader).startswith("40{")
    return connection, reader
