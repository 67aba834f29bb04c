"""Helpers of the tests of the source x."""

import threading
import time
from collections.abc import Callable

from tests.ingest.servers.x_server import Wire

from ingest.sources.base import Interrupted, NewPost, Paused, Refused, SourceItem
from ingest.sources.x.source import X

#: 2026-11-20 12:00 UTC, and the next midnight.
NOON_MS = 1_795_176_000_000
MIDNIGHT_MS = 1_795_219_200_000

Open = Callable[..., X]


def sends(*chunks: bytes) -> Callable[[Wire], None]:
    """Return a stream that sends these chunks and then ends."""

    def turn(wire: Wire) -> None:
        for chunk in chunks:
            wire.send(chunk)
        wire.end()

    return turn


def collect(x: X, cursor: str | None = None) -> tuple[list[SourceItem], Exception | None]:
    """Return what the source yields, and the error that ended it."""
    items: list[SourceItem] = []
    try:
        items.extend(x.posts(cursor))
    except (Refused, Interrupted, Paused) as end:
        return items, end
    return items, None


def ids(items: list[SourceItem]) -> list[int]:
    return [int(item.post.id.removeprefix("x:")) - 10**18 for item in items if isinstance(item, NewPost)]


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


class InThread:
    """Runs a source in another thread."""

    def __init__(self, x: X) -> None:
        self.items: list[SourceItem] = []
        self.end: Exception | None = None
        self._x = x
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def _work(self) -> None:
        try:
            for item in self._x.posts(None):
                self.items.append(item)
        except (Refused, Interrupted, Paused) as end:
            self.end = end

    def join(self) -> None:
        self._thread.join(20)
        assert not self._thread.is_alive()
