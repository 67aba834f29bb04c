"""The loop of `Stream.follow`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hashtags.feed import Feed
    from hashtags.snapshot import Snapshot


def follow(feed: Feed, seconds: float | None, count: int | None, monotonic: Callable[[], float]) -> Iterator[Snapshot]:
    """Each new snapshot of the feed, until it is closed, `seconds` are over, or there were `count` of them."""
    end = None if seconds is None else monotonic() + seconds
    given, order = 0, None
    while count is None or given < count:
        snapshot = feed.next_after(order, None if end is None else max(end - monotonic(), 0.0))
        if snapshot is None:
            return
        given, order = given + 1, snapshot.order
        yield snapshot
        if end is not None and monotonic() >= end:
            return
