"""Run Python's full garbage collection on a schedule.

A full collection visits every object of every open page. With 5,000 pages it takes half a second, in which nothing else
happens, and by default it runs several times while they connect. A closed page leaves some 6 kB until the next one.
"""

from __future__ import annotations

import gc

import gevent  # type: ignore[import-untyped]

from dashboard.server.greenlets import repeat

#: The time between two full collections. About one snapshot in 300 is late because of one.
FULL_COLLECTION_SECONDS = 300.0
#: The thresholds of `gc.set_threshold`. With the third, Python practically never runs a full collection by itself.
YOUNG_THRESHOLD, MIDDLE_THRESHOLD, OLD_THRESHOLD = 5_000, 10, 1_000_000


def collect_garbage_rarely() -> None:
    """From now on, run a full collection each FULL_COLLECTION_SECONDS. Objects of now are never visited again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_THRESHOLD, MIDDLE_THRESHOLD, OLD_THRESHOLD)
    gevent.spawn_later(
        FULL_COLLECTION_SECONDS, repeat, "garbage collection", gc.collect, FULL_COLLECTION_SECONDS, gevent.sleep
    )
