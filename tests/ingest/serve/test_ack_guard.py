import hashlib
import hmac
import socket
from collections.abc import Iterator

import pytest

from ingest.serve.ack_guard import AckGuard

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def connection() -> Iterator[socket.socket]:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        yield accepted


class Elsewhere(socket.socket):
    """A connection that seems to come from another machine."""

    def getpeername(self) -> tuple[str, int]:
        return ("192.0.2.1", 4000)


def proof(token: str, request: str) -> str:
    return hmac.new(token.encode(), request.encode(), hashlib.sha256).hexdigest()


def test_with_a_token_only_the_proof_of_this_request_is_accepted(connection: socket.socket) -> None:
    guard = AckGuard(TOKEN)
    assert guard.refusal(connection, "ACK log 7", proof(TOKEN, "ACK log 7")) is None
    for wrong in (None, "", TOKEN, proof("another-token-here", "ACK log 7"), proof(TOKEN, "ACK log 8")):
        refusal = guard.refusal(connection, "ACK log 7", wrong)
        assert refusal == "ACK needs a proof by PUSH_TOKEN, which must be the same for ingest and the job"


def test_without_a_token_only_this_machine_may_acknowledge(connection: socket.socket) -> None:
    guard = AckGuard(None)
    assert guard.refusal(connection, "ACK log 7", None) is None
    with Elsewhere() as stranger:
        refusal = guard.refusal(stranger, "ACK log 7", None)
    assert refusal == "ACK from another machine needs PUSH_TOKEN: set it for ingest, as it is set for the job"


def test_the_proof_of_one_request_is_none_for_another_one(connection: socket.socket) -> None:
    guard = AckGuard(TOKEN)
    assert guard.refusal(connection, "FAULT same-post 7", proof(TOKEN, "FAULT same-post 7")) is None
    refusal = guard.refusal(connection, "FAULT cut-socket 7", proof(TOKEN, "FAULT same-post 7"))
    assert refusal == "FAULT needs a proof by PUSH_TOKEN, which must be the same for ingest and the job"
