"""Parse a pushed snapshot, and check the rules that a schema can't express."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from dashboard.snapshots.mute_schema import Muted
from dashboard.snapshots.schema import Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dashboard.snapshots.rising_schema import Rising
    from dashboard.snapshots.samples_schema import Samples
    from dashboard.snapshots.schema import Leader, Named, Pane, WindowLeader


class SnapshotError(Exception):
    """A pushed body is not a snapshot. Its text is one sentence that says where."""


_decoder = msgspec.json.Decoder(Snapshot)
_fields_decoder = msgspec.json.Decoder(dict[str, msgspec.Raw])
_muted_decoder = msgspec.json.Decoder(Muted | None)


def parse_snapshot(body: bytes) -> Snapshot:
    """Parse a snapshot.

    Raises:
        SnapshotError: The body is not a snapshot. The sender gets its sentence.

    """
    try:
        snapshot = _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise SnapshotError(f"The snapshot has not the agreed shape: {error}.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SnapshotError(f"The body is not JSON: {error}.") from error
    if snapshot.window.from_ms > snapshot.window.to_ms:
        raise SnapshotError("The snapshot's window ends before it begins.")
    _check_order("window", snapshot.window.top)
    _check_authors("window", snapshot.window.by_authors)
    _check_order("total", snapshot.total.top)
    if snapshot.batch is not None:
        _check_order("batch", snapshot.batch.top)
    for name, facet in (*snapshot.facets.source.items(), *snapshot.facets.lang.items()):
        _check_posts(f"facet {name!r}", facet.top)
        _check_authors(f"facet {name!r}", facet.by_authors)
    _check_rising("list of rising tags", snapshot.rising)
    if snapshot.samples is not None:
        _check_samples(snapshot.samples)
    for pane in snapshot.panes:
        _check_pane(pane)
    return snapshot


def _check_pane(pane: Pane) -> None:
    """Raise unless the pane has a length and its window ends with it."""
    if pane.from_ms >= pane.to_ms:
        raise SnapshotError(f"The pane from {pane.from_ms} ends before it begins.")
    if pane.window is not None:
        if pane.window.from_ms > pane.from_ms:
            raise SnapshotError(f"The window of the pane from {pane.from_ms} begins after it.")
        _check_posts(f"window of the pane from {pane.from_ms}", pane.window.top)
        _check_authors(f"window of the pane from {pane.from_ms}", pane.window.by_authors)
    _check_rising(f"list of rising tags of the pane from {pane.from_ms}", pane.rising)


def _check_order(name: str, top: Sequence[Leader]) -> None:
    """Raise unless ranks are 1, 2, 3 … and posts never rise. The page relies on both."""
    for place, leader in enumerate(top, start=1):
        if leader.rank != place:
            raise SnapshotError(f"The snapshot's {name} has rank {leader.rank} in place {place}.")
    _check_posts(name, top)


def _check_posts(name: str, top: Sequence[Leader | Named]) -> None:
    """Raise unless posts never rise and no tag comes twice."""
    _check_different(name, [tag.key for tag in top])
    for rank, (before, tag) in enumerate(pairwise(top), start=2):
        if tag.posts > before.posts:
            raise SnapshotError(f"The snapshot's {name} is not sorted by posts at rank {rank}.")


def _check_authors(name: str, top: Sequence[WindowLeader | Named] | None) -> None:
    """Raise unless each tag has its authors, ranks are 1, 2, 3 …, authors never rise, and no tag comes twice."""
    if top is None:
        return
    name = f"{name} by authors"
    _check_different(name, [tag.key for tag in top])
    counts: list[tuple[int, int]] = []
    for place, tag in enumerate(top, start=1):
        rank = getattr(tag, "rank", place)
        if rank != place:
            raise SnapshotError(f"The snapshot's {name} has rank {rank} in place {place}.")
        if tag.authors is None:
            raise SnapshotError(f"The snapshot's {name} has no authors at rank {place}.")
        counts.append((tag.authors, tag.posts))
        if counts[-2:] != sorted(counts[-2:], reverse=True):
            raise SnapshotError(f"The snapshot's {name} is not sorted by authors and posts at rank {place}.")


def _check_rising(name: str, rising: Rising | None) -> None:
    """Raise if a tag is in two topics, or is held back twice."""
    if rising is not None:
        _check_different(name, [tag.key for topic in rising.topics for tag in topic.tags])
        _check_different(f"{name}, held back,", [tag.key for tag in rising.held_back])


def _check_samples(samples: Samples) -> None:
    """Raise if a tag names a post that is not there. The sentence has nothing of a post."""
    if any(place >= len(samples.posts) for places in samples.of.values() for place in places):
        raise SnapshotError("The snapshot's samples name a post that is not among them.")


def _check_different(name: str, keys: Sequence[str]) -> None:
    if len(set(keys)) != len(keys):
        raise SnapshotError(f"The snapshot's {name} has the same tag twice.")


def public_body(body: bytes) -> bytes:
    """The snapshot in `body` without its `panes`, `samples` and `alerts`, and without the list of muted tags.

    Every other field has the same bytes as in the push.
    """
    fields = _fields_decoder.decode(body)
    for name in ("panes", "samples", "alerts"):
        fields.pop(name, None)
    if "mute" in fields:
        fields["mute"] = msgspec.Raw(msgspec.json.encode(_muted_decoder.decode(fields["mute"])))
    return msgspec.json.encode(fields)
