"""How the one-shot command ends the connections of its readers."""

import signal
from collections.abc import Callable
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from ingest import __main__ as command_line
from ingest import settings
from ingest.serve.readers import OneShotReaders


@pytest.mark.parametrize(("by_signal", "linger_seconds"), [(True, 0.0), (False, 3.0)])
def test_readers_get_time_for_the_last_bytes_unless_a_signal_ends_it(
    by_signal: bool, linger_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers: dict[int, Callable[[], None]] = {}
    lingered_seconds: list[float] = []

    class Service:
        """A service whose input ends at once, or after a signal."""

        def __init__(self, _: settings.Settings, __: Path, *, readers: OneShotReaders, **___: object) -> None:
            self.readers = readers
            self.spool = SimpleNamespace(end=0)
            self.pipeline = SimpleNamespace(track_file=None)

        def start(self) -> None:
            self.readers.on_connect()
            if by_signal:
                handlers[signal.SIGTERM]()
            else:
                self.readers.on_finished()

        def close(self, linger_seconds: float) -> None:
            lingered_seconds.append(linger_seconds)
            self.readers.on_finished()

    monkeypatch.setattr(command_line, "Service", Service)
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    assert command_line._serve_once(settings.load(), SimpleQueue()) == 0
    assert lingered_seconds == [linger_seconds]
