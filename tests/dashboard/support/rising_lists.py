"""Lists of rising tags with round numbers, for tests of the page."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.dashboard.support import feeder
from tests.dashboard.support.rising import rising as rising_at
from tests.dashboard.support.rising import rising_tag

if TYPE_CHECKING:
    from tests.dashboard.conftest import Dashboard


#: People per pane: few are usual, and many have come since two minutes before the end.
PANES = [*[0, 1, 0, 0, 1, 0, 1, 0, 0, 1, 1, 0, 2, 3, 5], *[6, 8, 7, 9, 11, 10, 12, 14, 11, 13, 15, 12, 14, 16, 15]]


def now() -> int:
    return int(time.time() * 1000)


def tag(label: str, **changes: Any) -> dict[str, Any]:
    """12 times its usual 3 people, most of them in Spanish."""
    numbers = {"authors": 38, "expected": 3.0, "times": 12.0, "posts": 52, "voices": 36, "panes": PANES}
    return rising_tag(label, now(), **{**numbers, **changes})


def rising(at_ms: int, *topics: list[dict[str, Any]], held_back: Any = (), **changes: Any) -> dict[str, Any]:
    """A list at the end of the newest pane that closed by `at_ms`."""
    closed_ms = at_ms // feeder.PANE_MS * feeder.PANE_MS
    return rising_at(closed_ms, *topics, held=tuple(held_back), **changes)


def push(dashboard: Dashboard, *topics: list[dict[str, Any]], **changes: Any) -> None:
    """Push a snapshot with two leading tags and this list."""
    dashboard.push({"WorldCup": 30, "AI": 20}, rising=rising(now(), *topics, **changes))
