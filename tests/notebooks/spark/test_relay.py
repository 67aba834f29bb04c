"""A connection that can be cut."""

import socket
from contextlib import closing

import pytest

from hashtags.spark.relay import Relay


def test_a_relay_passes_on_what_the_server_sends_until_it_is_cut() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Relay("127.0.0.1", server.getsockname()[1]) as relay:
        with closing(socket.create_connection(("127.0.0.1", relay.port), timeout=10)) as client:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"a post\n")
                assert client.recv(100) == b"a post\n"
                relay.cut()
                assert client.recv(100) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", relay.port), timeout=10)
