"""Why ingest can't be reached, for who has never read an error number."""

import errno
import os
import socket

import pytest

from spark_job.executor.ingest_client import BusyError, IngestClient
from spark_job.executor.network_error import network_sentence


def numbered(number: int) -> OSError:
    return OSError(number, os.strerror(number))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (ConnectionRefusedError(errno.ECONNREFUSED, "Connection refused"), "nothing listens at ingest:7077"),
        (socket.gaierror(-2, "Name or service not known"), "the name ingest is not known: no address was found for it"),
        (TimeoutError("timed out"), "ingest:7077 did not answer in time"),
        (numbered(errno.ETIMEDOUT), "ingest:7077 did not answer in time"),
        (numbered(errno.ECONNRESET), "ingest:7077 closed the connection in the middle of an answer"),
        (numbered(errno.EPIPE), "ingest:7077 closed the connection in the middle of a request"),
        (numbered(errno.EHOSTUNREACH), "there is no way to ingest:7077 in the network"),
        (numbered(errno.ENETUNREACH), "there is no way to ingest:7077 in the network"),
        (numbered(errno.EMFILE), "this machine has too many open files to connect to ingest:7077"),
        (numbered(errno.EIO), "ingest:7077 can't be reached: Input/output error"),
        (
            ConnectionError("ingest closed the connection in the middle of an answer"),
            "ingest closed the connection in the middle of an answer",
        ),
        (BusyError("ingest refused READ: too many connections"), "ingest refused READ: too many connections"),
        (OSError(), "ingest:7077 can't be reached"),
    ],
)
def test_each_error_is_a_sentence_without_a_number(error: OSError, sentence: str) -> None:
    assert network_sentence(error, "ingest", 7077) == sentence
    assert "Errno" not in sentence


def test_a_port_where_nothing_listens() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        client = IngestClient("127.0.0.1", port, 1.0)
        with pytest.raises(OSError, match="refused") as caught:
            client.status()
    assert client.sentence_of(caught.value) == f"nothing listens at 127.0.0.1:{port}"
