"""How many pages fit into the files that this process may open: each connection is one."""

from __future__ import annotations

import resource
import sys
from typing import NamedTuple

OTHER_FILES = 100
SPARE_CONNECTIONS = 1000
"""Beside open pages: for those that load, for the job, and for who asks whether all is well. Fewer in a small limit."""
LEAST_FILES = 256


class Room(NamedTuple):
    """Pages that may be open at once, connections that they and all others take together, and files for all that."""

    pages: int
    connections: int
    files: int


def hard_limit() -> int:
    """The most files that this process may open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def room(wanted_pages: int, hard: int) -> Room:
    """Room for so many pages, or for those that fit. Raises ValueError if there is next to none."""
    if hard < LEAST_FILES:
        raise ValueError(f"the dashboard takes {LEAST_FILES} open files at least, and may open {hard} (ulimit -Hn)")
    spare = min(SPARE_CONNECTIONS, hard // 4)
    pages = min(wanted_pages, hard - spare - OTHER_FILES)
    return Room(pages, pages + spare, pages + spare + OTHER_FILES)
