"""Tags that the same posts have, as the job pushes them (docs/protocol.md, "`pairs`")."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from dashboard.snapshots.fields import Count, Text, TimeMs

#: Other tags of one tag.
OTHERS = 10

AtMs = Annotated[
    TimeMs, Meta(description="The end of the last closed pane. All counts are of the window that ended then.")
]
IsExact = Annotated[
    bool, Meta(description="Whether all pairs were counted. If not, a pane had too many, and the rarest are missing.")
]
#: Key and label of the other tag, and the posts that have both.
Other = tuple[Text, Text, Count]


class Pairs(Struct, frozen=True, kw_only=True):
    """Which other tags the posts with a leading tag have, in the window."""

    at_ms: AtMs
    is_exact: IsExact
    of: Annotated[
        dict[str, Annotated[list[Other], Meta(max_length=OTHERS)]],
        Meta(
            description="By the key of a leading tag: the other tags, each as key, label, and posts with both. Most "
            "posts first."
        ),
    ]
