"""Which of the newest posts have which tags, so that no line of the log is read twice to search for a tag."""

from array import array
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from spark_job.samples.log_post import LogPost

#: Parts that are appended to have at most this many uses of tags.
USES_PER_PART = 4_096


class _Part:
    """The uses of tags in the posts from `start` on: an offset and a hash of the tag for each, in order."""

    def __init__(self, start: int, posts: Iterable[LogPost]) -> None:
        self.start = start
        self.offsets = array("q")
        self.hashes = array("q")
        self.add(posts)

    def add(self, posts: Iterable[LogPost]) -> None:
        for post in posts:
            for tag in post.tags:
                self.offsets.append(post.offset)
                self.hashes.append(hash(tag.key))

    def places(self, hashes: pa.Array) -> list[int]:
        """The places of these tags, the newest use first."""
        if not self.hashes:
            return []
        held = pa.Array.from_buffers(pa.int64(), len(self.hashes), [None, pa.py_buffer(self.hashes.tobytes())])
        places: list[int] = pc.indices_nonzero(pc.is_in(held, value_set=hashes)).to_pylist()
        return places[::-1]


class TagIndex:
    """The tags of the posts `begin` … `end - 1`: the newest ones that were read, without a gap. Not thread-safe."""

    def __init__(self, most_posts: int) -> None:
        self._most_posts = most_posts
        self._parts: deque[_Part] = deque()
        self.begin = self.end = 0

    def restart(self, offset: int) -> None:
        """Forget everything. The next posts begin here."""
        self._parts.clear()
        self.begin = self.end = offset

    def append(self, start: int, end: int, posts: Iterable[LogPost]) -> None:
        """Add the posts `start` … `end - 1`, newer than all others. If some were left out, the others are forgotten."""
        if start != self.end:
            self.restart(start)
        if self._parts and len(self._parts[-1].offsets) < USES_PER_PART:
            self._parts[-1].add(posts)
        else:
            self._parts.append(_Part(start, posts))
        self.end = end
        while len(self._parts) > 1 and end - self._parts[1].start >= self._most_posts:
            self._parts.popleft()
            self.begin = self._parts[0].start

    def prepend(self, start: int, posts: Iterable[LogPost]) -> None:
        """Add the posts from `start` to the first one that is here."""
        self._parts.appendleft(_Part(start, posts))
        self.begin = start

    def newest(self, below: Mapping[str, int], most: int) -> dict[str, list[int]]:
        """For each tag the newest posts before an offset, at most so many.

        Two tags may have the same hash, with a probability of 10^-19. Then a post has not the tag that is looked for.
        """
        keys = {hash(key): key for key in below}
        hashes = pa.array([*keys], pa.int64())
        found: dict[str, list[int]] = defaultdict(list)
        for part in reversed(self._parts):
            for place in part.places(hashes):
                key, offset = keys[part.hashes[place]], part.offsets[place]
                if offset < below[key] and len(found[key]) < most and offset not in found[key][-1:]:
                    found[key].append(offset)
        return found
