"""The newest posts with each wanted tag, of different authors."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

import msgspec

from spark_job.panel_schema import SamplePost, Samples
from spark_job.samples.log_post import LogPost
from spark_job.samples.text_keys import keys_in

#: The most bytes of all samples in a snapshot.
MOST_BYTES = 512 << 10
#: The deleted posts that are remembered, so that none comes back by a line that was read before.
MOST_DELETED = 100_000


def by_offset(post: LogPost) -> tuple[int, ...]:
    """The order of the spool."""
    return (post.offset,)


def by_time(post: LogPost) -> tuple[int, ...]:
    """The order of a topic, whose partitions have offsets of their own."""
    return (post.at_ms, post.offset)


class NewestPosts:
    """The samples. Not thread-safe: its owner has a lock.

    Args of the instance:
        most: The most posts of a tag.
        shows: Whether posts of a source may be shown.
        hides: Whether a tag is muted. A post with a muted tag is no sample.
        order: The greater it is, the newer is a post.

    """

    def __init__(
        self,
        most: int,
        shows: Callable[[str], bool],
        hides: Callable[[str], bool],
        order: "Callable[[LogPost], tuple[int, ...]]" = by_offset,
    ) -> None:
        self._most = most
        self._shows = shows
        self._hides = hides
        self._order = order
        self._of: dict[str, list[LogPost]] = {}
        self._wanted: Sequence[str] = ()
        # Numbers of posts in the log, or the ids of posts.
        self._deleted: OrderedDict[int | str, None] = OrderedDict()
        self._shrunk: set[str] = set()
        #: How often the samples were changed, and how often a post was taken away.
        self.changes = self.removals = 0

    def forget(self) -> None:
        """Forget all: another log is counted."""
        self._of.clear()
        self._deleted.clear()
        self._shrunk.clear()
        self.changes += 1
        self.removals += 1

    def want(self, keys: Sequence[str]) -> set[str]:
        """Keep the samples of these tags, the most important first, and return those that were not wanted before."""
        before = self._of.keys()
        new = {key for key in keys if key not in before}
        self._of = {key: self._of.get(key, []) for key in keys}
        if new or len(self._of) < len(before):
            self.changes += 1
        self._wanted = keys
        return new

    def lacking(self, keys: Iterable[str]) -> set[str]:
        """The tags of these that have fewer posts than there may be."""
        return {key for key in keys if len(self._of.get(key, ())) < self._most and key in self._of}

    def add(self, posts: Iterable[LogPost]) -> None:
        """Add posts, in any order."""
        of = self._of
        for post in posts:
            keys = {tag.key for tag in post.tags if tag.key in of}
            if not keys or not self._shows(post.source):
                continue
            if post.offset in self._deleted or post.id in self._deleted:
                continue
            if self._has_muted(post):
                continue
            for key in keys:
                self._add(of[key], post)

    def _add(self, held: list[LogPost], post: LogPost) -> None:
        order = self._order
        same = next((one for one in held if _is_same_author(one, post)), None)
        if same is not None:
            if order(same) >= order(post):
                return
            held.remove(same)
        elif len(held) == self._most and order(held[-1]) > order(post):
            return
        held.append(post)
        held.sort(key=order, reverse=True)
        del held[self._most :]
        self.changes += 1

    def remove(self, offsets: Iterable[int], *, is_for_good: bool) -> bool:
        """Take posts away, and return whether one was there. For good: they were deleted, and never come back."""
        gone = {*offsets}
        if is_for_good:
            self._note_deleted(gone)
        return self._keep(lambda post: post.offset not in gone)

    def remove_ids(self, ids: Iterable[str]) -> bool:
        """Take posts away for good, by their ids, and return whether one was there."""
        gone = {*ids}
        self._note_deleted(gone)
        return self._keep(lambda post: post.id not in gone)

    def _note_deleted(self, gone: "Iterable[int | str]") -> None:
        self._deleted.update(dict.fromkeys(gone))
        while len(self._deleted) > MOST_DELETED:
            self._deleted.popitem(last=False)

    def remove_trimmed(self, is_stored: Callable[[int], bool]) -> None:
        """Take posts away that the log does not hold any more: nobody would learn that one of them was deleted."""
        self._keep(lambda post: is_stored(post.offset), is_refilled=False)

    def remove_muted(self) -> None:
        """Take posts away that have a muted tag."""
        self._keep(lambda post: not self._has_muted(post))

    def shrunk(self) -> set[str]:
        """The tags of which posts were taken away since this was called last, and older ones may take their places."""
        found, self._shrunk = self._shrunk, set()
        return found

    def _has_muted(self, post: LogPost) -> bool:
        """Whether a post has a muted tag, or shows one in its text: a tag of an edited text is not among its tags."""
        hides = self._hides
        return any(hides(tag.key) for tag in post.tags) or any(hides(key) for key in keys_in(post.text))

    def _keep(self, stays: Callable[[LogPost], bool], *, is_refilled: bool = True) -> bool:
        is_removed = False
        for key, held in self._of.items():
            left = [post for post in held if stays(post)]
            if len(left) < len(held):
                is_removed = True
                if is_refilled:
                    self._shrunk.add(key)
            self._of[key] = left
        if is_removed:
            self.changes += 1
            self.removals += 1
        return is_removed

    def samples(self) -> Samples:
        """What is sent: whole, as far as it fits. The most important tags come first."""
        posts: list[SamplePost] = []
        places: dict[int, int] = {}
        of: dict[str, list[int]] = {}
        size = 0
        for key in self._wanted:
            held = self._of.get(key, ())
            new = [post.as_sample() for post in held if post.offset not in places]
            size += sum(len(msgspec.json.encode(post)) + 1 for post in new) + len(msgspec.json.encode(key)) + 64
            if size > MOST_BYTES:
                break
            for post in new:
                places[post.offset] = len(posts)
                posts.append(post)
            if held:
                of[key] = [places[post.offset] for post in held]
        return Samples(posts=posts, of=of)


def _is_same_author(one: LogPost, other: LogPost) -> bool:
    if one.offset == other.offset:
        return True
    return one.author is not None and (one.source, one.author) == (other.source, other.author)
