"""The list of rising tags, as a part of a snapshot (docs/protocol.md, "`rising`")."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from spark_job.snapshot_fields import Amount, Count, Part, Text, TimeMs

#: Most topics on the list of rising tags, most tags of a topic, and most rises that are held back.
TOPICS, TOPIC_TAGS, HELD_BACK = 10, 10, 20


class RisingTag(Struct, frozen=True, kw_only=True):
    """A tag that rises, and why. docs/snapshot.schema.json says what each number means."""

    key: Text
    label: Text
    posts: Count
    authors: Count
    voices: Count
    expected: Amount
    spread: Amount
    times: Amount
    score: Amount
    since_ms: TimeMs
    copies: Part
    source: Text
    source_part: Part
    lang: Text
    lang_part: Part
    new: bool
    peak_voices: Count
    peak_ms: TimeMs | None
    panes: list[Count]
    taken_back: Count | UnsetType = UNSET


class Topic(Struct, frozen=True, kw_only=True):
    """Tags that the same people use together, the most surprising first."""

    tags: Annotated[list[RisingTag], Meta(min_length=1, max_length=TOPIC_TAGS)]


class HeldBack(Struct, frozen=True, kw_only=True):
    """A rise that is not on the list, and why."""

    key: Text
    label: Text
    posts: Count
    authors: Count
    texts: Count
    why: Literal["few people", "copies"]


class Rising(Struct, frozen=True, kw_only=True):
    """What rises at the end of a pane. `missing_ms`: how long it takes until the list can begin; 0 if it has begun."""

    at_ms: TimeMs
    missing_ms: Count
    topics: Annotated[list[Topic], Meta(max_length=TOPICS)]
    held_back: Annotated[list[HeldBack], Meta(max_length=HELD_BACK)]
