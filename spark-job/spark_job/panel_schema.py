"""What a snapshot has for the panel of a tag: sample posts, and the tags that stand beside it."""

from typing import Annotated, NamedTuple

from msgspec import Meta, Struct

from spark_job.snapshot_fields import Count, Text, TimeMs

#: Most tags that stand beside one tag in `pairs`.
PAIRS = 10


class Pairs(Struct, frozen=True, kw_only=True):
    """The tags that stand in the same posts as a leading tag, most posts first, in the window that ended at `at_ms`.

    `is_exact`: no rare pair was left out; `of`: for each tag the other tags (key, label) and the posts with both.
    """

    at_ms: TimeMs
    is_exact: bool
    of: dict[str, Annotated[list[tuple[Text, Text, Count]], Meta(max_length=PAIRS)]]


class Together(NamedTuple):
    """What belongs together in the window that ended with the last closed pane: pairs, and topics of its leaders."""

    pairs: Pairs
    topics: list[list[str]]


class SampleTag(Struct, frozen=True, kw_only=True):
    """A tag of a sample post."""

    key: Text
    label: Text


class SamplePost(Struct, frozen=True, kw_only=True):
    """A post as it is in the log, without its author. `created_at`: when it was written, as its platform says."""

    offset: Count
    id: Text
    at_ms: TimeMs
    created_at: str | None
    text: str
    source: Text
    lang: Text
    url: str | None
    tags: list[SampleTag]


class Samples(Struct, frozen=True, kw_only=True):
    """The newest posts with each leading tag, of different authors. `of`: places in `posts`, newest first."""

    posts: list[SamplePost]
    of: dict[str, list[Count]]
