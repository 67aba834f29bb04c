"""Ingest alone as a process that replays a file at full speed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.processes import free_ports

from bench.baseline import ROOT

STOP_SECONDS = 120.0


class IngestProcess(NamedTuple):
    """A running ingest, and its INGEST_PORT."""

    process: "subprocess.Popen[bytes]"
    port: int


@contextmanager
def replaying(file: Path, data: Path, **settings: str) -> Iterator[IngestProcess]:
    """Start ingest with a replay of `file`, and end it.

    Args:
        file: The posts.
        data: An empty folder for its `DATA_DIR`.
        settings: Further settings.

    """
    port, tail_port = free_ports(2)
    own = {"SOURCE": "replay", "REPLAY_FILE": str(file), "REPLAY_SPEED": "0", "LOG_LEVEL": "WARNING"}
    own |= {"INGEST_PORT": str(port), "TAIL_PORT": str(tail_port), "DATA_DIR": str(data)}
    own |= {"PYTHONPATH": str(ROOT / "ingest"), "PATH": os.environ["PATH"]}
    process = subprocess.Popen([sys.executable, "-m", "ingest"], cwd=data, env=own | settings)
    try:
        yield IngestProcess(process, port)
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)
