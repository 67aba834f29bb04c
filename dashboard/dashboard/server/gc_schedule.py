"""Python's garbage collection at moments of our choosing.

A full collection looks at every object of every open page: half a second with 5,000 of them, in which nothing else
happens, and by itself it comes several times while they connect. A closed page leaves some 6 kB until the next one.
"""

from __future__ import annotations

import gc

import gevent  # type: ignore[import-untyped]

from dashboard.server.greenlets import repeat

EVERY_SECONDS = 300.0
"""One snapshot in hundreds is late for it."""
YOUNG, MIDDLE, NEVER = 5_000, 10, 1_000_000
"""Objects, collections of these, and collections of those after which Python collects by itself."""


def collect_seldom() -> None:
    """From now on, look at all objects each EVERY_SECONDS only, and at those that are there now not again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, NEVER)
    gevent.spawn_later(EVERY_SECONDS, repeat, "garbage collection", gc.collect, EVERY_SECONDS, gevent.sleep)
