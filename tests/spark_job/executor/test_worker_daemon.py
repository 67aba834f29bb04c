"""A worker's connection to Java: nothing on it waits for a delayed acknowledgement of TCP."""

import gc
import importlib
import socket
import statistics
import struct
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, BinaryIO

import pytest

from spark_job.executor import worker_daemon
from spark_job.executor.worker_daemon import without_delays

ROUNDS = 20
PIECE = 1_000
#: Linux delays an acknowledgement by at least 40 ms.
DELAY_SECONDS = 0.040


def serve(infile: BinaryIO, outfile: BinaryIO) -> None:
    """A worker's task: read what comes in two pieces, and answer in two pieces."""
    for _ in range(ROUNDS):
        assert infile.read(2 * PIECE) == b"a" * PIECE + b"b" * PIECE
        for _ in range(2):
            outfile.write(struct.pack("!i", PIECE))
            outfile.flush()


def round_seconds(main: Callable[[Any, Any], None]) -> list[float]:
    """How long each round takes when a peer like Java, whose socket holds small pieces back, sends to `main`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        java = socket.create_connection(listener.getsockname())
        worker, _ = listener.accept()
    with java, worker, worker.makefile("rb") as infile, worker.makefile("wb") as outfile:
        thread = threading.Thread(target=main, args=(infile, outfile))
        thread.start()
        seconds = []
        for _ in range(ROUNDS):
            since = time.monotonic()
            java.sendall(b"a" * PIECE)
            java.sendall(b"b" * PIECE)
            assert java.recv(8, socket.MSG_WAITALL) == struct.pack("!ii", PIECE, PIECE)
            seconds.append(time.monotonic() - since)
        thread.join()
    return seconds


# Beside other tests, threads that answer each other wait for a core about as long.
@pytest.mark.alone
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the option")
def test_neither_what_java_sends_nor_what_a_worker_sends_waits_for_an_acknowledgement() -> None:
    assert statistics.median(round_seconds(serve)) > DELAY_SECONDS * 0.9
    assert statistics.median(round_seconds(without_delays(serve))) < DELAY_SECONDS / 2


def test_a_connection_that_is_not_tcp_is_used_as_it_is() -> None:
    files: list[Any] = []
    here, there = socket.socketpair()
    with here, there, there.makefile("rb") as infile, there.makefile("wb") as outfile:
        without_delays(lambda *given: files.extend(given))(infile, outfile)
        assert files == [infile, outfile]


def test_the_end_of_the_connection_is_the_end_of_the_input() -> None:
    read: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        java = socket.create_connection(listener.getsockname())
        worker, _ = listener.accept()
    with worker, worker.makefile("rb") as infile, worker.makefile("wb") as outfile:
        java.sendall(b"last words")
        java.close()
        without_delays(lambda quick, _: read.append(quick.read()))(infile, outfile)
    assert read == [b"last words"]


@pytest.mark.parametrize("system", ["Linux", "another system"])
def test_the_daemon_of_pyspark_runs_with_or_without_the_option(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Modules(dict[str, Any]):
        def load(self, name: str) -> Any:
            if name not in self:
                raise ImportError(name)
            return self[name]

    class Worker:
        main = staticmethod(serve)

    class Daemon:
        ran = False
        left_alone = 0

        def manager(self) -> None:
            self.ran = True
            self.left_alone = gc.get_freeze_count()

    worker, daemon = Worker(), Daemon()
    needed = worker_daemon.TASK_MODULES[0]
    modules = Modules({"pyspark.worker": worker, needed: None, "pyspark.daemon": daemon})
    monkeypatch.setattr(importlib, "import_module", modules.load)
    monkeypatch.setattr(sys, "argv", ["worker_daemon", "pyspark.worker"])
    if system == "Linux":
        monkeypatch.setattr(socket, "TCP_QUICKACK", 12, raising=False)
    else:
        monkeypatch.delattr(socket, "TCP_QUICKACK", raising=False)
    worker_daemon.main()
    gc.unfreeze()
    assert daemon.ran
    # The collector, which PySpark runs in each worker after each task, copies no memory that workers share.
    assert daemon.left_alone > 0
    assert (worker.main is serve) == (system != "Linux")
