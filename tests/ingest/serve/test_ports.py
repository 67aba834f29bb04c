"""The two ports with bad clients: silent, stalled, sending garbage, and too many."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing

import pytest
from tests.ingest.conftest import MakePost, OpenSpool

from ingest.serve.ack_guard import AckGuard
from ingest.serve.activity import Activity
from ingest.serve.listener import Listener, PortTakenError
from ingest.serve.log_protocol import LogProtocol
from ingest.serve.status import Status
from ingest.serve.tail import Tail
from ingest.spool.spool import Spool

Connect = Callable[[Callable[[socket.socket], None]], socket.socket]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Serves a free port with the given function, and connects to it."""
    listeners: list[Listener] = []
    sockets: list[socket.socket] = []

    def connect_(serve: Callable[[socket.socket], None], max_connections: int = 8) -> socket.socket:
        if not listeners:
            listeners.append(Listener("127.0.0.1", 0, serve, setting="INGEST_PORT", max_connections=max_connections))
            listeners[0].start()
        connection = socket.create_connection(("127.0.0.1", listeners[0].port), timeout=30)
        sockets.append(connection)
        return connection

    yield connect_
    for connection in sockets:
        connection.close()
    for listener in listeners:
        listener.close()


def status() -> Status:
    return Status("1.0.0", "id", 0, 0, 0, 0, 0, 0, None, None, None, [])


def fill(spool: Spool, make_post: MakePost, runs: int = 20) -> None:
    for _ in range(runs):
        spool.append([make_post("x" * 2**20)], {})


def read_all(connection: socket.socket) -> bytes:
    with connection.makefile("rb") as file:
        return file.read()


def test_a_silent_connection_is_closed(open_spool: OpenSpool, connect: Connect) -> None:
    server = LogProtocol(open_spool(), status, AckGuard(None), idle_seconds=0.05)
    assert read_all(connect(server.serve)) == b""


def test_a_reader_that_does_not_read_is_disconnected_and_others_are_served(
    open_spool: OpenSpool, make_post: MakePost, connect: Connect
) -> None:
    spool = open_spool()
    fill(spool, make_post)
    # Longer than the other reader stands still on a busy machine.
    server = LogProtocol(spool, status, AckGuard(None), send_seconds=20)
    stalled = connect(server.serve)
    stalled.sendall(b"READ 0 20\n")
    other = connect(server.serve)
    other.sendall(b"READ 19 20\n")
    with closing(other), other.makefile("rb") as answer:
        header = json.loads(answer.readline())
        assert (header["first"], header["posts"]) == (19, 1)
        assert len(answer.read(header["bytes"])) == header["bytes"]
        other.shutdown(socket.SHUT_WR)
        assert answer.read() == b""
    stalled.recv(1, socket.MSG_PEEK)
    spool.append([make_post("goes on")], {})
    assert spool.end == 21


def test_a_stalled_read_is_cut(open_spool: OpenSpool, make_post: MakePost, connect: Connect) -> None:
    spool = open_spool()
    fill(spool, make_post)
    ended = threading.Event()
    server = LogProtocol(spool, status, AckGuard(None), send_seconds=0.2)

    def serve(connection: socket.socket) -> None:
        try:
            server.serve(connection)
        finally:
            ended.set()

    stalled = connect(serve)
    stalled.sendall(b"READ 0 20\n")
    assert ended.wait(30)
    header, _, rest = read_all(stalled).partition(b"\n")
    assert len(rest) < json.loads(header)["bytes"]


def test_a_tail_reader_gets_each_post_from_its_connection_on(
    open_spool: OpenSpool, make_post: MakePost, connect: Connect
) -> None:
    spool = open_spool()
    spool.append([make_post("before")], {})
    serving = threading.Event()
    tail = Tail(spool)
    wait_beyond = spool.wait_beyond

    def wait(offset: int, timeout_seconds: float) -> int:
        serving.set()
        return wait_beyond(offset, timeout_seconds)

    spool.wait_beyond = wait  # type: ignore[method-assign]
    connection = connect(tail.serve)
    assert serving.wait(30)
    connection.sendall(b"chatter is ignored\n")
    spool.append([make_post("one"), make_post("two")], {})
    with connection.makefile("rb") as lines:
        assert [json.loads(lines.readline())["text"] for _ in range(2)] == ["one", "two"]
        tail.stop()
        assert lines.read() == b""


def test_a_tail_reader_that_falls_behind_gets_an_error_and_is_disconnected(
    open_spool: OpenSpool, make_post: MakePost, connect: Connect, caplog: pytest.LogCaptureFixture
) -> None:
    spool = open_spool()
    fill(spool, make_post)
    tail = Tail(spool, max_behind_posts=5, from_start=True)

    def serve(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        tail.serve(connection)

    *posts, last = read_all(connect(serve)).splitlines()
    assert json.loads(last) == {"error": "you fell more than 5 posts behind"}
    assert [json.loads(line)["offset"] for line in posts] == list(range(len(posts)))
    assert len(posts) < 20
    assert "tail: disconnected a reader: you fell more than 5 posts behind" in caplog.messages


def test_a_tail_reader_that_stalls_is_disconnected_and_another_one_reads_on(
    open_spool: OpenSpool, make_post: MakePost, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = open_spool()
    serving, dropped = threading.Semaphore(0), threading.Event()
    monkeypatch.setattr("ingest.serve.tail.logger.warning", lambda *_: dropped.set())
    tail = Tail(spool, max_behind_posts=30)
    wait_beyond = spool.wait_beyond

    def wait(offset: int, timeout_seconds: float) -> int:
        serving.release()
        return wait_beyond(offset, timeout_seconds)

    spool.wait_beyond = wait  # type: ignore[method-assign]
    stalls, reads = connect(tail.serve), connect(tail.serve)
    assert serving.acquire(timeout=30)
    assert serving.acquire(timeout=30)
    with reads.makefile("rb") as lines:
        for number in range(60):
            spool.append([make_post("x" * 2**20)], {})
            assert json.loads(lines.readline())["offset"] == number
        assert dropped.wait(30)
        *posts, last = read_all(stalls).splitlines()
        assert json.loads(last) == {"error": "you fell more than 30 posts behind"}
        assert [json.loads(line)["offset"] for line in posts] == list(range(len(posts)))
        assert len(posts) < 30
        tail.stop()


def test_a_tail_reader_whose_posts_were_trimmed_gets_an_error(
    open_spool: OpenSpool, make_post: MakePost, connect: Connect
) -> None:
    spool = open_spool(max_bytes=2**20)
    for _ in range(20):
        spool.append([make_post("x" * 100_000)], {})
    tail = Tail(spool, from_start=True)
    assert json.loads(read_all(connect(tail.serve))) == {"error": "posts were trimmed before you read them"}


def test_a_damaged_run_is_an_error_to_its_readers_and_not_to_the_next(
    open_spool: OpenSpool, make_post: MakePost, connect: Connect
) -> None:
    spool = open_spool()
    for text in ("0", "1", "2"):
        spool.append([make_post(text)], {})
    spool._db.execute("UPDATE runs SET checksum = checksum + 1 WHERE first = 1")
    server = LogProtocol(spool, status, AckGuard(None))
    tail = Tail(spool, from_start=True)
    by_tail = Listener("127.0.0.1", 0, tail.serve, setting="TAIL_PORT")
    by_tail.start()
    with closing(socket.create_connection(("127.0.0.1", by_tail.port), timeout=30)) as reader:
        post, error = read_all(reader).splitlines()
    by_tail.close()
    assert (json.loads(post)["text"], json.loads(error)) == (
        "0",
        {"error": "the posts from 1 to 1 are damaged on disk"},
    )
    assert spool.marks().first == 0
    cut = connect(server.serve)
    cut.sendall(b"READ 0 3\n")
    header, *lines = read_all(cut).splitlines()
    assert (json.loads(header)["posts"], [json.loads(line)["text"] for line in lines]) == (3, ["0"])
    again = connect(server.serve)
    again.sendall(b"READ 0 3\n")
    again.shutdown(socket.SHUT_WR)
    header, *lines = read_all(again).splitlines()
    assert (json.loads(header)["first"], [json.loads(line)["text"] for line in lines]) == (2, ["2"])
    assert (
        spool.notice == "the posts from 1 to 1 are damaged on disk: all posts before 2 were deleted, 2 of them unread"
    )


def test_a_connection_too_many_gets_an_error(open_spool: OpenSpool) -> None:
    server = LogProtocol(open_spool(), status, AckGuard(None))
    listener = Listener("127.0.0.1", 0, server.serve, setting="INGEST_PORT", max_connections=1)
    listener.start()
    address = ("127.0.0.1", listener.port)
    with closing(socket.create_connection(address)) as first, first.makefile("rb") as lines:
        first.sendall(b"STATUS\n")
        assert json.loads(lines.readline())["log"] == "id"
        with closing(socket.create_connection(address)) as second:
            assert json.loads(read_all(second)) == {"error": "too many connections"}
    listener.close()


def test_a_port_in_use_is_named_with_its_setting(open_spool: OpenSpool) -> None:
    server = LogProtocol(open_spool(), status, AckGuard(None))
    listener = Listener("127.0.0.1", 0, server.serve, setting="INGEST_PORT")
    with pytest.raises(PortTakenError) as failure:
        Listener("127.0.0.1", listener.port, server.serve, setting="TAIL_PORT")
    assert (
        str(failure.value)
        == f"TAIL_PORT must be a free port of 127.0.0.1, not {listener.port} (Address already in use)"
    )
    listener.close()


def test_a_full_port_closes_a_connection_that_nobody_uses_for_a_new_one(open_spool: OpenSpool) -> None:
    seconds = [0.0]
    activity = Activity(lambda: seconds[0])
    server = LogProtocol(open_spool(), status, AckGuard(None), activity=activity)
    listener = Listener(
        "127.0.0.1", 0, server.serve, setting="INGEST_PORT", free_connection=activity.close_unused, max_connections=8
    )
    listener.start()
    with closing(listener), ExitStack() as stack:

        def connect_and_request_status() -> tuple[socket.socket, bytes]:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", listener.port), timeout=30))
            connection.sendall(b"STATUS\n")
            return connection, connection.recv(4096)

        idle = [connect_and_request_status()[0] for _ in range(8)]
        assert connect_and_request_status()[1] == b'{"error":"too many connections"}\n'
        seconds[0] = 60
        assert b'"log"' in connect_and_request_status()[1]
        assert idle[0].recv(1) == b""
        for connection in idle[1:]:
            connection.sendall(b"STATUS\n")
            assert b'"log"' in connection.recv(4096)
        # All connections were just used.
        assert connect_and_request_status()[1] == b'{"error":"too many connections"}\n'


def test_all_connections_but_one_can_be_cut_and_clients_may_connect_again(open_spool: OpenSpool) -> None:
    server = LogProtocol(open_spool(), status, AckGuard(None))
    spared: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        spared[:] = spared or [connection]
        server.serve(connection)

    listener = Listener("127.0.0.1", 0, serve, setting="INGEST_PORT")
    listener.start()
    with closing(listener), ExitStack() as stack:

        def connect_and_request_status() -> socket.socket:
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", listener.port), timeout=30))
            connection.sendall(b"STATUS\n")
            assert b'"log"' in connection.recv(4096)
            return connection

        first, *others = [connect_and_request_status() for _ in range(4)]
        assert listener.cut(spared[0]) == 3
        assert [each.recv(1) for each in others] == [b""] * 3
        first.sendall(b"STATUS\n")
        assert b'"log"' in first.recv(4096)
        connect_and_request_status()
