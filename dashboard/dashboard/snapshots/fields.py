"""Types of single fields: numbers and texts with their bounds, and fields that several types share."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

#: The greatest integer that SQLite can store.
MAX_INTEGER = 2**63 - 1

Count = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
#: Milliseconds since 1970 UTC.
TimeMs = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Rank = Annotated[int, Meta(ge=1)]
Text = Annotated[str, Meta(min_length=1)]
Seconds = Annotated[float, Meta(gt=0)]

Key = Annotated[Text, Meta(description="The tag after NFKC and case folding. Tags with the same key are one tag.")]
Label = Annotated[Text, Meta(description="The most frequent spelling, without the #.")]
TagPosts = Annotated[Count, Meta(description="Posts with this tag.")]
TagAuthors = Annotated[
    Count | None, Meta(description="Different accounts that wrote posts with this tag. Null where they are not known.")
]
Authors = Annotated[
    Count | None,
    Meta(
        description="Different accounts that wrote these posts, those without tags too. Null where they are not known."
    ),
]
TakenBack = Annotated[
    Count | None,
    Meta(
        description="The posts among these that were counted and are deleted now. They stay in `posts`. Null where "
        "that is not known."
    ),
]
Topics = Annotated[
    list[Annotated[list[Key], Meta(min_length=2)]] | None,
    Meta(
        description="Groups of leading tags that are one topic: more than half of the posts or of the accounts of the "
        "smaller tag have the other tag too. Null where that is not known."
    ),
]
MutedEntries = Annotated[Count, Meta(description="Tags and patterns that the operator has muted.")]
HiddenTags = Annotated[Count, Meta(description="Tags of the window that are not shown because they are muted.")]
MuteError = Annotated[
    str | None, Meta(description="Why the file of muted tags can't be used, as one sentence, or null.")
]
Place = Annotated[Rank, Meta(description="The place in the list. 1 is the leader.")]
PreviousRank = Annotated[
    Rank | None,
    Meta(
        description="The rank before: in the window and the totals when the open pane began, in a micro-batch in the "
        "one before. Null for a tag that was not among the leading tags then, and where that is not known."
    ),
]
PostsBefore = Annotated[
    Count | None,
    Meta(
        description="Posts with this tag before: in the equally long window before, in the totals when the open pane "
        "began, in the micro-batch before. Null if that was not counted completely."
    ),
]
Curve = Annotated[
    list[Count],
    Meta(description="Posts with this tag in each pane of the window, oldest first. The open pane is the last."),
]
PaneSeconds = Annotated[Seconds, Meta(description="Length of a pane. The window moves by one pane at a time.")]
WindowSeconds = Annotated[Seconds, Meta(description="Length of the sliding window.")]
Epoch = Annotated[
    Count,
    Meta(description="Changes when counting had to start over, or when ingest's clock was set back. It always grows."),
]
Offset = Annotated[Count, Meta(description="Posts of the log that are counted.")]
LagPosts = Annotated[Count, Meta(description="Posts that are accepted and not yet counted.")]
LagMs = Annotated[Count, Meta(description="The age in milliseconds of the oldest uncounted post, at most.")]
Lost = Annotated[Count, Meta(description="Posts of this epoch that were not counted: removed before, or not readable.")]
Skipped = Annotated[Count, Meta(description="Those of the lost posts that could not be read.")]
Archive = Annotated[
    str | None,
    Meta(description="Why hours can't be archived, as one sentence. Null if all is well, or if there is no archive."),
]
Late = Annotated[
    Count,
    Meta(description="Posts of this epoch that came after their pane had closed, and were counted in the open one."),
]
NextChange = Annotated[
    Count | None,
    Meta(description="The first entry of ingest's log of changes that is not counted. Null from an older job."),
]
Cut = Annotated[
    Count, Meta(description="Texts, tags and entries that were shortened or left out, because a snapshot has a limit.")
]
NewestAtMs = Annotated[
    TimeMs | None, Meta(description="When ingest accepted the newest counted post. Null before the first one.")
]
BatchMs = Annotated[
    Annotated[float, Meta(ge=0)] | None,
    Meta(description="How long the last micro-batch took, in milliseconds. Null before the first one."),
]
PostsPerSecond = Annotated[
    float, Meta(ge=0, description="Posts per second over the last 30 s of the window, without the time not counted.")
]
QueryError = Annotated[
    str | None, Meta(description="Why counting has stopped, as one sentence. Null while it continues.")
]
EpochReason = Annotated[str, Meta(description="Why the epoch began, as one sentence.")]
Reachable = Annotated[bool, Meta(description="Whether ingest answered the job's last request.")]
ReachableSinceMs = Annotated[
    TimeMs, Meta(description="Since when ingest is reachable or not reachable, by the job's clock.")
]
IngestError = Annotated[
    str | None,
    Meta(description="Why ingest is not reachable, or what it refuses, as one sentence. Null if all is well."),
]
SpoolNotice = Annotated[
    str | None, Meta(description="What an operator must know about the spool, as one sentence, or null.")
]
TrackError = Annotated[str | None, Meta(description="Why the file of terms can't be used, as one sentence, or null.")]
SourceNames = Annotated[
    list[str] | None,
    Meta(description="Sources of the posts, by name, with `replay` for a file. Null where they are not known."),
]
CountedFromMs = Annotated[
    TimeMs, Meta(description="Where counting begins in the window. It is the window's start if the window is whole.")
]
MissingMs = Annotated[
    Count, Meta(description="Milliseconds after that which were not counted: ingest was down, or posts were lost.")
]
SinceMs = Annotated[TimeMs, Meta(description="When the epoch began.")]
TotalPosts = Annotated[Count, Meta(description="All posts since the epoch began, those without tags too.")]
TotalTags = Annotated[Count, Meta(description="Distinct tags when the last pane closed.")]
DroppedTags = Annotated[
    Count, Meta(description="The rarest tags, removed because there were more than TOTAL_MAX_TAGS.")
]
DroppedPosts = Annotated[Count, Meta(description="Posts of the removed tags.")]


def milliseconds(seconds: float) -> int:
    """A length of a snapshot in milliseconds: at least 1, and not more than an integer of a snapshot can be."""
    return round(min(max(1.0, seconds * 1000), float(2**53)))
