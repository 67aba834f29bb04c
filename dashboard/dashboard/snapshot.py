"""The snapshot as it comes over the wire (docs/protocol.md, "Snapshot"), and the slim event made from it.

Fields that are not named here are let through: a newer job may say more.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

MAX_INTEGER = 2**63 - 1
"""The greatest that can be kept."""
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
TimeMs = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]

LEADING = 50
"""Tags in a `top`."""
SLIM_LEADING = 20
"""Tags in the `top` of the event that goes to every browser."""


class SnapshotError(Exception):
    """A pushed body is not a snapshot; the message is one sentence that says where."""


class Named(Struct, frozen=True):
    """A tag and its posts, in facets and panes."""

    key: Annotated[str, Meta(min_length=1)]
    label: Annotated[str, Meta(min_length=1)]
    posts: Count


class Leader(Struct, frozen=True):
    """One of the leading tags of a window, of the totals, or of a micro-batch."""

    rank: Annotated[int, Meta(ge=1)]
    previous_rank: Annotated[int, Meta(ge=1)] | None
    key: Annotated[str, Meta(min_length=1)]
    label: Annotated[str, Meta(min_length=1)]
    posts: Count
    posts_before: Count
    first_seen_ms: TimeMs


class WindowLeader(Leader, frozen=True):
    """A leader of the window: it has posts per pane, oldest first, the open pane last."""

    panes: list[Count]


class Window(Struct, frozen=True):
    """The sliding window that the page shows."""

    from_ms: TimeMs
    to_ms: TimeMs
    posts: Count
    posts_before: Count
    top: Annotated[list[WindowLeader], Meta(max_length=LEADING)]


class Total(Struct, frozen=True):
    """Everything since the epoch began."""

    since_ms: TimeMs
    posts: Count
    tags: Count
    top: Annotated[list[Leader], Meta(max_length=LEADING)]


class Batch(Struct, frozen=True):
    """The last micro-batch."""

    posts: Count
    at_ms: TimeMs
    top: Annotated[list[Leader], Meta(max_length=LEADING)]


class Facet(Struct, frozen=True):
    """The window of one source or one language."""

    posts: Count
    top: Annotated[list[Named], Meta(max_length=20)]


class Facets(Struct, frozen=True):
    """The window by source and by language."""

    source: dict[str, Facet]
    lang: dict[str, Facet]


class Pane(Struct, frozen=True):
    """A closed pane, to be kept."""

    epoch: Count
    from_ms: TimeMs
    to_ms: TimeMs
    posts: Count
    top: Annotated[list[Named], Meta(max_length=LEADING)]


class Source(Struct, frozen=True):
    """One source of ingest, as `STATUS` tells it."""

    name: str
    terms: list[str]
    languages: list[str]
    state: str
    since_ms: TimeMs
    error: str | None
    accepted: Count
    duplicate: Count
    filtered: Count
    malformed: dict[str, Count]
    until_ms: TimeMs | None = None
    facts: dict[str, Any] = {}


class Status(Struct, frozen=True):
    """What ingest answered to `STATUS`, as far as the page needs it."""

    sources: list[Source]
    notice: str | None = None
    track_error: str | None = None


class Ingest(Struct, frozen=True):
    """How the job sees ingest."""

    reachable: bool
    since_ms: TimeMs
    error: str | None
    status: Status | None


class Health(Struct, frozen=True):
    """How counting goes."""

    offset: Count
    lag_posts: Count
    lag_ms: Count
    lost: Count
    newest_at_ms: TimeMs | None
    batch_ms: Annotated[float, Meta(ge=0)] | None
    posts_per_second: Annotated[float, Meta(ge=0)]
    started_at_ms: TimeMs
    epoch_reason: str
    query_error: str | None
    query_failures: Count
    ingest: Ingest


class Snapshot(Struct, frozen=True):
    """The whole state at one moment."""

    epoch: Count
    seq: Count
    produced_at_ms: TimeMs
    batch_id: Annotated[int, Meta(ge=-1)] | None
    pane_seconds: Annotated[float, Meta(gt=0)]
    window_seconds: Annotated[float, Meta(gt=0)]
    trigger_seconds: Annotated[float, Meta(ge=0)]
    top_n: Annotated[int, Meta(ge=1, le=LEADING)]
    window: Window
    total: Total
    batch: Batch | None
    facets: Facets
    panes: Annotated[list[Pane], Meta(max_length=60)]
    health: Health


_decoder = msgspec.json.Decoder(Snapshot)
_fields_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])


def parse_snapshot(body: bytes) -> Snapshot:
    """The snapshot in `body`. Raises SnapshotError, whose sentence goes back to the sender."""
    try:
        snapshot = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise SnapshotError(f"The snapshot has not the agreed shape: {error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SnapshotError(f"The body is not JSON: {error}.") from error
    if snapshot.window.from_ms > snapshot.window.to_ms:
        raise SnapshotError("The snapshot's window ends before it begins.")
    _check_order("window", snapshot.window.top)
    _check_order("total", snapshot.total.top)
    if snapshot.batch is not None:
        _check_order("batch", snapshot.batch.top)
    for pane in snapshot.panes:
        if pane.from_ms >= pane.to_ms:
            raise SnapshotError(f"The pane from {pane.from_ms} ends before it begins.")
    return snapshot


def _check_order(name: str, top: list[WindowLeader] | list[Leader]) -> None:
    """Raise unless ranks count 1, 2, 3 … and posts never rise: the page draws by both."""
    keys = {leader.key for leader in top}
    if len(keys) != len(top):
        raise SnapshotError(f"The snapshot's {name} has the same tag twice.")
    before = None
    for place, leader in enumerate(top, start=1):
        if leader.rank != place:
            raise SnapshotError(f"The snapshot's {name} has rank {leader.rank} in place {place}.")
        if before is not None and leader.posts > before:
            raise SnapshotError(f"The snapshot's {name} is not sorted by posts at rank {place}.")
        before = leader.posts


def without_panes(body: bytes) -> bytes:
    """The snapshot in `body` without its `panes`; every other field byte for byte as it was pushed."""
    fields = _fields_decoder.decode(body)
    fields.pop("panes", None)
    return msgspec.json.encode(fields)


def slim_event(snapshot: Snapshot, history_notice: str | None) -> dict[str, Any]:
    """The Socket.IO event `snapshot`: what a page needs each second and nothing more."""
    window, health, ingest = snapshot.window, snapshot.health, snapshot.health.ingest
    return {
        "epoch": snapshot.epoch,
        "seq": snapshot.seq,
        "produced_at_ms": snapshot.produced_at_ms,
        "top_n": snapshot.top_n,
        "from_ms": window.from_ms,
        "to_ms": window.to_ms,
        "posts": window.posts,
        "top": [
            {
                "rank": leader.rank,
                "previous_rank": leader.previous_rank,
                "key": leader.key,
                "label": leader.label,
                "posts": leader.posts,
            }
            for leader in window.top[:SLIM_LEADING]
        ],
        "health": {
            "offset": health.offset,
            "lag_posts": health.lag_posts,
            "lag_ms": health.lag_ms,
            "lost": health.lost,
            "newest_at_ms": health.newest_at_ms,
            "batch_ms": health.batch_ms,
            "posts_per_second": health.posts_per_second,
            "query_error": health.query_error,
            "epoch_reason": health.epoch_reason,
            "history": history_notice,
            "ingest": {
                "reachable": ingest.reachable,
                "since_ms": ingest.since_ms,
                "error": ingest.error,
                "notice": ingest.status.notice if ingest.status else None,
                "track_error": ingest.status.track_error if ingest.status else None,
                "sources": [msgspec.to_builtins(s) for s in ingest.status.sources] if ingest.status else [],
            },
        },
    }
