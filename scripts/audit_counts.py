"""What `scripts/audit.py` counts again: posts, spellings, authors and deletions, pane by pane."""

from collections import Counter
from typing import Any

LEADERS = 50
# Up to these numbers of a pane, the job counts different authors exactly: tags with an author, and authors.
EXACT_USES, EXACT_AUTHORS = 16_384, 4_096


class Authors:
    """The different authors of each tag, and of all posts, whose tag is None."""

    def __init__(self) -> None:
        """Begin with no posts."""
        self.of: dict[str | None, set[tuple[str, str | int]]] = {}
        self.is_exact = True
        self._uses: set[tuple[str, str | None, tuple[str, str | int]]] = set()

    def add(self, post: dict[str, Any]) -> None:
        """Count one post of the protocol. One without an author has an author of its own.

        A deleted post does not say any more who wrote it.
        """
        self.is_exact = self.is_exact and "deleted_ms" not in post
        name = post.get("author")
        author = (post["source"], post["offset"] if name is None else name)
        for key in (None, *(tag["key"] for tag in post["tags"])):
            self.of.setdefault(key, set()).add(author)
            self._uses.add((post["lang"], key, author))

    def close(self) -> None:
        """Note whether the job can have counted all of it. Call it for a whole pane."""
        without_tag = sum(key is None for _, key, _ in self._uses)
        is_bounded = without_tag <= EXACT_AUTHORS and len(self._uses) - without_tag <= EXACT_USES
        self.is_exact = self.is_exact and is_bounded

    def merge(self, other: "Authors") -> None:
        """Add what `other` counted, which is a pane."""
        other.close()
        self.is_exact = self.is_exact and other.is_exact
        for key, authors in other.of.items():
            self.of.setdefault(key, set()).update(authors)

    def count(self, key: str | None) -> int:
        """How many authors a tag has."""
        return len(self.of.get(key, ()))


class Count:
    """A number of posts, how often each spelling of each tag occurs in them, who wrote them, and which were deleted."""

    def __init__(self) -> None:
        """Begin with no posts."""
        self.posts = 0
        self.spellings: dict[str, Counter[str]] = {}
        self.authors = Authors()
        # The offsets of deleted posts, by tag; None: all of them.
        self.deleted: dict[str | None, set[int]] = {}

    def add(self, post: dict[str, Any], *, authors: bool = False) -> None:
        """Count one post of the protocol, and its author if that is wanted."""
        self.posts += 1
        for tag in post["tags"]:
            self.spellings.setdefault(tag["key"], Counter())[tag["label"]] += 1
        if "deleted_ms" in post:
            for key in (None, *(tag["key"] for tag in post["tags"])):
                self.deleted.setdefault(key, set()).add(post["offset"])
        if authors:
            self.authors.add(post)

    def merge(self, other: "Count") -> None:
        """Add what `other` counted."""
        self.posts += other.posts
        self.authors.merge(other.authors)
        for key, labels in other.spellings.items():
            self.spellings.setdefault(key, Counter()).update(labels)
        for tag, offsets in other.deleted.items():
            self.deleted.setdefault(tag, set()).update(offsets)

    def top(self) -> list[tuple[str, int]]:
        """The leading tags and their posts, in the order of the protocol."""
        counts = [(key, labels.total()) for key, labels in self.spellings.items()]
        return sorted(counts, key=lambda tag: (-tag[1], tag[0]))[:LEADERS]

    def label(self, key: str) -> str:
        """The most frequent spelling; of equally frequent ones the first by code point."""
        return min(self.spellings[key].items(), key=lambda item: (-item[1], item[0]))[0]


class Held:
    """The counted posts that the log holds, by pane. Panes from `whole_from_ms` on are complete.

    Authors are counted from `authors_from_ms` on.
    """

    def __init__(self, snapshot: dict[str, Any]) -> None:
        """Begin with no posts."""
        self.pane_ms, self.window_ms = snapshot["pane_seconds"] * 1000, snapshot["window_seconds"] * 1000
        self.authors_from_ms = snapshot["window"]["from_ms"]
        self.panes: dict[int, Count] = {}
        self.total = Count()
        self.posts = 0
        #: The offsets of the deleted posts that the job has not counted as deleted yet. None: that is not known.
        self.deleted_later: set[int] | None = None
        #: No post was removed from the log yet.
        self.is_whole = True
        self.whole_from_ms: int | None = None

    def add(self, post: dict[str, Any]) -> None:
        """Count one post of the protocol."""
        at_ms = post["at_ms"]
        pane = self.panes.setdefault(at_ms - at_ms % self.pane_ms, Count())
        pane.add(post, authors=at_ms >= self.authors_from_ms)
        self.total.add(post)

    def between(self, from_ms: int, to_ms: int) -> Count:
        """All posts of the panes that begin in this span."""
        count = Count()
        for start_ms, pane in self.panes.items():
            if from_ms <= start_ms < to_ms:
                count.merge(pane)
        return count
