"""How many open pages the limit of open files allows: each connection is one file."""

from __future__ import annotations

import resource
import sys
from typing import NamedTuple

OTHER_FILES = 100
#: Connections beside open pages: for pages that load, for the job, for monitoring. Fewer if the limit is small.
SPARE_CONNECTIONS = 1000
MIN_FILES = 256


class FileLimits(NamedTuple):
    """How many pages may be open at once, how many connections there may be in all, and how many files that takes."""

    pages: int
    connections: int
    files: int


def hard_limit() -> int:
    """The most files that this process may open."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def file_limits(wanted_pages: int, hard: int) -> FileLimits:
    """The limits for `wanted_pages` pages, or for as many as fit.

    Args:
        wanted_pages: Open pages that are wanted.
        hard: The most files that this process may open.

    Raises:
        ValueError: `hard` is too small to serve at all; a part of a sentence.

    """
    if hard < MIN_FILES:
        raise ValueError(f"the dashboard needs at least {MIN_FILES} open files, and may open {hard} (ulimit -Hn)")
    spare = min(SPARE_CONNECTIONS, hard // 4)
    pages = min(wanted_pages, hard - spare - OTHER_FILES)
    return FileLimits(pages, pages + spare, pages + spare + OTHER_FILES)
