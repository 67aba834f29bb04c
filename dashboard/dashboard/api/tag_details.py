"""Details of one tag: its numbers in the newest snapshot, and its stored history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

from msgspec import Meta, Struct

from dashboard.api.platform_links import Link, links
from dashboard.history.timeline import Steps
from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, TimeMs
from dashboard.snapshots.rising_schema import HeldBack, RisingTag
from dashboard.snapshots.views import coverage_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dashboard.history.pane_index import Counts
    from dashboard.history.store import History
    from dashboard.snapshots.schema import Leader, Named, Snapshot, WindowLeader

Tagged = TypeVar("Tagged", bound="Leader | Named | RisingTag | HeldBack")
#: Points in the `history` of a tag.
MAX_POINTS = 2000


class TagWindow(Struct, frozen=True, kw_only=True):
    """A tag in the window of the newest snapshot."""

    rank: f.Place
    posts: f.TagPosts
    share: Annotated[float, Meta(ge=0, le=1, description="Its posts divided by all posts of the window, from 0 to 1.")]
    from_ms: Annotated[TimeMs, Meta(description="When the window begins.")]
    to_ms: Annotated[TimeMs, Meta(description="Up to when posts are counted, by ingest's clock.")]
    counted_from_ms: f.CountedFromMs
    panes: f.Curve
    authors: f.TagAuthors


class TagTotal(Struct, frozen=True):
    """A tag in the totals."""

    rank: f.Place
    posts: Annotated[Count, Meta(description="Posts with this tag since the epoch began.")]


class Tag(Struct, frozen=True, kw_only=True):
    """Details of one tag."""

    key: f.Key
    label: f.Label
    window: Annotated[
        TagWindow | None, Meta(description="The tag in the window. Null if it is not among the leading 50 there.")
    ]
    total: Annotated[
        TagTotal | None, Meta(description="The tag in the totals. Null if it is not among the leading 50 there.")
    ]
    first_seen_ms: Annotated[
        TimeMs | None,
        Meta(description="When the tag was first counted in this epoch. Null for a tag that does not lead now."),
    ]
    rising: Annotated[
        RisingTag | None, Meta(description="The tag on the list of rising tags. Null if it is not on the list.")
    ]
    held_back: Annotated[
        HeldBack | None, Meta(description="The tag among the rises that are held back. Null if it is not held back.")
    ]
    history: Annotated[
        list[tuple[TimeMs, Count]],
        Meta(
            description="Start and posts of each stored pane in which the tag was among the leading 50, oldest first. "
            "If there are too many, neighbouring panes are added up.",
            max_length=MAX_POINTS,
        ),
    ]
    history_step_ms: Annotated[
        Count, Meta(description="Length of each point of `history` in milliseconds. 0 if there is no point.")
    ]
    sources: Annotated[
        list[str], Meta(description="The sources in whose window the tag is among the leading tags, by name.")
    ]
    links: Annotated[
        list[Link], Meta(description="The tag's pages on the platforms of these sources, where there are such pages.")
    ]


def tag_details(key: str, snapshot: Snapshot | None, history: History) -> Tag | None:
    """What `GET /api/tags/<key>` answers; None for a tag that neither the snapshot nor the history knows.

    Raises HistoryAwayError.
    """
    panes = [pane for pane in history.index().panes() if key in pane.tags]
    now = _now(key, snapshot) if snapshot else _NOTHING
    label = now.label or (_last_label(key, panes[-1], history) if panes else None)
    if label is None:
        return None
    sources = _leads_in(key, snapshot) if snapshot else []
    points, step_ms = _history(key, panes)
    return Tag(
        key=key,
        label=label,
        window=now.window,
        total=now.total,
        first_seen_ms=now.first_seen_ms,
        rising=now.rising,
        held_back=now.held_back,
        history=points,
        history_step_ms=step_ms,
        sources=sources,
        links=_links(label, sources, snapshot) if snapshot else [],
    )


class _Now(NamedTuple):
    """The numbers of a tag in the newest snapshot."""

    label: str | None
    first_seen_ms: int | None = None
    window: TagWindow | None = None
    total: TagTotal | None = None
    rising: RisingTag | None = None
    held_back: HeldBack | None = None


_NOTHING = _Now(label=None)


def _now(key: str, snapshot: Snapshot) -> _Now:
    window, total, batch, rising = snapshot.window, snapshot.total, snapshot.batch, snapshot.rising
    in_window = _find(key, window.top)
    in_total = _find(key, total.top)
    ranked = in_window or in_total or (_find(key, batch.top) if batch else None) or _find(key, window.by_authors or [])
    listed = _find(key, [tag for topic in rising.topics for tag in topic.tags]) if rising else None
    held_back = _find(key, rising.held_back) if rising else None
    facets = (*snapshot.facets.source.values(), *snapshot.facets.lang.values())
    in_facets = (_find(key, [*facet.top, *(facet.by_authors or [])]) for facet in facets)
    named = ranked or listed or held_back or next(filter(None, in_facets), None)
    return _Now(
        label=named.label if named else None,
        first_seen_ms=ranked.first_seen_ms if ranked else None,
        window=_in_window(in_window, snapshot) if in_window else None,
        total=TagTotal(rank=in_total.rank, posts=in_total.posts) if in_total else None,
        rising=listed,
        held_back=held_back,
    )


def _in_window(leader: WindowLeader, snapshot: Snapshot) -> TagWindow:
    window = snapshot.window
    return TagWindow(
        rank=leader.rank,
        posts=leader.posts,
        # A post counts once for a tag, so this is at most 1.
        share=leader.posts / window.posts if window.posts else 0.0,
        from_ms=window.from_ms,
        to_ms=window.to_ms,
        counted_from_ms=coverage_of(snapshot).from_ms,
        panes=leader.panes,
        authors=leader.authors,
    )


def _last_label(key: str, counts: Counts, history: History) -> str | None:
    """The spelling in the last pane in which the tag led."""
    pane = history.pane(counts.key)
    return next((tag.label for tag in pane.top if tag.key == key), None) if pane else None


def _history(key: str, panes: Sequence[Counts]) -> tuple[list[tuple[int, int]], int]:
    """Start and posts of each pane, oldest first, and its length in ms. Too many panes become longer steps."""
    points = [(pane.from_ms, pane.tags[key]) for pane in panes]
    step_ms = panes[-1].to_ms - panes[-1].from_ms if panes else 0
    if len(points) > MAX_POINTS:
        steps = Steps.over(panes[0].from_ms, panes[-1].to_ms, step_ms, MAX_POINTS)
        step_ms = steps.step_ms
        sums = enumerate(steps.sums(points))
        points = [(steps.from_ms + number * step_ms, posts) for number, posts in sums if posts]
    return points, step_ms


def _find(key: str, tags: Iterable[Tagged]) -> Tagged | None:
    return next((tag for tag in tags if tag.key == key), None)


def _leads_in(key: str, snapshot: Snapshot) -> list[str]:
    return [name for name, facet in snapshot.facets.source.items() if any(tag.key == key for tag in facet.top)]


def _links(label: str, sources: list[str], snapshot: Snapshot) -> list[Link]:
    """Links for the sources in which the tag leads; for all sources if it leads in none."""
    status = snapshot.health.ingest.status
    running = status.sources if status else []
    return links(label, sources or [source.name for source in running], running)
