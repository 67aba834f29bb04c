"""Tags that no list of a snapshot has, as the job finds them in its state."""

from __future__ import annotations

from collections import OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated

from msgspec import Meta, Struct

from dashboard.job.client import JobRefusedError, JobUnreachableError
from dashboard.snapshots import fields as f
from dashboard.snapshots.fields import Count, Rank, TimeMs

if TYPE_CHECKING:
    from dashboard.job.client import JobClient

#: How long a page waits for the job.
SECONDS = 1.0
#: Answers in memory, for the numbers of the last snapshots.
MAX_ANSWERS = 1000

#: (`epoch`, `seq`) of a snapshot.
Order = tuple[int, int]

WindowPosts = Annotated[Count, Meta(description="Posts with this tag in the window.")]
WindowRank = Annotated[
    Rank | None, Meta(description="The place of the tag in the window, among all tags. Null if it is not known.")
]
TotalPosts = Annotated[Count, Meta(description="Posts with this tag since the epoch began.")]
FirstSeenMs = Annotated[TimeMs | None, Meta(description="When the tag was first counted in this epoch.")]


class CountedTag(Struct, frozen=True, kw_only=True):
    """A tag of the window or of the totals."""

    key: f.Key
    label: f.Label
    window_posts: WindowPosts
    window_rank: WindowRank
    total_posts: TotalPosts
    first_seen_ms: FirstSeenMs


class FoundTags(Struct, frozen=True, kw_only=True):
    """Tags that were found."""

    tags: list[CountedTag]


class JobTags:
    """Finds tags with the job's help. The answer for a tag is the same as long as the snapshot is the same."""

    def __init__(self, client: JobClient) -> None:
        self._client = client
        self._answers: OrderedDict[tuple[Order, str], CountedTag | None] = OrderedDict()

    def search(self, text: str, limit: int) -> list[CountedTag]:
        """The tags that have this text in their key.

        Raises:
            JobUnreachableError: The job can't say it now.
            JobRefusedError: The job refuses the text.

        """
        return self._client.get("/search", {"q": text, "limit": limit}, FoundTags, SECONDS).tags

    def find(self, key: str, order: Order) -> CountedTag | None:
        """The tag with this key, or None if it was never counted.

        Args:
            key: The key.
            order: The newest snapshot.

        Raises:
            JobUnreachableError: The job can't say it now.

        """
        known = self._answers.get((order, key))
        if known is not None or (order, key) in self._answers:
            return known
        try:
            found: CountedTag | None = self._client.get("/tag", {"key": key}, CountedTag, SECONDS)
        except JobRefusedError as error:
            if error.status != HTTPStatus.NOT_FOUND:
                raise JobUnreachableError(str(error)) from error
            found = None
        self._answers[order, key] = found
        while len(self._answers) > MAX_ANSWERS:
            self._answers.popitem(last=False)
        return found

    def found(self, key: str, order: Order) -> CountedTag | None:
        """What `find` found then, without another request."""
        return self._answers.get((order, key))
