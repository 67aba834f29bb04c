import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.spark_job.support.fake_ingest import FakeIngest, post

from ingest.serve.ack_guard import AckGuard
from spark_job.executor.ingest_client import ContractError, IngestClient


@pytest.fixture
def ingest() -> Iterator[FakeIngest]:
    with FakeIngest() as fake:
        fake.append(*(post(["a"], 1_000 + i) for i in range(5)))
        yield fake


@pytest.fixture
def client(ingest: FakeIngest) -> Iterator[IngestClient]:
    # Ingest is a thread of this process, which may stand still for seconds.
    with IngestClient("127.0.0.1", ingest.port, timeout_seconds=30) as client:
        yield client


def header(**fields: Any) -> bytes:
    return json.dumps({"log": "log-a", "first": 0, "posts": 1, "bytes": 10} | fields).encode() + b"\n"


def test_status_is_the_object_that_ingest_sends(client: IngestClient) -> None:
    assert client.status() == {
        "log": "log-a",
        "first": 0,
        "end": 5,
        "acked": 0,
        "trimmed_unread": 0,
        "watermark_ms": 1_004,
        "started_ms": 2,
        "limit": None,
        "sources": [],
    }


def test_one_connection_serves_all_requests(client: IngestClient, ingest: FakeIngest) -> None:
    for _ in range(3):
        client.status()
    client.ack("log-a", 4)
    assert client.read(1, 3).posts == 2
    assert len(ingest.connections) == 1
    assert ingest.requests == ["STATUS", "STATUS", "STATUS", "ACK log-a 4", "READ 1 3"]
    assert ingest.acked == 4


def test_an_acknowledgement_has_a_proof_that_ingest_takes(ingest: FakeIngest) -> None:
    token = "a-token-of-the-tests"
    with IngestClient("127.0.0.1", ingest.port, 30.0, token) as client:
        client.ack("log-a", 4)
        assert client._socket is not None
        assert AckGuard(token).refusal(client._socket, "ACK log-a 4", ingest.proofs[0]) is None


def test_a_read_gives_the_bytes_as_they_lie_in_the_log(client: IngestClient, ingest: FakeIngest) -> None:
    piece = client.read(1, 3)
    assert (piece.log, piece.first, piece.posts) == ("log-a", 1, 2)
    assert bytes(piece.body) == ingest.lines[1] + ingest.lines[2]


def test_a_read_past_the_end_gives_what_is_there(client: IngestClient) -> None:
    assert client.read(3, 100).posts == 2
    nothing = client.read(5, 100)
    assert (nothing.first, nothing.posts, bytes(nothing.body)) == (5, 0, b"")


def test_a_trimmed_front_shows_in_the_first_offset(client: IngestClient, ingest: FakeIngest) -> None:
    ingest.trim(3)
    piece = client.read(1, 5)
    assert (piece.first, piece.posts) == (3, 2)


def test_a_refusal_is_passed_on_and_the_next_request_connects_anew(client: IngestClient, ingest: FakeIngest) -> None:
    with pytest.raises(ContractError, match="ingest refused ACK: no such request: ACK log-b 1"):
        client.ack("log-b", 1)
    assert client.status()["end"] == 5


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (b"GARBAGE\n", "is not JSON"),
        (b"\xff\xfe\n", "is not JSON"),
        (b"[1]\n", "is not an object"),
        (b'{"hello": 1}\n', "STATUS has no log of type str"),
        (b'{"log": "a", "first": "0"}\n', "STATUS has no first of type int"),
        (b'{"log": "a", "first": 0, "end": true}\n', "STATUS has no end of type int"),
        (b'{"error": "go away"}\n', "refused STATUS: go away"),
    ],
)
def test_an_answer_outside_the_contract_is_an_error_and_the_next_request_works(
    client: IngestClient, ingest: FakeIngest, answer: bytes, sentence: str
) -> None:
    ingest.wrong_answers.append(answer)
    with pytest.raises(ContractError, match=sentence):
        client.status()
    assert client.status()["end"] == 5


@pytest.mark.parametrize("missing", ["log", "first", "posts", "bytes"])
def test_a_read_header_without_a_field_is_an_error(client: IngestClient, ingest: FakeIngest, missing: str) -> None:
    fields = json.loads(header())
    del fields[missing]
    ingest.wrong_answers.append(json.dumps(fields).encode() + b"\n")
    with pytest.raises(ContractError, match=f"READ has no {missing} of type"):
        client.read(0, 1)
    assert client.read(0, 1).posts == 1


@pytest.mark.parametrize("half", [b"", b'{"log": "log-a", "fir'])
def test_half_an_answer_on_a_new_connection_is_an_error(client: IngestClient, ingest: FakeIngest, half: bytes) -> None:
    ingest.wrong_answers.append(half)
    with pytest.raises(ConnectionError, match="in the middle of an answer"):
        client.status()
    assert client.status()["end"] == 5


def test_half_a_body_is_an_error_and_the_next_read_is_whole(client: IngestClient, ingest: FakeIngest) -> None:
    ingest.wrong_answers.append(header(bytes=10) + b"1234567")
    with pytest.raises(ConnectionError, match="closed the connection after 7 of 10 bytes"):
        client.read(0, 1)
    assert client.read(0, 1).posts == 1


def test_a_connection_that_ingest_closed_while_it_was_silent_is_replaced_without_an_error(
    client: IngestClient, ingest: FakeIngest
) -> None:
    client.status()
    ingest.leave()
    ingest.come_back()
    assert client.status()["end"] == 5


def test_an_ingest_that_is_away_is_an_error_each_time_and_none_when_it_is_back(
    client: IngestClient, ingest: FakeIngest
) -> None:
    client.status()
    ingest.leave()
    for _ in range(2):
        with pytest.raises(ConnectionRefusedError):
            client.status()
    ingest.come_back()
    assert client.status()["end"] == 5


def test_silence_is_an_error_when_the_time_is_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        client = IngestClient("127.0.0.1", mute.getsockname()[1], timeout_seconds=0.05)
        for _ in range(2):
            with pytest.raises(TimeoutError):
                client.status()


def test_a_body_that_stops_coming_is_an_error_when_the_time_is_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = IngestClient("127.0.0.1", server.getsockname()[1], timeout_seconds=0.05)

        def send_half() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(header(bytes=10) + b"123")
                connection.recv(1_000)
                connection.recv(1)  # until the client hangs up

        sender = threading.Thread(target=send_half)
        sender.start()
        with pytest.raises(TimeoutError):
            client.read(0, 1)
        sender.join(10)
        assert not sender.is_alive()
