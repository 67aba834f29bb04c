"""The part of a snapshot that says how ingest and counting go (docs/protocol.md, "`health`")."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, TimeMs


class Source(Struct, frozen=True):
    """One source of ingest, as ingest reports it in `STATUS`."""

    name: Annotated[str, Meta(description="demo, replay, x, bluesky, mastodon, …")]
    terms: Annotated[list[str], Meta(description="The terms in force. An empty list: every post is accepted.")]
    languages: Annotated[list[str], Meta(description="The languages in force. An empty list: all.")]
    state: Annotated[
        str,
        Meta(
            description="starting, waiting, live, retrying, paused, refused or finished. Treat an unknown state as one "
            "that is not live."
        ),
    ]
    since_ms: Annotated[TimeMs, Meta(description="Since when the source is in that state, by ingest's clock.")]
    error: Annotated[
        str | None, Meta(description="The last error, or the reason of a pause, as one sentence. Null without one.")
    ]
    accepted: Annotated[Count, Meta(description="Posts accepted since the source's session began.")]
    duplicate: Annotated[Count, Meta(description="Posts of the session that the source sent twice.")]
    filtered: Annotated[Count, Meta(description="Posts of the session that the terms or languages excluded.")]
    malformed: Annotated[dict[str, Count], Meta(description="Inputs of the session that were dropped, by reason.")]
    until_ms: Annotated[
        TimeMs | None, Meta(description="When the source continues, if it is paused or retrying. Otherwise null.")
    ] = None
    facts: Annotated[
        dict[str, Any], Meta(description="What the source reports about itself: texts and numbers, by name.")
    ] = {}
    deleted: Annotated[
        Count | UnsetType, Meta(description="Stored posts that their authors deleted, in the session.")
    ] = UNSET
    edited: Annotated[
        Count | UnsetType, Meta(description="Stored posts whose text their authors changed, in the session.")
    ] = UNSET
    not_stored: Annotated[
        Count | UnsetType, Meta(description="Deletions and changes of the session of posts that are not stored.")
    ] = UNSET


class Kafka(Struct, frozen=True):
    """Where on Kafka the log is."""

    topic: Annotated[str, Meta(description="The topic of the posts.")]
    partitions: Annotated[Count, Meta(description="Its number of partitions.")]


class Status(Struct, frozen=True):
    """What ingest answered to `STATUS`, as far as the dashboard needs it."""

    sources: Annotated[list[Source], Meta(description="The sources that ingest reads.")]
    notice: f.SpoolNotice = None
    track_error: f.TrackError = None
    watermark_ms: Annotated[
        TimeMs | None, Meta(description="Ingest's clock at this answer. No later post has an earlier time.")
    ] = None
    kafka: Annotated[Kafka | UnsetType, Meta(description="Where the log is, if it is on Kafka.")] = UNSET


class Ingest(Struct, frozen=True):
    """How the job sees ingest."""

    reachable: f.Reachable
    since_ms: f.ReachableSinceMs
    error: f.IngestError
    status: Annotated[Status | None, Meta(description="The last answer to `STATUS`. Null before the first one.")]


class ArchivedHour(Struct, frozen=True):
    """The file of the archive that was written last."""

    hour_ms: Annotated[TimeMs, Meta(description="When its hour begins.")]
    bytes: Annotated[Count, Meta(description="The size of the file.")]
    rows: Annotated[Count, Meta(description="The rows of the file.")]
    dropped_posts: Annotated[Count, Meta(description="Posts with hashtags that are missing in it.")]


class Archived(Struct, frozen=True):
    """The archive of the job."""

    hours: Annotated[Count, Meta(description="The hours that have a file.")]
    waiting: Annotated[Count, Meta(description="The hours that are complete and have no file yet.")]
    failures: Annotated[Count, Meta(description="How often writing has failed since the job started.")]
    dropped: Annotated[Count, Meta(description="Hours given up since the job started, because too many waited.")]
    newest: Annotated[
        ArchivedHour | None,
        Meta(description="The file that was written last since the job started. Null before the first one."),
    ] = None


class Health(Struct, frozen=True):
    """How counting goes."""

    offset: f.Offset
    lag_posts: f.LagPosts
    lag_ms: f.LagMs
    lost: f.Lost
    newest_at_ms: f.NewestAtMs
    batch_ms: f.BatchMs
    posts_per_second: f.PostsPerSecond
    started_at_ms: Annotated[TimeMs, Meta(description="When the job started, by its clock.")]
    epoch_reason: f.EpochReason
    query_error: f.QueryError
    query_failures: Annotated[Count, Meta(description="Failures of the query since the last counted micro-batch.")]
    ingest: Annotated[Ingest, Meta(description="How the job sees ingest.")]
    skipped: f.Skipped = 0
    cut: f.Cut = 0
    archive: f.Archive = None
    archived: Annotated[
        Archived | None, Meta(description="What is in the archive. Null if there is none, or before the first look.")
    ] = None
    late: f.Late = 0
    next_change: f.NextChange = None
