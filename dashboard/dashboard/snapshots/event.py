"""The Socket.IO event `snapshot`: what the page gets each second (docs/protocol.md, "Browser")."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, TimeMs
from dashboard.snapshots.health_schema import Source
from dashboard.snapshots.mute_schema import Muted
from dashboard.snapshots.rising_schema import TOPICS, Rising
from dashboard.snapshots.schema import LEADING

#: Tags in the `top` of an event, and more of them for a page whose viewer hides some.
SHOWN, RESERVE = 20, 20

Ranking = Literal["window", "batch", "total", "rising"]
By = Literal["posts", "authors"]
#: Characters of a source or language in a view.
MAX_NAME_CHARACTERS = 100
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME_CHARACTERS)]


class View(Struct, frozen=True, forbid_unknown_fields=True):
    """What a client sees: a ranking, or the window of one source or one language, by posts or by people."""

    ranking: Annotated[
        Ranking,
        Meta(
            description="The sliding window, the last micro-batch, the totals since the epoch began, or the list of "
            "rising tags."
        ),
    ] = "window"
    source: Annotated[Name | None, Meta(description="Only posts of this source. Only with the ranking `window`.")] = (
        None
    )
    lang: Annotated[Name | None, Meta(description="Only posts in this language. Only with the ranking `window`.")] = (
        None
    )
    by: Annotated[
        By,
        Meta(
            description="Whether the tags are ranked by their posts or by their different accounts. By accounts only "
            "with the ranking `window`."
        ),
    ] = "posts"
    reserve: Annotated[
        bool | UnsetType,
        Meta(
            description="Whether `top` has up to 40 tags and not 20, as far as they are known: for a page whose viewer "
            "hides some of them."
        ),
    ] = UNSET

    @property
    def most(self) -> int:
        """The most tags in the `top` of its event."""
        return SHOWN + RESERVE if self.reserve is True else SHOWN


class EventLeader(Struct, frozen=True, kw_only=True):
    """One of the leading tags of a view."""

    rank: f.Place
    previous_rank: f.PreviousRank
    key: f.Key
    label: f.Label
    posts: f.TagPosts
    posts_before: f.PostsBefore
    first_seen_ms: Annotated[
        TimeMs | None, Meta(description="When the tag was first counted in this epoch. Null in the past.")
    ]
    panes: Annotated[
        list[Count] | None,
        Meta(
            description="Posts with this tag in each pane of the window, oldest first. The open pane is the last. "
            "Null for a tag that is not among the leading 50 of the window."
        ),
    ]
    authors: Annotated[
        Count | None,
        Meta(
            description="Different accounts that wrote posts with this tag in the window of the view. Null in the "
            "totals and in a micro-batch, and where they are not known."
        ),
    ]
    taken_back: Annotated[
        Count | UnsetType,
        Meta(
            description="The posts among these that are deleted now. They stay in `posts`. Missing if there are none, "
            "and where that is not known."
        ),
    ] = UNSET


class EventCoverage(Struct, frozen=True):
    """How much of the window was counted."""

    from_ms: f.CountedFromMs
    missing_ms: f.MissingMs


class Choices(Struct, frozen=True):
    """The possible values of `source` and `lang` in a view."""

    source: Annotated[
        list[tuple[str, Count]],
        Meta(description="Each source with its posts in the window. Most posts first, then by name."),
    ]
    lang: Annotated[
        list[tuple[str, Count]],
        Meta(description="Each leading language with its posts in the window. Most posts first, then by code."),
    ]


class EventTotal(Struct, frozen=True):
    """Everything since the epoch began."""

    since_ms: f.SinceMs
    posts: f.TotalPosts
    tags: f.TotalTags
    dropped_tags: f.DroppedTags
    dropped_posts: f.DroppedPosts


class EventIngest(Struct, frozen=True, kw_only=True):
    """How the job sees ingest."""

    reachable: f.Reachable
    since_ms: f.ReachableSinceMs
    error: f.IngestError
    notice: f.SpoolNotice
    track_error: f.TrackError
    watermark_ms: Annotated[
        TimeMs | None, Meta(description="Ingest's clock at the job's last request. Null before the first one.")
    ]
    sources: Annotated[list[Source], Meta(description="The sources that ingest reads.")]


class EventHealth(Struct, frozen=True, kw_only=True):
    """How counting goes."""

    offset: f.Offset
    lag_posts: f.LagPosts
    lag_ms: f.LagMs
    lost: f.Lost
    skipped: f.Skipped
    late: f.Late
    next_change: f.NextChange
    cut: f.Cut
    newest_at_ms: f.NewestAtMs
    batch_ms: f.BatchMs
    posts_per_second: f.PostsPerSecond
    query_error: f.QueryError
    epoch_reason: f.EpochReason
    ingest: Annotated[EventIngest, Meta(description="How the job sees ingest.")]
    history: Annotated[
        str | None, Meta(description="What an operator must know about the stored panes, as one sentence, or null.")
    ]
    relay: Annotated[
        str | None, Meta(description="Why the other dashboards can't be reached, as one sentence, or null.")
    ]
    archive: f.Archive
    archived_hours: Annotated[
        Count | None, Meta(description="The hours that are archived. Null if there is no archive.")
    ]


class EventAlerts(Struct, frozen=True, kw_only=True):
    """Whether there are alerts that a page does not know, and whether they are made."""

    newest_id: Annotated[
        str | None, Meta(description="The id of the alert that was stored last. Null if there is none.")
    ]
    rules: Annotated[Count, Meta(description="The rules of the job.")]
    error: Annotated[str | None, Meta(description="Why the file of rules can't be used, as one sentence, or null.")]
    dropped: Annotated[Count, Meta(description="Alerts that the job dropped because too many waited.")] = 0


class Event(Struct, frozen=True, kw_only=True):
    """A view at one moment: the Socket.IO event `snapshot`, or a window of the past.

    In a window of the past, `seq`, `age_ms`, `total` and `health` are null, and `choices` is empty.
    """

    epoch: f.Epoch
    seq: Annotated[Count | None, Meta(description="Grows with each snapshot of an epoch. Null in the past.")]
    produced_at_ms: Annotated[
        TimeMs, Meta(description="When the job made the snapshot, by its clock. In the past, the end of the window.")
    ]
    age_ms: Annotated[
        Count | None,
        Meta(description="Milliseconds from the arrival of the snapshot to this event. Null in the past."),
    ]
    top_n: Annotated[int, Meta(ge=1, le=LEADING, description="Bars on the page.")]
    pane_seconds: f.PaneSeconds
    window_seconds: f.WindowSeconds
    view: Annotated[View, Meta(description="The view that this event shows.")]
    from_ms: Annotated[TimeMs, Meta(description="When the window or the totals begin; the time of the micro-batch.")]
    to_ms: Annotated[TimeMs, Meta(description="Up to when posts are counted; the time of the micro-batch.")]
    posts: Annotated[Count, Meta(description="All posts of the view, those without tags too.")]
    posts_before: Annotated[
        Count | None,
        Meta(description="All posts of the view in the window before. Null if they were not counted completely."),
    ]
    top: Annotated[
        list[EventLeader],
        Meta(description="The leading tags of the view, most posts first.", max_length=SHOWN + RESERVE),
    ]
    coverage: Annotated[EventCoverage, Meta(description="How much of the window was counted.")]
    sources: f.SourceNames
    choices: Annotated[Choices, Meta(description="The possible values of `source` and `lang` in a view.")]
    total: Annotated[EventTotal | None, Meta(description="Everything since the epoch began. Null in the past.")]
    health: Annotated[EventHealth | None, Meta(description="How counting goes. Null in the past.")]
    authors: Annotated[
        Count | None,
        Meta(
            description="Different accounts that wrote the posts of the view. Null in the totals and in a "
            "micro-batch, and where they are not known."
        ),
    ]
    rising: Annotated[
        Rising | None,
        Meta(description="The list of rising tags. Null in other views, before the first one, and if none is stored."),
    ]
    rising_topics: Annotated[
        Annotated[int, Meta(ge=0, le=TOPICS)] | None,
        Meta(
            description="How many topics are on the list of rising tags. Null as long as too little is known of what "
            "is usual, and if the job sends no list."
        ),
    ]
    taken_back: Annotated[
        Count | None,
        Meta(
            description="The posts of the view that are deleted now. They stay in `posts`. Null in the totals and in a "
            "micro-batch, and where that is not known."
        ),
    ]
    topics: Annotated[
        list[Annotated[list[f.Key], Meta(min_length=2)]] | None,
        Meta(
            description="Groups of tags of `top` that are one topic. Null in other views than the window of all posts, "
            "and where that is not known."
        ),
    ]
    muted: Annotated[
        Muted | None,
        Meta(description="How many tags the operator has muted. Null in the past, and if the job does not say it."),
    ]
    alerts: Annotated[EventAlerts | None, Meta(description="The newest alert and the rules. Null in the past.")]
