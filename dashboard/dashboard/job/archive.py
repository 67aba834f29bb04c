"""The archive of the job: its hours, the leading tags of an hour or a day, and one tag over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, TimeMs

if TYPE_CHECKING:
    from dashboard.job.client import JobClient

#: How long a page waits for the job.
SECONDS = 3.0
MOST_LEADERS = 40

Authors = Annotated[
    Count | None,
    Meta(description="The different people of one hour. Null for several hours: they can't be added up."),
]
TakenBack = Annotated[Count, Meta(description="The posts among them that were deleted.")]


class ArchivedTag(Struct, frozen=True, kw_only=True):
    """A leading tag of an hour or a day."""

    key: f.Key
    label: f.Label
    posts: Annotated[Count, Meta(description="Posts with this tag.")]
    authors: Authors
    taken_back: TakenBack


class ArchivedLeaders(Struct, frozen=True, kw_only=True):
    """The leading tags of an hour or a day of the archive."""

    from_ms: Annotated[TimeMs, Meta(description="When the hour or the day begins, in UTC.")]
    to_ms: Annotated[TimeMs, Meta(description="When it ends.")]
    hours: Annotated[Count, Meta(description="How many hours of it are archived.")]
    top: Annotated[
        list[ArchivedTag], Meta(description="The tags with the most posts, then by key.", max_length=MOST_LEADERS)
    ]


#: The start of an hour or a day, its posts, different people and deleted posts.
ArchivedStep = tuple[TimeMs, Count, Authors, TakenBack]


class ArchivedCurve(Struct, frozen=True, kw_only=True):
    """One tag of the archive over time."""

    key: f.Key
    label: Annotated[str | None, Meta(description="Its newest spelling. Null if the archive has no hour with it.")]
    step_ms: Annotated[Count, Meta(description="Length of a step in milliseconds.")]
    steps: Annotated[
        list[ArchivedStep],
        Meta(
            description="`[from_ms, posts, people, deleted posts]`, oldest first. A step is there if an hour of it is "
            "archived. An hour with fewer posts of the tag than ARCHIVE_MIN_POSTS counts as 0."
        ),
    ]


class ArchivedHours(Struct, frozen=True, kw_only=True):
    """The hours of the archive."""

    hours: Annotated[
        list[tuple[TimeMs, Count]],
        Meta(description="`[from_ms, posts]`, oldest first: the sum of the posts of all tags in the archive."),
    ]


class JobArchive:
    """Requests to the job. Each raises `JobUnreachableError` and `JobRefusedError`."""

    def __init__(self, client: JobClient) -> None:
        self._client = client

    def hours(self, from_ms: int, to_ms: int) -> ArchivedHours:
        """The hours that are archived."""
        return self._client.get("/archive/hours", {"from_ms": from_ms, "to_ms": to_ms}, ArchivedHours, SECONDS)

    def leaders(self, at_ms: int, step: str) -> ArchivedLeaders:
        """The leading tags of the hour or the day of a time."""
        return self._client.get("/archive/leaders", {"at_ms": at_ms, "step": step}, ArchivedLeaders, SECONDS)

    def tag(self, key: str, from_ms: int, to_ms: int, step: str) -> ArchivedCurve:
        """One tag over time."""
        asked: dict[str, str | int] = {"key": key, "from_ms": from_ms, "to_ms": to_ms, "step": step}
        return self._client.get("/archive/tag", asked, ArchivedCurve, SECONDS)
