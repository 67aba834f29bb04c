"""Texts about network errors."""

import socket

import pytest
import requests

from ingest.sources.common.network_error import reason


def test_the_reason_of_a_refused_connection_has_no_address() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/secret"
    with pytest.raises(requests.ConnectionError) as raised:
        requests.get(url, timeout=10)
    assert reason(raised.value) == "Connection refused"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (TimeoutError(), "timed out"),
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
        (ValueError("https://one.example/?token=secret"), "the connection broke off"),
    ],
)
def test_the_text_of_the_operating_system_is_preferred(error: Exception, words: str) -> None:
    assert reason(error) == words
