"""Frames for all, read by another library; and a connection that hangs up on abuse."""

from __future__ import annotations

import errno
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from gevent import socket, spawn  # type: ignore[import-untyped]
from simple_websocket import ConnectionClosed  # type: ignore[import-untyped]
from wsproto.connection import Connection, ConnectionType
from wsproto.events import TextMessage
from wsproto.extensions import PerMessageDeflate

from dashboard.live import websocket
from dashboard.live.websocket import BURST_BYTES, BoundedSocket, BroadcastText, text_frame
from dashboard.server.upstream import WebsocketBase
from dashboard.traffic.counters import ClientCounters

if TYPE_CHECKING:
    from collections.abc import Iterator


def read(reader: Connection, frame: bytes) -> str:
    reader.receive_data(frame)
    events = list(reader.events())
    assert all(isinstance(event, TextMessage) for event in events)
    return "".join(event.data for event in events if isinstance(event, TextMessage))


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536, 200_000])
def test_a_text_of_any_length_is_one_frame(length: int) -> None:
    text = "ñ" * (length // 2) + "x" * (length % 2)
    assert read(Connection(ConnectionType.CLIENT), text_frame(text.encode())) == text


def test_what_is_compressed_for_all_refers_to_nothing_that_only_some_have_got() -> None:
    texts = [BroadcastText(f'42["snapshot",{{"seq":{seq},"top":{["WorldCup"] * 200}}}]') for seq in range(3)]
    for seen in ([0, 1, 2], [2], [1, 2], [0, 2]):
        deflate = PerMessageDeflate()
        deflate.finalize("permessage-deflate; server_no_context_takeover; client_no_context_takeover")
        reader = Connection(ConnectionType.CLIENT, extensions=[deflate])
        assert [read(reader, texts[seq].deflated) for seq in seen] == [texts[seq] for seq in seen]
    assert len(texts[0].deflated) < len(texts[0].plain) / 10
    assert texts[0].deflated is texts[0].deflated
    assert texts[0].plain is texts[0].plain


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


def test_who_does_not_read_is_hung_up_on_and_nothing_more_is_written(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "WRITE_SECONDS", 0.1)
    ours, theirs = ends
    counters = ClientCounters()
    connection = BoundedSocket(ours, counters, lambda: 0)
    waiting = [spawn(connection.send, bytes(2**20)) for _ in range(3)]
    for one in waiting:
        with pytest.raises(BrokenPipeError) as gone:
            one.get(timeout=5)
        # By this gunicorn knows that it is nothing to log.
        assert gone.value.errno == errno.EPIPE
    assert counters.disconnected == {"stuck": 1}
    got = 0
    while data := theirs.recv(2**20):
        got += len(data)
    assert got < 2**20


def test_who_sends_too_much_is_hung_up_on(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = ends
    counters, now_ms = ClientCounters(), 0
    connection = BoundedSocket(ours, counters, lambda: now_ms)
    theirs.sendall(bytes(BURST_BYTES))
    assert sum(len(connection.recv(4096)) for _ in range(BURST_BYTES // 4096)) == BURST_BYTES
    now_ms = 1000
    theirs.sendall(bytes(100))
    assert len(connection.recv(4096)) == 100
    theirs.sendall(b"x")
    assert connection.recv(4096) == b""
    assert counters.disconnected == {"flood": 1}
    assert theirs.recv(1) == b""


def test_a_message_to_a_client_that_is_gone_is_no_error_of_the_server() -> None:
    base = WebsocketBase(lambda _: None, SimpleNamespace(max_http_buffer_size=1))
    base._closed_error = ConnectionClosed
    base._websocket = SimpleNamespace(send=lambda _: raise_closed(), receive=raise_closed)
    with pytest.raises(BrokenPipeError) as gone:
        base.send("text")
    assert gone.value.errno == errno.EPIPE
    assert base.wait() is None


def raise_closed() -> None:
    raise ConnectionClosed
