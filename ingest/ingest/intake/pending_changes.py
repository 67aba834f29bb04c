"""Changes of stored posts that wait for the next commit."""

from collections.abc import Iterable, Iterator, Sequence

from ingest.posts.change import WantedChange
from ingest.sources.base import ChangedPost

#: A commit has at most so many changes.
MAX_CHANGES = 4096


class PendingChanges:
    """The changes of the next commit. Not thread-safe."""

    def __init__(self) -> None:
        self.wanted: list[WantedChange] = []

    @property
    def full(self) -> bool:
        """Whether the changes should be committed at once."""
        return len(self.wanted) >= MAX_CHANGES

    def add(self, source: str, item: ChangedPost, offsets: Iterable[int], first: int) -> bool:
        """Add a change that a source reports; return False if none of its posts is stored.

        Args:
            source: The name of the source.
            item: The change.
            offsets: The offsets of all posts with this id.
            first: The first stored offset.

        """
        stored = [offset for offset in offsets if offset >= first]
        text, is_account = item.text or "", item.is_account
        self.wanted += [WantedChange(item.kind, source, offset, item.id, text, is_account) for offset in stored]
        return bool(stored)

    def clear(self) -> None:
        """Forget the changes that are committed now."""
        self.wanted = []


def in_parts(offsets: Sequence[int]) -> Iterator[Sequence[int]]:
    """Yield the offsets of posts in parts, each of which a commit may change; one part if there is no offset."""
    for begin in range(0, max(1, len(offsets)), MAX_CHANGES):
        yield offsets[begin : begin + MAX_CHANGES]
