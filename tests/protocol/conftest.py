"""The server under test: by default our own ingest, which reads posts from a pipe.

Another server can be tested by another fixture `peer`: its address, and a function that sends posts to it.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.protocol.peer import Peer

from ingest import settings
from ingest.service import Service

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    """A server with an empty log, which accepts posts and sets their times by its own clock."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    loaded = settings.load(
        source="replay",
        replay_file=str(pipe),
        replay_speed=0,
        push_token=TOKEN,
        ingest_port=0,
        tail_port=0,
        bind="127.0.0.1",
    )
    service = Service(
        loaded, tmp_path / "spool", wall_ms=lambda: time.time_ns() // 1_000_000, monotonic_seconds=time.monotonic
    )
    service.start()
    try:
        with pipe.open("wb", buffering=0) as pipe_end:
            yield Peer("127.0.0.1", *service.ports, lambda data: _write_all(pipe_end.fileno(), data), TOKEN)
    finally:
        service.close()


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
