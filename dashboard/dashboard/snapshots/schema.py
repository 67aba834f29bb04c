"""The snapshot as it comes over the wire (docs/protocol.md, "Snapshot").

Fields that are not named here are let through: a newer job may say more.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from msgspec import Meta, Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_INTEGER = 2**63 - 1
"""The greatest that can be kept."""
Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
TimeMs = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]

LEADING = 50
"""Tags in a `top`."""
FACET_LEADING = 20
"""Tags in that of a facet, and of a window that closed."""


class SnapshotError(Exception):
    """A pushed body is not a snapshot; the message is one sentence that says where."""


class Named(Struct, frozen=True):
    """A tag and its posts, in panes."""

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
    posts_before: Count | None
    first_seen_ms: TimeMs


class WindowLeader(Leader, frozen=True):
    """A leader of the window: it has posts per pane, oldest first, the open pane last."""

    panes: list[Count]


class FacetLeader(Named, frozen=True):
    """A leader of the window of one source or one language; what a job of before could not tell is None."""

    previous_rank: Annotated[int, Meta(ge=1)] | None = None
    posts_before: Count | None = None
    first_seen_ms: TimeMs | None = None
    panes: list[Count] | None = None


class Window(Struct, frozen=True):
    """The sliding window that the page shows."""

    from_ms: TimeMs
    to_ms: TimeMs
    posts: Count
    posts_before: Count
    top: Annotated[list[WindowLeader], Meta(max_length=LEADING)]


class Coverage(Struct, frozen=True):
    """How much of the window was counted, and whether it can be compared with the one before."""

    from_ms: TimeMs
    missing_ms: Count
    before: bool


class Total(Struct, frozen=True):
    """Everything since the epoch began."""

    since_ms: TimeMs
    posts: Count
    tags: Count
    top: Annotated[list[Leader], Meta(max_length=LEADING)]
    dropped_tags: Count = 0
    dropped_posts: Count = 0
    sources: list[str] | None = None


class Batch(Struct, frozen=True):
    """The last micro-batch."""

    posts: Count
    at_ms: TimeMs
    top: Annotated[list[Leader], Meta(max_length=LEADING)]


class Facet(Struct, frozen=True):
    """The window of one source or one language."""

    posts: Count
    top: Annotated[list[FacetLeader], Meta(max_length=FACET_LEADING)]
    posts_before: Count | None = None


class Facets(Struct, frozen=True):
    """The window by source and by language."""

    source: dict[str, Facet]
    lang: dict[str, Facet]


class ClosedWindow(Struct, frozen=True):
    """The window as it stood when a pane closed, and ended with that pane."""

    from_ms: TimeMs
    posts: Count
    top: Annotated[list[Named], Meta(max_length=FACET_LEADING)]
    sources: list[str] | None = None
    counted_from_ms: TimeMs | None = None


class Pane(Struct, frozen=True):
    """A closed pane, to be kept. `window`: None where it is not known."""

    epoch: Count
    from_ms: TimeMs
    to_ms: TimeMs
    posts: Count
    top: Annotated[list[Named], Meta(max_length=LEADING)]
    window: ClosedWindow | None = None


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
    watermark_ms: TimeMs | None = None


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
    skipped: Count = 0
    cut: Count = 0


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
    coverage: Coverage | None = None


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
    for name, facet in (*snapshot.facets.source.items(), *snapshot.facets.lang.items()):
        _check_posts(f"facet {name!r}", facet.top)
    for pane in snapshot.panes:
        _check_pane(pane)
    return snapshot


def _check_pane(pane: Pane) -> None:
    """Raise unless the pane has an extent, and its window is one that ends with it."""
    if pane.from_ms >= pane.to_ms:
        raise SnapshotError(f"The pane from {pane.from_ms} ends before it begins.")
    if pane.window is not None:
        if pane.window.from_ms > pane.from_ms:
            raise SnapshotError(f"The window of the pane from {pane.from_ms} begins after it.")
        _check_posts(f"window of the pane from {pane.from_ms}", pane.window.top)


def _check_order(name: str, top: Sequence[Leader]) -> None:
    """Raise unless ranks count 1, 2, 3 … and posts never rise: the page draws by both."""
    for place, leader in enumerate(top, start=1):
        if leader.rank != place:
            raise SnapshotError(f"The snapshot's {name} has rank {leader.rank} in place {place}.")
    _check_posts(name, top)


def _check_posts(name: str, top: Sequence[Leader | Named]) -> None:
    """Raise unless posts never rise and no tag comes twice."""
    if len({tag.key for tag in top}) != len(top):
        raise SnapshotError(f"The snapshot's {name} has the same tag twice.")
    for rank, (before, tag) in enumerate(pairwise(top), start=2):
        if tag.posts > before.posts:
            raise SnapshotError(f"The snapshot's {name} is not sorted by posts at rank {rank}.")


def without_panes(body: bytes) -> bytes:
    """The snapshot in `body` without its `panes`; every other field byte for byte as it was pushed."""
    fields = _fields_decoder.decode(body)
    fields.pop("panes", None)
    return msgspec.json.encode(fields)
