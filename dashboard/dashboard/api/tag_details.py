"""Details of one tag: its numbers in the newest snapshot, and its stored history."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NamedTuple, TypeVar

from msgspec import Meta, Struct

from dashboard.api.platform_links import Link, links
from dashboard.history.timeline import Steps
from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, Rank, TimeMs
from dashboard.snapshots.pairs_schema import OTHERS, AtMs, IsExact
from dashboard.snapshots.rising_schema import HeldBack, RisingTag
from dashboard.snapshots.views import coverage_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dashboard.history.pane_index import Counts
    from dashboard.history.store import History
    from dashboard.job.tags import CountedTag
    from dashboard.snapshots.event import EventLeader
    from dashboard.snapshots.pairs_schema import Pairs
    from dashboard.snapshots.schema import Leader, Named, Snapshot, WindowLeader

Tagged = TypeVar("Tagged", bound="Leader | Named | RisingTag | HeldBack | EventLeader")
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
    panes: Annotated[
        list[Count] | None,
        Meta(
            description="Posts with this tag in each pane of the window, oldest first. The open pane is the last. Null "
            "for a tag that is not among the leading 50."
        ),
    ]
    authors: f.TagAuthors
    taken_back: f.TakenBack


class TagTotal(Struct, frozen=True):
    """A tag in the totals."""

    rank: Annotated[
        Rank | None, Meta(description="The place in the totals. Null for a tag that is not among the leading 50.")
    ]
    posts: Annotated[Count, Meta(description="Posts with this tag since the epoch began.")]


class PairedTag(Struct, frozen=True):
    """Another tag of the posts with a tag."""

    key: f.Key
    label: f.Label
    posts: Annotated[Count, Meta(description="Posts with both tags.")]


class TagPairs(Struct, frozen=True, kw_only=True):
    """The other tags of the posts with a tag."""

    at_ms: AtMs
    is_exact: IsExact
    tags: Annotated[list[PairedTag], Meta(description="The other tags, most posts with both first.", max_length=OTHERS)]


class Tag(Struct, frozen=True, kw_only=True):
    """Details of one tag."""

    key: f.Key
    label: f.Label
    epoch: Annotated[Count | None, Meta(description="The epoch of the snapshot that was read. Null before the first.")]
    seq: Annotated[Count | None, Meta(description="The `seq` of the snapshot that was read. Null before the first.")]
    window: Annotated[
        TagWindow | None,
        Meta(
            description="The tag in the window. Null if it has no posts there, and for a tag that is not among the "
            "leading 50 there while the job can't be reached."
        ),
    ]
    total: Annotated[
        TagTotal | None,
        Meta(
            description="The tag in the totals. Null for a tag that is not among the leading 50 there, unless the job "
            "was requested for it."
        ),
    ]
    first_seen_ms: Annotated[
        TimeMs | None,
        Meta(description="When the tag was first counted in this epoch. Null where that is not known."),
    ]
    pairs: Annotated[
        TagPairs | None, Meta(description="The other tags of its posts in the window. Null where they are not known.")
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


def tag_details(key: str, snapshot: Snapshot | None, history: History, counted: CountedTag | None) -> Tag | None:
    """What `GET /api/tags/<key>` answers; None for a tag that nobody knows.

    Args:
        key: The key of the tag.
        snapshot: The newest snapshot.
        history: The stored panes.
        counted: The tag as the job found it, if it is not among the leading tags of the window.

    Raises:
        HistoryAwayError: The history can't be read.

    """
    panes = [pane for pane in history.index().panes() if key in pane.tags]
    now = _now(key, snapshot, counted) if snapshot else _NOTHING
    label = now.label or (last_label(key, panes[-1], history) if panes else None)
    if label is None:
        return None
    sources = _leads_in(key, snapshot) if snapshot else []
    points, step_ms = _history(key, panes)
    return Tag(
        key=key,
        label=label,
        epoch=snapshot.epoch if snapshot else None,
        seq=snapshot.seq if snapshot else None,
        window=now.window,
        total=now.total,
        first_seen_ms=now.first_seen_ms,
        pairs=_pairs(key, snapshot.pairs) if snapshot and snapshot.pairs else None,
        rising=now.rising,
        held_back=now.held_back,
        history=points,
        history_step_ms=step_ms,
        sources=sources,
        links=_links(label, sources, snapshot) if snapshot else [],
    )


def _pairs(key: str, pairs: Pairs) -> TagPairs | None:
    others = pairs.of.get(key)
    if others is None:
        return None
    return TagPairs(at_ms=pairs.at_ms, is_exact=pairs.is_exact, tags=[PairedTag(*other) for other in others])


class _Now(NamedTuple):
    """The numbers of a tag in the newest snapshot."""

    label: str | None
    first_seen_ms: int | None = None
    window: TagWindow | None = None
    total: TagTotal | None = None
    rising: RisingTag | None = None
    held_back: HeldBack | None = None


_NOTHING = _Now(label=None)


def _now(key: str, snapshot: Snapshot, counted: CountedTag | None) -> _Now:
    window, total, batch, rising = snapshot.window, snapshot.total, snapshot.batch, snapshot.rising
    in_window = find(key, window.top)
    in_total = find(key, total.top)
    ranked = in_window or in_total or (find(key, batch.top) if batch else None) or find(key, window.by_authors or [])
    listed = find(key, [tag for topic in rising.topics for tag in topic.tags]) if rising else None
    held_back = find(key, rising.held_back) if rising else None
    facets = (*snapshot.facets.source.values(), *snapshot.facets.lang.values())
    in_facets = (find(key, [*facet.top, *(facet.by_authors or [])]) for facet in facets)
    named = ranked or listed or held_back or next(filter(None, in_facets), None) or counted
    first = ranked or counted
    return _Now(
        label=named.label if named else None,
        first_seen_ms=first.first_seen_ms if first else None,
        window=_in_window(in_window, snapshot) if in_window else _found_in_window(counted, snapshot),
        total=_in_total(in_total, counted),
        rising=listed,
        held_back=held_back,
    )


def _in_total(leader: Leader | None, counted: CountedTag | None) -> TagTotal | None:
    if leader is not None:
        return TagTotal(rank=leader.rank, posts=leader.posts)
    return TagTotal(rank=None, posts=counted.total_posts) if counted else None


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
        taken_back=leader.taken_back,
    )


def _found_in_window(counted: CountedTag | None, snapshot: Snapshot) -> TagWindow | None:
    """The window of a tag that does not lead there."""
    window = snapshot.window
    if counted is None or counted.window_rank is None:
        return None
    # The people of a tag that leads by people alone are known.
    by_authors = find(counted.key, window.by_authors or [])
    return TagWindow(
        rank=counted.window_rank,
        posts=counted.window_posts,
        # The job may have counted more posts since the snapshot.
        share=min(1.0, counted.window_posts / window.posts) if window.posts else 0.0,
        from_ms=window.from_ms,
        to_ms=window.to_ms,
        counted_from_ms=coverage_of(snapshot).from_ms,
        panes=by_authors.panes if by_authors else None,
        authors=by_authors.authors if by_authors else None,
        taken_back=by_authors.taken_back if by_authors else None,
    )


def last_label(key: str, counts: Counts, history: History) -> str | None:
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


def find(key: str, tags: Iterable[Tagged]) -> Tagged | None:
    """The tag with this key, or None."""
    return next((tag for tag in tags if tag.key == key), None)


def _leads_in(key: str, snapshot: Snapshot) -> list[str]:
    return [name for name, facet in snapshot.facets.source.items() if any(tag.key == key for tag in facet.top)]


def _links(label: str, sources: list[str], snapshot: Snapshot) -> list[Link]:
    """Links for the sources in which the tag leads; for all sources if it leads in none."""
    status = snapshot.health.ingest.status
    running = status.sources if status else []
    return links(label, sources or [source.name for source in running], running)
