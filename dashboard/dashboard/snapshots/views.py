"""Views of a snapshot, and the Socket.IO event `snapshot` of each view (docs/protocol.md, "Browser")."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec
from msgspec import UNSET

from dashboard.snapshots.event import (
    Choices,
    Event,
    EventCoverage,
    EventHealth,
    EventIngest,
    EventLeader,
    EventTotal,
    View,
)
from dashboard.snapshots.fields import milliseconds
from dashboard.snapshots.labels import shown_label
from dashboard.snapshots.mute_schema import muted_of
from dashboard.snapshots.rising import count_topics, shown_rising
from dashboard.snapshots.schema import LEADING, Coverage, FacetLeader, WindowLeader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.snapshots.event import By, EventAlerts, Ranking
    from dashboard.snapshots.schema import Facet, Facets, Leader, ShownSnapshot, Window

#: Ingest's name for the source that reads a file.
REPLAY = "replay"


class ViewError(Exception):
    """A requested view is invalid. Its text is one sentence."""


#: The view of a page until it requests another one.
DEFAULT = View()


def parse_view(asked: object) -> View:
    """Parse a requested view.

    Raises:
        ViewError: It is invalid. The page gets its sentence.

    """
    try:
        view = msgspec.convert(asked, View)
    except msgspec.ValidationError as error:
        raise ViewError(f"This is not a view: {error}.") from error
    if view.source is not None and view.lang is not None:
        raise ViewError("A view has a source or a language, not both.")
    if view.ranking != "window" and not _is_of_all(view):
        raise ViewError("Only the window can be seen by source or language.")
    if view.ranking != "window" and view.by != "posts":
        raise ViewError("Only the window can be ranked by accounts.")
    return view


def has_posts(snapshot: ShownSnapshot, view: View) -> bool:
    """Whether the view is a ranking, or of a source or language that is in the snapshot."""
    return _is_of_all(view) or _facet(snapshot.facets, view) is not None


def _is_of_all(view: View) -> bool:
    """Whether the view has the posts of all sources and languages."""
    return view.source is None and view.lang is None


def view_event(
    snapshot: ShownSnapshot,
    view: View,
    history_notice: str | None,
    relay_notice: str | None = None,
    alerts: EventAlerts | None = None,
    *,
    age_ms: int = 0,
) -> Event:
    """The event `snapshot` of one view: what a page needs each second and nothing more.

    The notices are what an operator must know of this dashboard: of its history, and of the other dashboards.
    """
    total, coverage, ranked = snapshot.total, coverage_of(snapshot), _ranked(snapshot, view)
    known = _is_before_known(ranked, view.ranking, milliseconds(snapshot.pane_seconds), coverage)
    top = _top(ranked, known=known, most=view.most)
    return Event(
        epoch=snapshot.epoch,
        seq=snapshot.seq,
        produced_at_ms=snapshot.produced_at_ms,
        age_ms=age_ms,
        top_n=snapshot.top_n,
        pane_seconds=snapshot.pane_seconds,
        window_seconds=snapshot.window_seconds,
        view=view,
        from_ms=ranked.from_ms,
        to_ms=ranked.to_ms,
        posts=ranked.posts,
        posts_before=ranked.posts_before if known else None,
        top=top,
        coverage=EventCoverage(coverage.from_ms, coverage.missing_ms),
        sources=sources_of(snapshot, view),
        choices=Choices(_most_first(snapshot.facets.source), _most_first(snapshot.facets.lang)),
        total=EventTotal(total.since_ms, total.posts, total.tags, total.dropped_tags, total.dropped_posts),
        health=_health(snapshot, history_notice, relay_notice),
        authors=ranked.authors,
        rising=shown_rising(snapshot.rising) if view.ranking == "rising" else None,
        rising_topics=count_topics(snapshot.rising),
        taken_back=ranked.taken_back,
        topics=_topics(snapshot.window.topics, top) if view.ranking == "window" and _is_of_all(view) else None,
        muted=muted_of(snapshot.mute),
        alerts=alerts,
    )


class _Ranked(NamedTuple):
    """The parts of an event that differ between views. `curves`: posts per pane of the window, by key."""

    from_ms: int
    to_ms: int
    posts: int
    posts_before: int | None
    top: Sequence[Leader | FacetLeader]
    curves: Mapping[str, list[int] | None]
    authors: int | None = None
    taken_back: int | None = None


def _ranked(snapshot: ShownSnapshot, view: View) -> _Ranked:
    window, total, batch = snapshot.window, snapshot.total, snapshot.batch
    if view.ranking == "rising":
        span = window.from_ms, window.to_ms
        return _Ranked(*span, window.posts, window.posts_before, [], {}, window.authors, window.taken_back)
    if view.ranking == "window":
        return _of_window(window, window if _is_of_all(view) else _facet(snapshot.facets, view), view.by)
    curves: dict[str, list[int] | None] = {leader.key: leader.panes for leader in window.top}
    if view.ranking == "total":
        return _Ranked(total.since_ms, window.to_ms, total.posts, None, total.top, curves)
    if batch is None:
        # Before the first micro-batch of a run there are no posts.
        return _Ranked(window.to_ms, window.to_ms, 0, None, [], curves)
    return _Ranked(batch.at_ms, batch.at_ms, batch.posts, None, batch.top, curves)


def _of_window(window: Window, counted: Window | Facet | None, by: By) -> _Ranked:
    """The window, or that of a source or language; None for one that is not in the snapshot."""
    if counted is None:
        return _Ranked(window.from_ms, window.to_ms, 0, None, [], {})
    top: Sequence[WindowLeader | FacetLeader] = counted.top if by == "posts" else counted.by_authors or []
    curves = {leader.key: leader.panes for leader in top}
    span, of_all = (window.from_ms, window.to_ms), (counted.posts, counted.posts_before)
    return _Ranked(*span, *of_all, top, curves, counted.authors, counted.taken_back)


def _is_before_known(ranked: _Ranked, ranking: Ranking, pane_ms: int, coverage: Coverage) -> bool:
    """Whether the time before the window was counted as a whole. Against a part of it, all tags would seem to grow."""
    if ranking == "batch":
        return True
    # The totals are compared with those at the start of the open pane.
    open_ms = ranked.to_ms - ranked.to_ms % pane_ms
    return coverage.from_ms < open_ms if ranking == "total" else coverage.before


def view_leaders(snapshot: ShownSnapshot, view: View) -> list[EventLeader]:
    """All leading tags of a view. The event has the first of them."""
    ranked = _ranked(snapshot, view)
    known = _is_before_known(ranked, view.ranking, milliseconds(snapshot.pane_seconds), coverage_of(snapshot))
    return _top(ranked, known=known, most=LEADING)


def _top(ranked: _Ranked, *, known: bool, most: int) -> list[EventLeader]:
    """The leading tags. `known`: whether the posts before the window are complete."""
    return [
        EventLeader(
            rank=rank,
            previous_rank=leader.previous_rank,
            key=leader.key,
            label=shown_label(leader.label),
            posts=leader.posts,
            posts_before=leader.posts_before if known else None,
            first_seen_ms=leader.first_seen_ms,
            panes=ranked.curves.get(leader.key),
            authors=leader.authors if isinstance(leader, (WindowLeader, FacetLeader)) else None,
            taken_back=(leader.taken_back or UNSET) if isinstance(leader, (WindowLeader, FacetLeader)) else UNSET,
        )
        for rank, leader in enumerate(ranked.top[:most], start=1)
    ]


def _topics(topics: Sequence[Sequence[str]] | None, top: Sequence[EventLeader]) -> list[list[str]] | None:
    """The tags of each topic that are in `top`, if there are at least two."""
    if topics is None:
        return None
    keys = {leader.key for leader in top}
    shown = ([key for key in topic if key in keys] for topic in topics)
    return [topic for topic in shown if len(topic) > 1]


def sources_of(snapshot: ShownSnapshot, view: View = DEFAULT) -> list[str]:
    """The sources of the posts of a view. Posts from a file have the file's source names, so `replay` is added."""
    status = snapshot.health.ingest.status
    now = [source.name for source in status.sources] if status else []
    if view.source is not None:
        named = [view.source, *(name for name in now if name == REPLAY)]
    elif view.ranking == "total" and snapshot.total.sources is not None:
        named = snapshot.total.sources or now
    else:
        named = [*now, *snapshot.facets.source]
    return sorted(set(named))


def coverage_of(snapshot: ShownSnapshot) -> Coverage:
    """The coverage from the job. An older job sends only since when it counts."""
    if snapshot.coverage is not None:
        return snapshot.coverage
    window, since_ms = snapshot.window, snapshot.total.since_ms
    before_ms = window.from_ms - milliseconds(snapshot.window_seconds)
    return Coverage(max(window.from_ms, min(since_ms, window.to_ms)), 0, since_ms <= before_ms)


def _facet(facets: Facets, view: View) -> Facet | None:
    return facets.source.get(view.source) if view.source is not None else facets.lang.get(view.lang or "")


def _most_first(values: Mapping[str, Facet]) -> list[tuple[str, int]]:
    """Names and posts of the sources or languages that can be chosen, most posts first."""
    return sorted(((name, facet.posts) for name, facet in values.items()), key=lambda one: (-one[1], one[0]))


def _health(snapshot: ShownSnapshot, history_notice: str | None, relay_notice: str | None) -> EventHealth:
    health, ingest = snapshot.health, snapshot.health.ingest
    status = ingest.status
    return EventHealth(
        offset=health.offset,
        lag_posts=health.lag_posts,
        lag_ms=health.lag_ms,
        lost=health.lost,
        skipped=health.skipped,
        late=health.late,
        next_change=health.next_change,
        cut=health.cut,
        newest_at_ms=health.newest_at_ms,
        batch_ms=health.batch_ms,
        posts_per_second=health.posts_per_second,
        query_error=health.query_error,
        epoch_reason=health.epoch_reason,
        ingest=EventIngest(
            reachable=ingest.reachable,
            since_ms=ingest.since_ms,
            error=ingest.error,
            notice=status.notice if status else None,
            track_error=status.track_error if status else None,
            watermark_ms=status.watermark_ms if status else None,
            sources=status.sources if status else [],
        ),
        history=history_notice,
        relay=relay_notice,
        archive=health.archive,
        archived_hours=health.archived.hours if health.archived else None,
    )
