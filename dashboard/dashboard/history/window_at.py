"""The window at an earlier time, from the closed panes of the history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from dashboard.snapshots.event import Choices, Event, EventCoverage, EventLeader
from dashboard.snapshots.labels import shown_label
from dashboard.snapshots.rising import count_topics, shown_rising
from dashboard.snapshots.views import DEFAULT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.history.store import History
    from dashboard.snapshots.event import View
    from dashboard.snapshots.schema import ClosedWindow, Named, Pane


def past_event(history: History, at_ms: int, top_n: int, view: View = DEFAULT) -> Event | None:
    """The window at `at_ms`, or the list of rising tags then, in the shape of the event `snapshot`.

    It is the window that ended with the newest pane that ended by `at_ms`. Panes without a window are left out.
    `health` and `total` are null, because they are not stored.

    Args:
        history: The stored panes.
        at_ms: The time.
        top_n: Bars on the page.
        view: The window of all posts, by posts or by authors, or the list of rising tags.

    Returns:
        The event, or None if no pane is that old.

    Raises:
        HistoryAwayError: The history can't be read.

    """
    index = history.index()
    found = index.ended_with_window(at_ms)
    pane = history.pane(found.key) if found else None
    if pane is None or pane.window is None:
        return None
    window, pane_ms = pane.window, pane.to_ms - pane.from_ms
    last = _window(history.pane((pane.from_ms - pane_ms, pane.epoch)))
    before = _window(history.pane((window.from_ms - pane_ms, pane.epoch)))
    if before and (before.from_ms, pane.epoch) not in index:
        # Counting began within that window, or its beginning is not stored any more. Compared with a part of a window,
        # every tag seems to grow.
        before = None
    starts = range(window.from_ms, pane.to_ms, pane_ms)
    top = _ranked(window, view)[: view.most]
    curves = index.curves(pane.epoch, starts, [tag.key for tag in top])
    return Event(
        epoch=pane.epoch,
        seq=None,
        produced_at_ms=pane.to_ms,
        age_ms=None,
        top_n=top_n,
        pane_seconds=pane_ms / 1000,
        window_seconds=(pane.to_ms - window.from_ms) / 1000,
        view=view,
        from_ms=window.from_ms,
        to_ms=pane.to_ms,
        posts=window.posts,
        posts_before=before.posts if before else None,
        top=_top(top, _ranked(last, view), before, curves),
        coverage=EventCoverage(from_ms=window.counted_from_ms or window.from_ms, missing_ms=0),
        sources=window.sources,
        choices=Choices(source=[], lang=[]),
        total=None,
        health=None,
        authors=window.authors,
        rising=shown_rising(pane.rising) if view.ranking == "rising" else None,
        rising_topics=count_topics(pane.rising),
        taken_back=window.taken_back,
        topics=None,
        muted=None,
        alerts=None,
    )


def _ranked(window: ClosedWindow | None, view: View) -> Sequence[Named]:
    """The leading tags of a window in the order of the view. None in the list of rising tags."""
    if window is None or view.ranking == "rising":
        return []
    return window.top if view.by == "posts" else _by_authors(window)


def _by_authors(window: ClosedWindow) -> Sequence[Named]:
    """The tags by their authors. If no such order is stored: those that lead by posts, by their authors."""
    if window.by_authors is not None:
        return window.by_authors
    counted = [(tag.authors, tag) for tag in window.top if tag.authors is not None]
    return [tag for _, tag in sorted(counted, key=lambda one: (-one[0], -one[1].posts, one[1].key))]


def _top(
    top: Sequence[Named], last: Sequence[Named], before: ClosedWindow | None, curves: Mapping[str, list[int]]
) -> list[EventLeader]:
    """The tags of `top`, compared with those of the window that ended one pane earlier and with the window before."""
    ranks = {tag.key: rank for rank, tag in enumerate(last, start=1)}
    posts_before = {tag.key: tag.posts for tag in (*before.top, *(before.by_authors or []))} if before else {}
    return [
        EventLeader(
            rank=rank,
            previous_rank=ranks.get(tag.key),
            key=tag.key,
            label=shown_label(tag.label),
            posts=tag.posts,
            posts_before=posts_before.get(tag.key),
            first_seen_ms=None,
            panes=curves[tag.key],
            authors=tag.authors,
            taken_back=tag.taken_back or UNSET,
        )
        for rank, tag in enumerate(top, start=1)
    ]


def _window(pane: Pane | None) -> ClosedWindow | None:
    return pane.window if pane else None
