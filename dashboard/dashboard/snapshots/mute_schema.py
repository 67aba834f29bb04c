"""What the operator has muted, as the job pushes it (docs/protocol.md, "`mute`")."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from dashboard.snapshots import fields as f

#: Lines of a `MUTE_FILE`.
MAX_ENTRIES = 1000
#: A line of a `MUTE_FILE`: the bound of a key that the job can count.
Entry = Annotated[str, Meta(min_length=1, max_length=8192)]


class Muted(Struct, frozen=True, kw_only=True):
    """How many tags are muted. It names none of them."""

    tags: f.MutedEntries
    hidden: f.HiddenTags
    error: f.MuteError


class Mute(Muted, frozen=True, kw_only=True):
    """The muted tags. Nothing that the dashboard sends names them."""

    keys: Annotated[list[Entry], Meta(description="The keys of muted tags.", max_length=MAX_ENTRIES)]
    patterns: Annotated[
        list[Entry],
        Meta(
            description="Patterns of keys, in which `*` is any text. A tag whose whole key fits is muted.",
            max_length=MAX_ENTRIES,
        ),
    ]


def muted_of(mute: Muted | None) -> Muted | None:
    """What may be shown of the muted tags: how many there are."""
    return None if mute is None else Muted(tags=mute.tags, hidden=mute.hidden, error=mute.error)
