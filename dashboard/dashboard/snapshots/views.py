"""What a page may look at, and the Socket.IO event `snapshot` of each view (docs/protocol.md, "Browser")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from dashboard.snapshots.schema import Coverage

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dashboard.snapshots.schema import Facet, Facets, Leader, Named, Snapshot, WindowLeader

SHOWN = 20
"""Tags in the `top` of an event."""

REPLAY = "replay"
"""Ingest's name for the source that reads a file."""

LABEL_BYTES, LABEL_CHARACTERS = 640, 64
"""A label of more bytes is shortened to so many characters."""

Name = Annotated[str, Meta(min_length=1, max_length=100)]


class ViewError(Exception):
    """What a page asks for is no view; the message is one sentence."""


class View(Struct, frozen=True, forbid_unknown_fields=True):
    """One ranking; that of the window also of one source or one language alone."""

    ranking: Literal["window", "batch", "total"] = "window"
    source: Name | None = None
    lang: Name | None = None


DEFAULT = View()
"""What a page sees until it asks for another view."""


def parse_view(asked: object) -> View:
    """The view that a page sent. Raises ViewError, whose sentence goes back to the page."""
    try:
        view = msgspec.convert(asked, View)
    except msgspec.ValidationError as error:
        raise ViewError(f"This is not a view: {error}.") from error
    if view.source is not None and view.lang is not None:
        raise ViewError("A view has a source or a language, not both.")
    if view.ranking != "window" and view != View(view.ranking):
        raise ViewError("Only the window can be seen by source or language.")
    return view


def has_posts(snapshot: Snapshot, view: View) -> bool:
    """Whether the view is a ranking, or of a source or language that is in the snapshot."""
    return view == View(view.ranking) or _facet(snapshot.facets, view) is not None


def view_event(
    snapshot: Snapshot, view: View, history_notice: str | None, relay_notice: str | None = None
) -> dict[str, Any]:
    """The event `snapshot` of one view: what a page needs each second and nothing more.

    The notices are what an operator must know of this dashboard: of its history, and of the other dashboards.
    """
    total, coverage = snapshot.total, coverage_of(snapshot)
    return {
        "epoch": snapshot.epoch,
        "seq": snapshot.seq,
        "produced_at_ms": snapshot.produced_at_ms,
        "age_ms": 0,
        "top_n": snapshot.top_n,
        "pane_seconds": snapshot.pane_seconds,
        "window_seconds": snapshot.window_seconds,
        "view": msgspec.to_builtins(view),
        **_known(_ranking(snapshot, view), view.ranking, round(snapshot.pane_seconds * 1000), coverage),
        "coverage": {"from_ms": coverage.from_ms, "missing_ms": coverage.missing_ms},
        "sources": sources_of(snapshot, view),
        "choices": _choices(snapshot.facets),
        "total": {
            "since_ms": total.since_ms,
            "posts": total.posts,
            "tags": total.tags,
            "dropped_tags": total.dropped_tags,
            "dropped_posts": total.dropped_posts,
        },
        "health": _health(snapshot) | {"history": history_notice, "relay": relay_notice},
    }


def shown_label(label: str) -> str:
    """`label`, shortened if it is longer than ingest makes any: each open page gets it each second."""
    short = len(label) <= LABEL_CHARACTERS or len(label.encode(errors="replace")) <= LABEL_BYTES
    return label if short else label[: LABEL_CHARACTERS - 1] + "…"


def entry(rank: int, tag: Leader | Named, **known: Any) -> dict[str, Any]:
    """One tag of an event's `top`; what is not `known` is null."""
    return {
        "rank": rank,
        "previous_rank": None,
        "key": tag.key,
        "label": shown_label(tag.label),
        "posts": tag.posts,
        "posts_before": None,
        "first_seen_ms": None,
        "panes": None,
        **known,
    }


def _ranking(snapshot: Snapshot, view: View) -> dict[str, Any]:
    """The part of the event that differs from view to view."""
    window, total, batch = snapshot.window, snapshot.total, snapshot.batch
    leading = {leader.key: leader for leader in window.top}
    if view.ranking == "total":
        return _part(total.since_ms, window.to_ms, total.posts, None, _leaders(total.top, leading))
    if view.ranking == "batch":
        # Before the first micro-batch of a run: nothing, now.
        at_ms, posts, top = (batch.at_ms, batch.posts, batch.top) if batch else (window.to_ms, 0, [])
        return _part(at_ms, at_ms, posts, None, _leaders(top, leading))
    if view == DEFAULT:
        return _part(window.from_ms, window.to_ms, window.posts, window.posts_before, _leaders(window.top, leading))
    facet = _facet(snapshot.facets, view)
    if facet is None:
        return _part(window.from_ms, window.to_ms, 0, None, [])
    return _part(window.from_ms, window.to_ms, facet.posts, facet.posts_before, _facet_leaders(facet))


def sources_of(snapshot: Snapshot, view: View = DEFAULT) -> list[str]:
    """Where the posts of a view are from. The posts of a file have other names, so `replay` is told beside them."""
    status = snapshot.health.ingest.status
    now = [source.name for source in status.sources] if status else []
    if view.source is not None:
        named = [view.source, *(name for name in now if name == REPLAY)]
    elif view.ranking == "total" and snapshot.total.sources is not None:
        named = snapshot.total.sources or now
    else:
        named = [*now, *snapshot.facets.source]
    return sorted(set(named))


def coverage_of(snapshot: Snapshot) -> Coverage:
    """What the job says of it; a job of before could not, but says since when it counts."""
    if snapshot.coverage is not None:
        return snapshot.coverage
    window, since_ms = snapshot.window, snapshot.total.since_ms
    before_ms = window.from_ms - round(snapshot.window_seconds * 1000)
    return Coverage(max(window.from_ms, min(since_ms, window.to_ms)), 0, since_ms <= before_ms)


def _known(part: dict[str, Any], ranking: str, pane_ms: int, coverage: Coverage) -> dict[str, Any]:
    """`part` with null for the posts of a time before that was not counted: half of it would make all seem to grow."""
    if ranking == "batch":
        return part
    # The totals are compared with those of when the open pane began.
    open_ms = part["to_ms"] - part["to_ms"] % pane_ms
    if coverage.from_ms < open_ms if ranking == "total" else coverage.before:
        return part
    top = [{**tag, "posts_before": None} for tag in part["top"]]
    return {**part, "posts_before": None, "top": top}


def _part(from_ms: int, to_ms: int, posts: int, posts_before: int | None, top: list[dict[str, Any]]) -> dict[str, Any]:
    return {"from_ms": from_ms, "to_ms": to_ms, "posts": posts, "posts_before": posts_before, "top": top}


def _leaders(top: Sequence[Leader], leading: Mapping[str, WindowLeader]) -> list[dict[str, Any]]:
    return [
        entry(
            leader.rank,
            leader,
            previous_rank=leader.previous_rank,
            posts_before=leader.posts_before,
            first_seen_ms=leader.first_seen_ms,
            panes=leading[leader.key].panes if leader.key in leading else None,
        )
        for leader in top[:SHOWN]
    ]


def _facet_leaders(facet: Facet) -> list[dict[str, Any]]:
    return [
        entry(
            rank,
            leader,
            previous_rank=leader.previous_rank,
            posts_before=leader.posts_before,
            first_seen_ms=leader.first_seen_ms,
            panes=leader.panes,
        )
        for rank, leader in enumerate(facet.top[:SHOWN], start=1)
    ]


def _facet(facets: Facets, view: View) -> Facet | None:
    return facets.source.get(view.source) if view.source is not None else facets.lang.get(view.lang or "")


def _choices(facets: Facets) -> dict[str, list[tuple[str, int]]]:
    """The sources and languages that can be looked at, most posts first."""
    return {name: _most_first(values) for name, values in (("source", facets.source), ("lang", facets.lang))}


def _most_first(values: Mapping[str, Facet]) -> list[tuple[str, int]]:
    return sorted(((name, facet.posts) for name, facet in values.items()), key=lambda one: (-one[1], one[0]))


def _health(snapshot: Snapshot) -> dict[str, Any]:
    health, ingest = snapshot.health, snapshot.health.ingest
    status = ingest.status
    return {
        "offset": health.offset,
        "lag_posts": health.lag_posts,
        "lag_ms": health.lag_ms,
        "lost": health.lost,
        "skipped": health.skipped,
        "cut": health.cut,
        "newest_at_ms": health.newest_at_ms,
        "batch_ms": health.batch_ms,
        "posts_per_second": health.posts_per_second,
        "query_error": health.query_error,
        "epoch_reason": health.epoch_reason,
        "ingest": {
            "reachable": ingest.reachable,
            "since_ms": ingest.since_ms,
            "error": ingest.error,
            "notice": status.notice if status else None,
            "track_error": status.track_error if status else None,
            "watermark_ms": status.watermark_ms if status else None,
            "sources": [msgspec.to_builtins(source) for source in status.sources] if status else [],
        },
    }
