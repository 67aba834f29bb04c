"""The list of rising tags, as the job pushes it and browsers get it (docs/protocol.md, "`rising`")."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, TimeMs

#: Topics on the list.
TOPICS = 10
#: Tags of one topic.
TOPIC_TAGS = 10
#: Rises that are held back.
HELD_BACK = 20

Amount = Annotated[float, Meta(ge=0)]
Part = Annotated[float, Meta(ge=0, le=1)]
#: A platform or a language, as the log names it.
Name = Annotated[str, Meta(min_length=1)]

Expected = Annotated[Amount, Meta(description="The voices that are usual for this tag in a window at this time.")]
Spread = Annotated[
    Amount,
    Meta(
        description="How much the voices of this tag usually vary, as a part of the expected ones. Their variance is "
        "`expected` + (`spread` × `expected`)²."
    ),
]


class RisingTag(Struct, frozen=True, kw_only=True):
    """A tag that rises, and why. Its numbers are those of the window that ended with the pane of the list."""

    key: f.Key
    label: f.Label
    posts: f.TagPosts
    authors: Annotated[Count, Meta(description="Different accounts that wrote these posts.")]
    voices: Annotated[Count, Meta(description="Different accounts, or different texts if those are fewer.")]
    expected: Expected
    spread: Spread
    times: Annotated[Amount, Meta(description="How many times the expected voices it has.")]
    score: Annotated[
        Amount, Meta(description="How surprising that is: -log10 of its probability, if nothing unusual happens.")
    ]
    since_ms: Annotated[TimeMs, Meta(description="When the rise began.")]
    copies: Annotated[
        Part, Meta(description="The part of its accounts whose text another account wrote too, from 0 to 1.")
    ]
    source: Annotated[Name, Meta(description="The source with most of its posts.")]
    source_part: Annotated[Part, Meta(description="The part of its posts that is from this source, from 0 to 1.")]
    lang: Annotated[Name, Meta(description="The language of most of its posts.")]
    lang_part: Annotated[Part, Meta(description="The part of its posts that is in this language, from 0 to 1.")]
    new: Annotated[bool, Meta(description="Whether nothing is known of its past.")]
    peak_voices: Annotated[Count, Meta(description="The most voices that it had in an earlier window. 0 if it is new.")]
    peak_ms: Annotated[TimeMs | None, Meta(description="When it had them. Null if it is new.")]
    panes: Annotated[
        list[Count],
        Meta(
            description="Different accounts in each pane of the window, oldest first. The last pane is the one with "
            "which the window ended."
        ),
    ]
    taken_back: Annotated[
        Count | UnsetType,
        Meta(
            description="The posts with this tag in the window of now that are deleted. Missing where that is not "
            "known."
        ),
    ] = UNSET


class Topic(Struct, frozen=True):
    """One place on the list: tags that the same people use together."""

    tags: Annotated[
        list[RisingTag], Meta(description="Its tags, the most surprising first.", min_length=1, max_length=TOPIC_TAGS)
    ]


class HeldBack(Struct, frozen=True, kw_only=True):
    """A rise that is not on the list, and why. Its numbers are those of the window."""

    key: f.Key
    label: f.Label
    posts: f.TagPosts
    authors: Annotated[Count, Meta(description="Different accounts that wrote these posts.")]
    texts: Annotated[Count, Meta(description="Different texts of these posts.")]
    why: Annotated[
        Literal["few people", "copies"],
        Meta(description="A few accounts wrote most of it, or many accounts wrote the same text."),
    ]


class Rising(Struct, frozen=True, kw_only=True):
    """What rises at the end of a pane: more than usual, written by many different people."""

    at_ms: Annotated[TimeMs, Meta(description="The end of the pane.")]
    missing_ms: Annotated[
        Count, Meta(description="How long it takes until enough is known of what is usual. 0: the list has begun.")
    ]
    topics: Annotated[list[Topic], Meta(description="The list, the most surprising topic first.", max_length=TOPICS)]
    held_back: Annotated[
        list[HeldBack],
        Meta(description="Rises that are not on the list, the one with most posts first.", max_length=HELD_BACK),
    ]
