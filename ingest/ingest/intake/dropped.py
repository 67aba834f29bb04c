"""The posts that were dropped last, in memory only, and only while somebody asks for them."""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import msgspec

from ingest.posts.entry import make_entries
from ingest.posts.post import Post, SourcePost, Tag, fix_surrogates
from ingest.sources.base import ChangedPost

#: Dropped posts are noted for this long after somebody has asked for them.
WANTED_SECONDS = 10.0
#: A dropped post is held for this long at most.
HELD_MS = 30_000
#: The most dropped posts that are held, and the most of one answer.
MOST_HELD, MOST_ANSWERED = 200, 40
#: How many dropped posts there were is held for this many offsets.
MOST_TALLIES = 4_096
#: Characters of a text in an answer.
TEXT_CHARACTERS = 280
#: A longer text is not held.
MOST_TEXT_CHARACTERS = 5_000

Why = Literal["filtered", "duplicate", "malformed"]


class DroppedPost(msgspec.Struct):
    """A post that is not in the log; see DROPPED in docs/protocol.md. `text` is None if it is not known or too long."""

    offset: int
    at_ms: int
    source: str
    text: str | None
    lang: str | None
    tags: list[Tag]
    why: Why
    detail: str | None


class Counts(msgspec.Struct):
    """How many posts were dropped, by the reason."""

    filtered: int = 0
    duplicate: int = 0
    malformed: int = 0


class Dropped(NamedTuple):
    """The dropped posts of a range of the log: the newest, and how many there were."""

    posts: list[DroppedPost]
    counts: Counts


@dataclass(frozen=True, slots=True)
class _Held:
    """A dropped post. `offset`: that of the next post of the log."""

    offset: int
    at_ms: int
    source: str
    why: Why
    detail: str | None
    post: SourcePost | Post | None


@dataclass(slots=True)
class _Tally:
    offset: int
    at_ms: int
    counts: Counts = field(default_factory=Counts)


class DroppedPosts:
    """Notes dropped posts while somebody asks. Thread-safe.

    Whoever drops posts looks at `is_wanted` first, so that nothing is done while nobody asks.
    """

    def __init__(self, now_ms: Callable[[], int], monotonic_seconds: Callable[[], float]) -> None:
        """Create it, with nothing wanted.

        Args:
            now_ms: Ingest's clock, milliseconds since 1970 UTC.
            monotonic_seconds: Monotonic clock.

        """
        self._now_ms = now_ms
        self._monotonic_seconds = monotonic_seconds
        self._lock = threading.Lock()
        self._wanted_until_seconds = 0.0
        self._held: deque[_Held] = deque(maxlen=MOST_HELD)
        self._tallies: deque[_Tally] = deque(maxlen=MOST_TALLIES)
        #: Whether somebody has asked lately.
        self.is_wanted = False

    def ask(self, start: int, end: int) -> Dropped:
        """Return what was dropped when `start` … `end - 1` was the next offset, and note dropped posts from now on."""
        self.forget_old()
        with self._lock:
            self._wanted_until_seconds = self._monotonic_seconds() + WANTED_SECONDS
            self.is_wanted = True
            found = [held for held in self._held if start <= held.offset < end][-MOST_ANSWERED:]
            counts = Counts()
            for tally in self._tallies:
                if start <= tally.offset < end:
                    for why in Counts.__struct_fields__:
                        setattr(counts, why, getattr(counts, why) + getattr(tally.counts, why))
        return Dropped([_answered(held) for held in found], counts)

    def note(
        self, offset: int, source: str, why: Why, post: SourcePost | Post | None = None, detail: str | None = None
    ) -> None:
        """Note a post that is dropped now.

        Args:
            offset: The offset of the next post of the log.
            source: The name of the source that yielded it.
            why: Why it is dropped.
            post: The post, if it is one.
            detail: What is malformed.

        """
        at_ms = self._now_ms()
        if post is not None and len(post.text) > MOST_TEXT_CHARACTERS:
            source, post = post.source, None
        with self._lock:
            if not self._tallies or self._tallies[-1].offset != offset:
                self._tallies.append(_Tally(offset, at_ms))
            counts = self._tallies[-1].counts
            setattr(counts, why, getattr(counts, why) + 1)
            self._held.append(_Held(offset, at_ms, source, why, detail, post))

    def forget(self, change: ChangedPost) -> None:
        """Forget a post that its author has deleted or edited, or all posts of an account."""
        if not self.is_wanted:
            return
        with self._lock:
            kept = [held for held in self._held if held.post is None or not _is_of(change, held.post)]
            self._held.clear()
            self._held.extend(kept)

    def forget_old(self) -> None:
        """Forget posts that were held for long enough; forget all of them if nobody has asked lately."""
        if not self.is_wanted:
            return
        with self._lock:
            self.is_wanted = self._monotonic_seconds() < self._wanted_until_seconds
            oldest_ms = self._now_ms() - HELD_MS
            for held in (self._held, self._tallies):
                while held and (not self.is_wanted or held[0].at_ms < oldest_ms):
                    held.popleft()


def _is_of(change: ChangedPost, post: SourcePost | Post) -> bool:
    return post.id.startswith(change.id) if change.is_account else change.id in (post.id, post.alias)


def _answered(held: _Held) -> DroppedPost:
    post = held.post
    if isinstance(post, SourcePost):
        # It is dropped, so nobody has made its entry, or the entry was thrown away.
        post = make_entries([post]).posts[0]
    if post is None:
        return DroppedPost(held.offset, held.at_ms, held.source, None, None, [], held.why, held.detail)
    text = fix_surrogates(post.text)[:TEXT_CHARACTERS]
    tags = [Tag(fix_surrogates(tag.key), fix_surrogates(tag.label)) for tag in post.tags]
    return DroppedPost(held.offset, held.at_ms, post.source, text, post.lang, tags, held.why, held.detail)
