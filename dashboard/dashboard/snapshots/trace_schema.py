"""The trace of a micro-batch: what happened to its posts, stage by stage (docs/protocol.md, "GET /trace")."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, Rank, Text, TimeMs
from dashboard.snapshots.samples_schema import SampleTag

#: The most posts, dropped posts and tags of a trace, and the most characters of a text.
MAX_POSTS, MAX_DROPPED, MAX_TAGS, TEXT_CHARACTERS = 40, 20, 20, 280

StageName = Literal["accept", "plan", "count", "store", "rank", "push", "show"]
Place = Literal["ingest", "driver", "executors", "dashboard"]
WhyDropped = Literal["filtered", "duplicate", "malformed"]

TraceText = Annotated[
    Annotated[str, Meta(max_length=TEXT_CHARACTERS)] | None,
    Meta(
        description="The text, or its beginning. Null where it must not be shown (`SAMPLE_SOURCES`, `SAMPLE_POSTS`), "
        "where the post is deleted, and where there is none."
    ),
]
AtMs = Annotated[TimeMs, Meta(description="When ingest accepted the post or dropped it, by ingest's clock.")]
SourceName = Annotated[Text, Meta(description="Where the post is from, by name.")]
FromMs = Annotated[TimeMs, Meta(description="When it begins.")]
ToMs = Annotated[TimeMs, Meta(description="When it ends.")]
BeganMs = Annotated[TimeMs, Meta(description="When it began.")]
EndedMs = Annotated[TimeMs, Meta(description="When it ended.")]
FirstOffset = Annotated[Count, Meta(description="The offset of its first post.")]
EndOffset = Annotated[Count, Meta(description="The offset behind its last post.")]


class TracePost(Struct, frozen=True, kw_only=True):
    """A post of the micro-batch."""

    offset: Annotated[Count, Meta(description="The position of the post in the log, or in its partition.")]
    partition: Annotated[
        Count | None, Meta(description="The partition of the post, if the log is on Kafka. Otherwise null.")
    ] = None
    at_ms: AtMs
    source: SourceName
    lang: Annotated[Text, Meta(description="The language of the post, as a code; `und` if it is not known.")]
    text: TraceText
    tags: Annotated[list[SampleTag], Meta(description="The tags of the post, in order of appearance.")]


class TraceDropped(Struct, frozen=True, kw_only=True):
    """A post that ingest did not take into the log."""

    at_ms: AtMs
    source: SourceName
    text: TraceText
    why: Annotated[
        WhyDropped,
        Meta(
            description="`filtered`: the terms or languages don't want it; `duplicate`: the log has a post with its "
            "id; `malformed`: it is no post, or too long."
        ),
    ]
    detail: Annotated[str | None, Meta(description="What is malformed, in a few words. Null if it is not malformed.")]


class DroppedCounts(Struct, frozen=True, kw_only=True):
    """How many posts ingest dropped between the last post of the micro-batch before and the last one of this."""

    filtered: Annotated[Count, Meta(description="Posts that the terms or languages don't want.")]
    duplicate: Annotated[Count, Meta(description="Posts whose id the log has.")]
    malformed: Annotated[Count, Meta(description="Inputs that are no posts.")]


class TraceTask(Struct, frozen=True, kw_only=True):
    """A Spark task, which counted a part of the posts. Its times are of the clock of its machine."""

    executor: Annotated[Rank, Meta(description="The number of the executor, in order of host and process.")]
    host: Annotated[Text, Meta(description="The machine of the executor, by name.")]
    process: Annotated[Count, Meta(description="The Python process that counted, by its number on that machine.")]
    first_offset: FirstOffset
    end_offset: EndOffset
    began_ms: BeganMs
    ended_ms: EndedMs
    posts: Annotated[Count, Meta(description="The posts that it counted.")]


class TraceStage(Struct, frozen=True, kw_only=True):
    """When a stage ran. The clock is the job's; of `accept` it is ingest's, and of `show` the dashboard's."""

    stage: Annotated[
        StageName,
        Meta(
            description="`accept`: ingest accepted the first and the last post; `plan`: the driver requested the end "
            "of the log and cut the micro-batch; `count`: the tasks ran; `store`: the transaction; `rank`: a snapshot "
            "was made; `push`: it was sent; `show`: the dashboard stored it and sent it to the pages."
        ),
    ]
    place: Annotated[Place, Meta(description="Where it ran.")]
    began_ms: BeganMs
    ended_ms: EndedMs


class TracePane(Struct, frozen=True, kw_only=True):
    """The open pane."""

    from_ms: FromMs
    to_ms: ToMs


class LeftPane(Struct, frozen=True, kw_only=True):
    """The pane that left the window since the micro-batch before. Several panes are one here."""

    from_ms: FromMs
    to_ms: ToMs
    posts: Annotated[
        Count,
        Meta(
            description="The posts that left, those of this micro-batch too that were older than the window when it "
            "was counted."
        ),
    ]


class TraceWindow(Struct, frozen=True, kw_only=True):
    """The window after the micro-batch, with all posts, those without tags too."""

    from_ms: FromMs
    to_ms: ToMs
    posts_before: Annotated[Count, Meta(description="Posts of the window after the micro-batch before.")]
    posts: Annotated[
        Count,
        Meta(description="Posts of the window: `posts_before`, and those of the micro-batch, without those that left."),
    ]


class TraceTag(Struct, frozen=True, kw_only=True):
    """A tag, before and after the micro-batch."""

    key: f.Key
    label: f.Label
    batch_posts: Annotated[Count, Meta(description="Posts of the micro-batch with this tag, in the open pane.")]
    batch_posts_closed: Annotated[
        Count, Meta(description="Posts of the micro-batch with this tag in other panes, which are closed now.")
    ]
    pane_before: Annotated[Count, Meta(description="Posts in the open pane before the micro-batch.")]
    pane_after: Annotated[Count, Meta(description="Posts in the open pane: `pane_before` and `batch_posts`.")]
    panes: Annotated[
        list[Count], Meta(description="Posts in each pane of the window, oldest first. The open pane is the last.")
    ]
    left: Annotated[Count, Meta(description="Posts that left the window since the micro-batch before.")]
    window_before: Annotated[Count, Meta(description="Posts in the window after the micro-batch before.")]
    window_after: Annotated[
        Count,
        Meta(
            description="Posts in the window: the sum of `panes`, and `window_before` with `batch_posts` and "
            "`batch_posts_closed`, without `left`."
        ),
    ]
    rank_before: Annotated[
        Rank | None, Meta(description="The rank before the micro-batch. Null if it was not among the leading tags.")
    ]
    rank_after: Annotated[Rank | None, Meta(description="The rank now. Null if it is not among the leading tags.")]


class Trace(Struct, frozen=True, kw_only=True):
    """A micro-batch as it went through the stages."""

    epoch: f.Epoch
    seq: Annotated[Count, Meta(description="The number of the snapshot that was made of it.")]
    batch_id: Annotated[
        Count, Meta(description="Spark's number of the micro-batch, which begins at 0 with each query.")
    ]
    first_offset: FirstOffset
    end_offset: EndOffset
    posts: Annotated[Count, Meta(description="All its posts.")]
    posts_shown: Annotated[
        list[TracePost],
        Meta(max_length=MAX_POSTS, description="Its first posts, as in the log, without those that have a muted tag."),
    ]
    dropped: Annotated[
        list[TraceDropped],
        Meta(max_length=MAX_DROPPED, description="The newest of the dropped posts, as far as ingest has noted them."),
    ]
    dropped_counts: Annotated[DroppedCounts, Meta(description="How many posts were dropped.")]
    tasks: Annotated[
        list[TraceTask], Meta(description="The tasks, by their posts. Empty where they say nothing about themselves.")
    ]
    stages: Annotated[list[TraceStage], Meta(description="The stages in their order, those that are known.")]
    pane: Annotated[TracePane, Meta(description="The open pane.")]
    closed_panes: Annotated[Count, Meta(description="The closed panes of the window.")]
    left_pane: Annotated[LeftPane | None, Meta(description="What left the window. Null if nothing did.")]
    window: Annotated[TraceWindow, Meta(description="The window.")]
    tags: Annotated[
        list[TraceTag],
        Meta(
            max_length=MAX_TAGS,
            description="The leading 10 of the window by rank, then the others of the leading 10 of the micro-batch.",
        ),
    ]
