"""A history whose clocks are set by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest
from tests.dashboard.support import feeder

from dashboard.history.store import History
from dashboard.log_throttle import Throttle
from dashboard.snapshots.schema import Pane

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DAY_MS = 86_400_000
NOW_MS = 100 * DAY_MS


def pane(from_ms: int, epoch: int = 1, **posts: int) -> Pane:
    return msgspec.convert(feeder.pane(from_ms, posts or {"WorldCup": 3}, epoch), Pane)


class Hands:
    """A wall clock and a monotonic one, set by hand."""

    wall = NOW_MS
    monotonic = 77

    def pass_ms(self, ms: int) -> None:
        self.wall += ms
        self.monotonic += ms


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest.fixture
def open_history(tmp_path: Path, hands: Hands) -> Iterator[Callable[[], History]]:
    """Opens the one history of the test; again after it was closed."""
    opened: list[History] = []

    def open_() -> History:
        throttle = Throttle(lambda: hands.monotonic)
        opened.append(History(tmp_path, lambda: hands.wall, lambda: hands.monotonic, throttle))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def stored(open_history: Callable[[], History]) -> History:
    return open_history()
