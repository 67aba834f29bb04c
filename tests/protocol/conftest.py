"""The server under test: by default our own ingest, which reads posts from a pipe.

Another server can be tested by another fixture `peer`: its address, and a function that sends posts to it.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.protocol.peer import Peer

from ingest import settings
from ingest.service import Service
from ingest.sources.demo import lesson

TOKEN = "a-token-of-the-tests"


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    """A server with an empty log, which accepts posts and sets their times by its own clock."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with (
        _serving(tmp_path / "spool", source="replay", replay_file=str(pipe), replay_speed=0) as ports,
        pipe.open("wb", buffering=0) as pipe_end,
    ):
        yield Peer("127.0.0.1", *ports, lambda data: _write_all(pipe_end.fileno(), data), TOKEN)


@pytest.fixture
def lesson_peer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    """A server whose only source is the demo, and which a lesson may disturb."""
    # The demo may stand still on a busy machine.
    monkeypatch.setattr(lesson, "PATIENCE_SECONDS", 20.0)
    with _serving(tmp_path / "spool", source="demo", demo_rate=200, demo_past_minutes=0, lesson_faults=1) as ports:
        yield Peer("127.0.0.1", *ports, lambda _: None, TOKEN)


@contextmanager
def _serving(spool: Path, **of_source: object) -> Iterator[tuple[int, int]]:
    """Ingest with these settings; its two ports."""
    loaded = settings.load(**of_source, push_token=TOKEN, ingest_port=0, tail_port=0, bind="127.0.0.1")
    service = Service(loaded, spool, wall_ms=lambda: time.time_ns() // 1_000_000, monotonic_seconds=time.monotonic)
    service.start()
    try:
        yield service.ports
    finally:
        service.close()


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
