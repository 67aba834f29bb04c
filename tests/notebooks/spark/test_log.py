"""The reader of the log, against a server with made-up posts."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest
from tests.notebooks.support.fake_log import FakeLog
from tests.processes import free_ports

from hashtags.spark.log import BusyError, Log, LogError, with_patience


@pytest.fixture
def server() -> Iterator[FakeLog]:
    with FakeLog(30) as fake:
        yield fake


def test_posts_come_in_order_and_only_those_that_the_log_has(server: FakeLog) -> None:
    server.first = 4
    with Log("127.0.0.1", server.port) as log:
        assert [post["offset"] for post in log.posts(0, 50)] == list(range(4, 30))
        assert log.read(28, 50).first == 28
        assert log.read(40, 50).lines == []


def test_a_connection_that_was_closed_is_opened_again(server: FakeLog) -> None:
    with Log("127.0.0.1", server.port) as log:
        assert log.status()["end"] == 30
        server.troubles = [None]
        assert log.status()["end"] == 30


def test_a_request_that_ingest_cannot_serve_now_is_repeated(server: FakeLog) -> None:
    server.troubles = ["too many connections", "the spool can't be used: disk full"]
    waited: list[float] = []
    with Log("127.0.0.1", server.port) as log:
        found = with_patience(lambda: log.read(0, 3), log, 20.0, lambda: 0.0, waited.append)
    assert (len(found.lines), waited) == (3, [0.25, 0.25])


def test_the_patience_ends_with_a_sentence() -> None:
    (closed,) = free_ports(1)
    log, clock = Log("127.0.0.1", closed), iter([0.0, 10.0, 19.9])
    with pytest.raises(LogError, match=f"The log at 127.0.0.1:{closed} can't be reached"):
        with_patience(log.status, log, 20.0, lambda: next(clock), lambda _: None)


def test_a_refused_request_is_a_sentence_and_is_not_repeated(server: FakeLog) -> None:
    server.troubles = ["not STATUS"]
    with Log("127.0.0.1", server.port) as log, pytest.raises(LogError, match="Ingest refused the request: not STATUS"):
        with_patience(log.status, log)
    server.troubles = ["too many connections"]
    with Log("127.0.0.1", server.port) as log, pytest.raises(BusyError):
        log.status()


def test_another_port_is_named_as_such() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other, Log("127.0.0.1", other.getsockname()[1]) as log:
        answers = _answering(other, b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with pytest.raises(LogError, match="is not the port of ingest's log"):
            log.status()
        answers.join()


def _answering(server: socket.socket, answer: bytes) -> Thread:
    def run() -> None:
        connection, _ = server.accept()
        with connection:
            connection.recv(100)
            connection.sendall(answer)

    thread = Thread(target=run)
    thread.start()
    return thread
