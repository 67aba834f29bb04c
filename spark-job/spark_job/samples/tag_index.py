"""Which of the newest posts have which tags, so that no post of the log is read twice to search for a tag."""

from array import array
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.samples.log_post import LogPost

#: Parts that are appended to have at most this many uses of tags.
USES_PER_PART = 4_096


class FoundPost(NamedTuple):
    """A post with a tag: its place in the index, and its number in the log."""

    place: int
    number: int


class _Part:
    """The uses of tags in the posts from the place `start` on: place, number and a hash of the tag, in order."""

    def __init__(self, start: int, posts: Iterable[LogPost]) -> None:
        self.start = start
        self.places = array("q")
        self.numbers = array("q")
        self.hashes = array("q")
        self.add(start, posts)

    def add(self, start: int, posts: Iterable[LogPost]) -> None:
        for place, post in enumerate(posts, start):
            for tag in post.tags:
                self.places.append(place)
                self.numbers.append(post.offset)
                self.hashes.append(hash(tag.key))

    def uses_of(self, hashes: pa.Array) -> list[int]:
        """Which uses are of these tags, the newest first."""
        if not self.hashes:
            return []
        held = pa.Array.from_buffers(pa.int64(), len(self.hashes), [None, pa.py_buffer(self.hashes.tobytes())])
        uses: list[int] = pc.indices_nonzero(pc.is_in(held, value_set=hashes)).to_pylist()
        return uses[::-1]


class TagIndex:
    """The tags of the newest posts that were read, without a gap. Not thread-safe.

    A post has a place: `begin` … `end - 1`. Newer posts have greater places, and a place never means another post.
    """

    def __init__(self, most_places: int) -> None:
        self._most_places = most_places
        self._parts: deque[_Part] = deque()
        self.begin = self.end = 0

    def restart(self) -> None:
        """Forget everything."""
        self._parts.clear()
        self.begin = self.end

    @property
    def room(self) -> int:
        """How many places older posts may have."""
        return max(0, self._most_places - (self.end - self.begin))

    def append(self, places: int, posts: Iterable[LogPost]) -> None:
        """Add posts that are newer than all others, and have at most so many places."""
        start, self.end = self.end, self.end + places
        if self._parts and len(self._parts[-1].places) < USES_PER_PART:
            self._parts[-1].add(start, posts)
        else:
            self._parts.append(_Part(start, posts))
        while len(self._parts) > 1 and self.end - self._parts[1].start >= self._most_places:
            self._parts.popleft()
            self.begin = self._parts[0].start

    def prepend(self, places: int, posts: Iterable[LogPost]) -> None:
        """Add posts that are older than all others, and have at most so many places."""
        self.begin -= places
        self._parts.appendleft(_Part(self.begin, posts))

    def newest(self, below: Mapping[str, int], most: int) -> dict[str, list[FoundPost]]:
        """For each tag the newest posts before a place, at most so many.

        Two tags may have the same hash, with a probability of 10^-19. Then a post has not the tag that is looked for.
        """
        keys = {hash(key): key for key in below}
        hashes = pa.array([*keys], pa.int64())
        found: dict[str, list[FoundPost]] = defaultdict(list)
        for part in reversed(self._parts):
            for use in part.uses_of(hashes):
                key, post = keys[part.hashes[use]], FoundPost(part.places[use], part.numbers[use])
                if post.place < below[key] and len(found[key]) < most and post not in found[key][-1:]:
                    found[key].append(post)
        return found
