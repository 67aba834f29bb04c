"""The snapshot as the job pushes it (docs/protocol.md, "Snapshot").

These types check a push, describe it in `/api/openapi.json`, and make docs/snapshot.schema.json. Fields that are not
named here are accepted and passed on, because a newer job may send more.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from dashboard.snapshots import fields as f
from dashboard.snapshots.alerts_schema import MAX_ALERTS, Alert, AlertRules
from dashboard.snapshots.fields import Count, Rank, TimeMs
from dashboard.snapshots.health_schema import Health
from dashboard.snapshots.mute_schema import Mute, Muted
from dashboard.snapshots.pairs_schema import Pairs
from dashboard.snapshots.rising_schema import Rising
from dashboard.snapshots.samples_schema import Samples

#: Tags in a `top`.
LEADING = 50
#: Tags in the `top` of a facet, and of the window of a closed pane.
FACET_LEADING = 20
#: Tags of the window of a closed pane: 20 are shown. Those behind them take the places of tags that are muted later.
CLOSED_LEADING = 40
#: Closed panes in one snapshot.
MAX_PANES = 60


class Named(Struct, frozen=True, omit_defaults=True):
    """A tag and its posts, in a closed pane or in the window of a closed pane."""

    key: f.Key
    label: f.Label
    posts: f.TagPosts
    authors: Annotated[
        Count | None,
        Meta(description="Different accounts that wrote these posts. Null in a pane, and where they are not known."),
    ] = None
    taken_back: f.TakenBack = None


class Leader(Struct, frozen=True):
    """One of the leading tags of the window, of the totals, or of a micro-batch."""

    rank: f.Place
    previous_rank: f.PreviousRank
    key: f.Key
    label: f.Label
    posts: f.TagPosts
    posts_before: f.PostsBefore
    first_seen_ms: Annotated[TimeMs, Meta(description="When the tag was first counted in this epoch.")]


class WindowLeader(Leader, frozen=True):
    """One of the leading tags of the window."""

    panes: f.Curve
    authors: f.TagAuthors = None
    taken_back: f.TakenBack = None


class FacetLeader(Named, frozen=True):
    """One of the leading tags of one source or one language in the window. Older jobs send only the first fields."""

    rank: Annotated[Rank | None, Meta(description="The place in the list. 1 is the leader.")] = None
    previous_rank: f.PreviousRank = None
    posts_before: f.PostsBefore = None
    first_seen_ms: Annotated[
        TimeMs | None, Meta(description="When the tag was first counted in this epoch, in any source or language.")
    ] = None
    panes: Annotated[
        list[Count] | None,
        Meta(description="Posts with this tag in each pane of the window, oldest first. The open pane is the last."),
    ] = None


class Sampled(Struct, frozen=True):
    """Of how many accounts one is counted, and the result multiplied. 1: all of them are counted."""

    authors: Annotated[int, Meta(description="For the accounts of all posts.", ge=1)]
    tags: Annotated[int, Meta(description="For the accounts of each tag.", ge=1)]


class Window(Struct, frozen=True):
    """The sliding window: the open pane, and as many panes before it as make up `window_seconds`."""

    from_ms: Annotated[TimeMs, Meta(description="Start of the oldest pane.")]
    to_ms: Annotated[TimeMs, Meta(description="Up to when posts are counted, by ingest's clock.")]
    posts: Annotated[Count, Meta(description="All posts in the window, those without tags too.")]
    posts_before: Annotated[Count, Meta(description="All posts in the equally long window before.")]
    top: Annotated[
        list[WindowLeader], Meta(description="The leading tags of the window, most posts first.", max_length=LEADING)
    ]
    authors: f.Authors = None
    by_authors: Annotated[
        Annotated[list[WindowLeader], Meta(max_length=LEADING)] | None,
        Meta(
            description="The leading tags of the window, most accounts first. Ranks are those of this order. Older "
            "jobs don't send it."
        ),
    ] = None
    taken_back: f.TakenBack = None
    topics: f.Topics = None
    sampled: Annotated[
        Sampled | None,
        Meta(
            description="Whether the numbers of accounts are estimates, here, in the facets and in the list of rising "
            "tags. Older jobs don't send it."
        ),
    ] = None


class Coverage(Struct, frozen=True):
    """How much of the window was counted."""

    from_ms: f.CountedFromMs
    missing_ms: f.MissingMs
    before: Annotated[
        bool, Meta(description="Whether this window and the one before were counted, so that they can be compared.")
    ]


class Total(Struct, frozen=True):
    """Everything since the epoch began."""

    since_ms: f.SinceMs
    posts: f.TotalPosts
    tags: f.TotalTags
    top: Annotated[
        list[Leader], Meta(description="The leading tags of the totals, most posts first.", max_length=LEADING)
    ]
    dropped_tags: f.DroppedTags = 0
    dropped_posts: f.DroppedPosts = 0
    sources: f.SourceNames = None


class Batch(Struct, frozen=True):
    """The last micro-batch."""

    posts: Annotated[Count, Meta(description="All posts of the micro-batch, those without tags too.")]
    at_ms: Annotated[TimeMs, Meta(description="When ingest accepted its last post.")]
    top: Annotated[
        list[Leader], Meta(description="The leading tags of the micro-batch, most posts first.", max_length=LEADING)
    ]


class Facet(Struct, frozen=True):
    """The window of one source or one language."""

    posts: Annotated[Count, Meta(description="All posts of this source or language in the window.")]
    top: Annotated[
        list[FacetLeader],
        Meta(description="Its leading tags in the window, most posts first.", max_length=FACET_LEADING),
    ]
    posts_before: Annotated[
        Count | None, Meta(description="All its posts in the window before. Older jobs don't send them.")
    ] = None
    authors: f.Authors = None
    by_authors: Annotated[
        Annotated[list[FacetLeader], Meta(max_length=FACET_LEADING)] | None,
        Meta(
            description="Its leading tags in the window, most accounts first. Ranks are those of this order. Older "
            "jobs don't send it."
        ),
    ] = None
    taken_back: f.TakenBack = None


class Facets(Struct, frozen=True):
    """The window by source and by language."""

    source: Annotated[dict[str, Facet], Meta(description="The window of each source, by name.")]
    lang: Annotated[dict[str, Facet], Meta(description="The window of each of the leading languages, by code.")]


class ClosedWindow(Struct, frozen=True):
    """The window as it was when a pane closed. It ended with that pane."""

    from_ms: Annotated[TimeMs, Meta(description="Start of its oldest pane.")]
    posts: Annotated[Count, Meta(description="All posts in that window, those without tags too.")]
    top: Annotated[
        list[Named], Meta(description="The leading tags of that window, most posts first.", max_length=CLOSED_LEADING)
    ]
    sources: f.SourceNames = None
    counted_from_ms: Annotated[
        TimeMs | None, Meta(description="Where counting begins in that window. Null if it was not stored.")
    ] = None
    authors: f.Authors = None
    by_authors: Annotated[
        Annotated[list[Named], Meta(max_length=CLOSED_LEADING)] | None,
        Meta(description="The leading tags of that window, most accounts first. Older jobs don't send it."),
    ] = None
    taken_back: f.TakenBack = None


class Pane(Struct, frozen=True):
    """A closed pane: the counts of `pane_seconds`."""

    epoch: Annotated[Count, Meta(description="The epoch in which it was counted.")]
    from_ms: Annotated[TimeMs, Meta(description="When the pane begins.")]
    to_ms: Annotated[TimeMs, Meta(description="When the pane ends.")]
    posts: Annotated[Count, Meta(description="All posts in the pane, those without tags too.")]
    top: Annotated[list[Named], Meta(description="The leading tags of the pane, most posts first.", max_length=LEADING)]
    window: Annotated[
        ClosedWindow | None, Meta(description="The window that ended with the pane. Null where it is not known.")
    ] = None
    rising: Annotated[
        Rising | None,
        Meta(description="The list of rising tags as it was when the pane closed. Null where it is not known."),
    ] = None


class ShownSnapshot(Struct, frozen=True, kw_only=True):
    """The snapshot as the job pushed it, without `panes`, `samples`, `alerts` and the list of muted tags."""

    epoch: f.Epoch
    seq: Annotated[Count, Meta(description="Grows with each snapshot of an epoch.")]
    produced_at_ms: Annotated[TimeMs, Meta(description="When the job made the snapshot, by its clock.")]
    batch_id: Annotated[
        Annotated[int, Meta(ge=-1)] | None,
        Meta(description="Number of the last micro-batch. Null before the first one of a run."),
    ]
    pane_seconds: f.PaneSeconds
    window_seconds: f.WindowSeconds
    trigger_seconds: Annotated[float, Meta(ge=0, description="Time between two micro-batches.")]
    top_n: Annotated[int, Meta(ge=1, le=LEADING, description="Bars on the page.")]
    window: Annotated[Window, Meta(description="The sliding window.")]
    total: Annotated[Total, Meta(description="Everything since the epoch began.")]
    batch: Annotated[Batch | None, Meta(description="The last micro-batch. Null before the first one of a run.")]
    facets: Annotated[Facets, Meta(description="The window of each source, and of each of the leading languages.")]
    health: Annotated[Health, Meta(description="How counting goes.")]
    coverage: Annotated[
        Coverage | None, Meta(description="How much of the window was counted. Older jobs don't send it.")
    ] = None
    rising: Annotated[
        Rising | None,
        Meta(
            description="The list of rising tags when the last pane closed. Null before that. Older jobs don't send it."
        ),
    ] = None
    pairs: Annotated[
        Pairs | None,
        Meta(description="Which other tags the posts with a leading tag have. Older jobs don't send it."),
    ] = None
    mute: Annotated[
        Muted | None, Meta(description="How many tags the operator has muted. Older jobs don't send it.")
    ] = None
    alert_rules: Annotated[
        AlertRules | None, Meta(description="The rules of alerts. Null or missing: the job has no file of rules.")
    ] = None


class Snapshot(ShownSnapshot, frozen=True, kw_only=True):
    """The whole state of the job at one moment."""

    panes: Annotated[
        list[Pane],
        Meta(description="Closed panes that the dashboard has not acknowledged, oldest first.", max_length=MAX_PANES),
    ]
    samples: Annotated[
        Samples | None,
        Meta(
            description="The newest posts of leading tags. Null or missing: they are those of the snapshot before. "
            "Older jobs don't send it."
        ),
    ] = None
    mute: Annotated[Mute | None, Meta(description="What the operator has muted. Older jobs don't send it.")] = None
    alerts: Annotated[
        Annotated[list[Alert], Meta(max_length=MAX_ALERTS)] | None,
        Meta(description="Alerts that the dashboard has not acknowledged, oldest first. Missing: there are none."),
    ] = None
