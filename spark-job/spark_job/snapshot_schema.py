"""The snapshot as the job pushes it (docs/protocol.md, "Snapshot").

The dashboard has its own types for it; docs/snapshot.schema.json says what each field means. A test compares these
types with that file. Fields are encoded in the order in which they stand here.
"""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from spark_job.alerts_schema import MAX_ALERTS, Alert, AlertRules
from spark_job.executor.ingest_client import Status
from spark_job.panel_schema import Pairs, Samples
from spark_job.rising_schema import Rising
from spark_job.snapshot_fields import Count, OneOf, Rank, Text, TimeMs

#: Most tags in the `top` of a ranking.
LEADERS = 50
#: Most tags in the `top` of a facet.
FACET_LEADERS = 20
#: Most tags in the `top` of the window of a closed pane: the page shows 20. Those behind them take the places of tags
#: that are muted later.
CLOSED_LEADERS = 40
#: Most closed panes in one snapshot.
MAX_PANES = 60


class Leader(Struct, frozen=True, kw_only=True):
    """One of the leading tags of the totals or of a micro-batch."""

    rank: Rank
    previous_rank: Rank | None
    key: Text
    posts: Count
    posts_before: Count | None
    label: Text
    first_seen_ms: TimeMs


class WindowLeader(Struct, frozen=True, kw_only=True):
    """One of the leading tags of the window.

    `panes`: its posts per pane, oldest first, the open pane last; `authors`: its different authors in the window;
    `taken_back`: its posts in the window that were deleted.
    """

    rank: Rank
    previous_rank: Rank | None
    key: Text
    posts: Count
    posts_before: Count | None
    panes: list[Count]
    label: Text
    first_seen_ms: TimeMs
    authors: Count | UnsetType = UNSET
    taken_back: Count | UnsetType = UNSET


class FacetLeader(WindowLeader, frozen=True, kw_only=True):
    """One of the leading tags of one source or one language in the window."""


class Sampled(Struct, frozen=True, kw_only=True):
    """Of how many authors one is counted, and the result multiplied. 1: all of them are counted.

    `authors`: for the authors of all posts; `tags`: for those of each tag.
    """

    authors: OneOf
    tags: OneOf


class Window(Struct, frozen=True, kw_only=True):
    """The sliding window, from the start of its oldest pane.

    `authors`: the different authors of all posts; `by_authors`: the window ranked by the authors of the tags;
    `taken_back`: the posts that were deleted; `topics`: groups of its leading tags that are one topic;
    `sampled`: whether numbers of authors are estimates, here and in the facets.
    """

    from_ms: TimeMs
    to_ms: TimeMs
    posts: Count
    posts_before: Count
    top: Annotated[list[WindowLeader], Meta(max_length=LEADERS)]
    authors: Count | UnsetType = UNSET
    by_authors: Annotated[list[WindowLeader], Meta(max_length=LEADERS)] | UnsetType = UNSET
    taken_back: Count | UnsetType = UNSET
    topics: Annotated[list[list[Text]], Meta(max_length=LEADERS)] | UnsetType = UNSET
    sampled: Sampled | UnsetType = UNSET


class Coverage(Struct, frozen=True, kw_only=True):
    """How much of the window was counted.

    `from_ms`: where counting begins in it; `missing_ms`: how much is missing after that; `before`: whether the window
    and the equally long one before it were counted, so that they can be compared.
    """

    from_ms: TimeMs
    missing_ms: Count
    before: bool


class Total(Struct, frozen=True, kw_only=True):
    """Everything since the epoch began."""

    since_ms: TimeMs
    posts: Count
    tags: Count
    dropped_tags: Count
    dropped_posts: Count
    sources: list[str]
    top: Annotated[list[Leader], Meta(max_length=LEADERS)]


class Batch(Struct, frozen=True, kw_only=True):
    """The last micro-batch. `at_ms`: when ingest accepted its last post."""

    posts: Count
    at_ms: TimeMs
    top: Annotated[list[Leader], Meta(max_length=LEADERS)]


class Facet(Struct, frozen=True, kw_only=True):
    """The window of one source or one language. `authors`, `by_authors` and `taken_back` as in the window."""

    posts: Count
    posts_before: Count
    top: Annotated[list[FacetLeader], Meta(max_length=FACET_LEADERS)]
    authors: Count | UnsetType = UNSET
    by_authors: Annotated[list[FacetLeader], Meta(max_length=FACET_LEADERS)] | UnsetType = UNSET
    taken_back: Count | UnsetType = UNSET


class Facets(Struct, frozen=True, kw_only=True):
    """The window by source and by language."""

    source: dict[str, Facet]
    lang: dict[str, Facet]


class Named(Struct, frozen=True, kw_only=True):
    """A tag and its posts, in a closed pane or in the window of a closed pane. Only the latter has the last two."""

    key: Text
    label: Text
    posts: Count
    authors: Count | UnsetType = UNSET
    taken_back: Count | UnsetType = UNSET


class ClosedWindow(Struct, frozen=True, kw_only=True):
    """The window that ended with a pane. State files of older versions lack the last five fields."""

    from_ms: TimeMs
    posts: Count
    top: Annotated[list[Named], Meta(max_length=CLOSED_LEADERS)]
    sources: list[str] | UnsetType = UNSET
    counted_from_ms: TimeMs | UnsetType = UNSET
    authors: Count | UnsetType = UNSET
    by_authors: Annotated[list[Named], Meta(max_length=CLOSED_LEADERS)] | UnsetType = UNSET
    taken_back: Count | UnsetType = UNSET


class Mute(Struct, frozen=True, kw_only=True):
    """The muted tags. No list has one of them.

    Args:
        tags: How many keys and patterns the file of muted tags has.
        hidden: How many tags of the window are muted.
        keys: The muted keys.
        patterns: Patterns of muted keys, in which `*` stands for any characters.
        error: Why the file can't be used, so that the last one is in use. None if all is well.

    """

    tags: Count
    hidden: Count
    keys: list[Text]
    patterns: list[Text]
    error: str | None


class Pane(Struct, frozen=True, kw_only=True):
    """A closed pane. `window` is None where it is not known. `rising`: the list as it was when the pane closed."""

    epoch: Count
    from_ms: TimeMs
    to_ms: TimeMs
    posts: Count
    top: Annotated[list[Named], Meta(max_length=LEADERS)]
    window: ClosedWindow | None
    rising: Rising | UnsetType | None = UNSET


class Ingest(Struct, frozen=True, kw_only=True):
    """What is known of ingest.

    Args:
        reachable: Whether ingest answered the last request.
        since_ms: Since when it has been reachable, or unreachable, by the job's clock.
        error: Why it can't be reached, or why it refuses acknowledgements. None if all is well.
        status: The newest `STATUS`, even if ingest can't be reached now. None before the first one.

    """

    reachable: bool
    since_ms: TimeMs
    error: str | None
    status: Status | None


class ArchivedHour(Struct, frozen=True, kw_only=True):
    """The file that was written last: the start of its hour, its size, and tagged posts that are missing in it."""

    hour_ms: TimeMs
    bytes: Count
    rows: Count
    dropped_posts: Count


class Archived(Struct, frozen=True, kw_only=True):
    """The archive.

    Args:
        hours: The hours that have a file.
        waiting: The hours that are decided and have no file yet.
        failures: How often writing has failed since the job started.
        dropped: Hours that were given up since the job started, because too many waited.
        newest: The file that was written last since the job started. None before the first one.

    """

    hours: Count
    waiting: Count
    failures: Count
    dropped: Count
    newest: ArchivedHour | None


class Health(Struct, frozen=True, kw_only=True):
    """How counting goes. What is not known yet is None.

    `late`: posts of a topic that came after their pane had closed, and were counted in the open one; `next_change`: the
    first entry of ingest's log of changes that is not counted; `archive`: why hours can't be archived, as one sentence;
    `archived`: the archive, None if there is none.
    """

    offset: Count
    lag_posts: Count
    lag_ms: Count
    lost: Count
    skipped: Count
    newest_at_ms: TimeMs | None
    batch_ms: Count | None
    posts_per_second: Annotated[float, Meta(ge=0)]
    started_at_ms: TimeMs
    epoch_reason: str
    query_error: str | None
    query_failures: Count
    ingest: Ingest
    cut: Count = 0
    archive: str | None = None
    archived: Archived | None = None
    late: Count = 0
    next_change: Count = 0


class Snapshot(Struct, frozen=True, kw_only=True):
    """The whole state of the job at one moment. `rising`: the list when the last pane closed, None before the first.

    `samples` is missing if nothing has changed since they were sent last, `alerts` and `alert_rules` if there are none.
    """

    epoch: Count
    seq: Count
    produced_at_ms: TimeMs
    batch_id: Annotated[int, Meta(ge=-1)] | None
    pane_seconds: Annotated[int, Meta(gt=0)]
    window_seconds: Annotated[int, Meta(gt=0)]
    trigger_seconds: Annotated[float, Meta(ge=0)]
    top_n: Annotated[int, Meta(ge=1, le=LEADERS)]
    window: Window
    coverage: Coverage
    total: Total
    batch: Batch | None
    facets: Facets
    panes: Annotated[list[Pane], Meta(max_length=MAX_PANES)]
    health: Health
    rising: Rising | UnsetType | None = UNSET
    pairs: Pairs | UnsetType = UNSET
    samples: Samples | UnsetType = UNSET
    mute: Mute | UnsetType = UNSET
    alerts: Annotated[list[Alert], Meta(max_length=MAX_ALERTS)] | UnsetType = UNSET
    alert_rules: AlertRules | UnsetType = UNSET
