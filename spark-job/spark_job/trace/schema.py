"""The answer of `/trace` (docs/protocol.md). The dashboard has its own types for it, and says what each field means."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from spark_job.panel_schema import SampleTag
from spark_job.snapshot_fields import Count, Rank, Text, TimeMs

#: The most posts, dropped posts and tags of a trace, and the most characters of a text.
MAX_POSTS, MAX_DROPPED, MAX_TAGS, TEXT_CHARACTERS = 40, 20, 20, 280

StageName = Literal["accept", "plan", "count", "store", "rank", "push", "show"]
Place = Literal["ingest", "driver", "executors", "dashboard"]
WhyDropped = Literal["filtered", "duplicate", "malformed"]
TraceText = Annotated[str, Meta(max_length=TEXT_CHARACTERS)] | None


class TracePost(Struct, frozen=True, kw_only=True):
    """A post of the micro-batch. `partition`: its partition, in which it has the offset, if the log is on Kafka."""

    offset: Count
    partition: Count | UnsetType = UNSET
    at_ms: TimeMs
    source: Text
    lang: Text
    text: TraceText
    tags: list[SampleTag]


class TraceDropped(Struct, frozen=True, kw_only=True):
    """A post that ingest did not take into the log."""

    at_ms: TimeMs
    source: Text
    text: TraceText
    why: WhyDropped
    detail: str | None


class DroppedCounts(Struct, frozen=True, kw_only=True):
    """How many posts ingest dropped, by the reason."""

    filtered: Count = 0
    duplicate: Count = 0
    malformed: Count = 0


class TraceTask(Struct, frozen=True, kw_only=True):
    """A Spark task. Its times are of the clock of its machine."""

    executor: Rank
    host: Text
    process: Count
    first_offset: Count
    end_offset: Count
    began_ms: TimeMs
    ended_ms: TimeMs
    posts: Count


class TraceStage(Struct, frozen=True, kw_only=True):
    """When a stage ran, by the clock of the job; of the stage `accept`, by ingest's."""

    stage: StageName
    place: Place
    began_ms: TimeMs
    ended_ms: TimeMs


class TracePane(Struct, frozen=True, kw_only=True):
    """The open pane."""

    from_ms: TimeMs
    to_ms: TimeMs


class LeftPane(Struct, frozen=True, kw_only=True):
    """What left the window since the micro-batch before."""

    from_ms: TimeMs
    to_ms: TimeMs
    posts: Count


class TraceWindow(Struct, frozen=True, kw_only=True):
    """The window after the micro-batch, with all posts."""

    from_ms: TimeMs
    to_ms: TimeMs
    posts_before: Count
    posts: Count


class TraceTag(Struct, frozen=True, kw_only=True):
    """A tag before and after the micro-batch."""

    key: Text
    label: Text
    batch_posts: Count
    batch_posts_closed: Count
    pane_before: Count
    pane_after: Count
    panes: list[Count]
    left: Count
    window_before: Count
    window_after: Count
    rank_before: Rank | None
    rank_after: Rank | None


class Trace(Struct, frozen=True, kw_only=True):
    """A micro-batch."""

    epoch: Count
    seq: Count
    batch_id: Count
    first_offset: Count
    end_offset: Count
    posts: Count
    posts_shown: Annotated[list[TracePost], Meta(max_length=MAX_POSTS)]
    dropped: Annotated[list[TraceDropped], Meta(max_length=MAX_DROPPED)]
    dropped_counts: DroppedCounts
    tasks: list[TraceTask]
    stages: list[TraceStage]
    pane: TracePane
    closed_panes: Count
    left_pane: LeftPane | None
    window: TraceWindow
    tags: Annotated[list[TraceTag], Meta(max_length=MAX_TAGS)]


class TraceAnswer(Struct, frozen=True, kw_only=True):
    """The answer. `error`: what of the trace can't be shown, as one sentence."""

    trace: Trace | None
    error: str | None
