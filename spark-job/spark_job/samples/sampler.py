"""Read sample posts from the log, in a thread: the newest ones as they come, and older ones for new leaders."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from spark_job.changes.change import DELETED, Change
from spark_job.executor.ingest_client import ContractError, TooLargeError
from spark_job.executor.printable import printable
from spark_job.panel_schema import Samples
from spark_job.samples.log_post import LogPost
from spark_job.samples.newest_posts import NewestPosts
from spark_job.samples.post_log import Look, Piece, PostLog
from spark_job.samples.tag_index import TagIndex
from spark_job.samples.wanted import wanted_tags
from spark_job.snapshot_schema import Snapshot

logger = logging.getLogger(__name__)

#: How often the log is read.
PAUSE_SECONDS = 1.0
#: The most new posts that are read at once. Of more, the newest.
NEW_POSTS = 1_000
#: For tags that lead now and did not before, older posts are searched, newest first: so many are read at once, and in
#: all. It is noted which tags they have, so that they are read once.
OLDER_AT_ONCE, OLDER_POSTS = 2_000, 50_000
#: Of a tag that is searched, at most this many posts are read at once.
FOUND_AT_ONCE = 5
#: Samples are sent at most so often, unless one must go. They are sent again after the second time, though they are the
#: same: another dashboard, to which they are passed on, may have been started since, or may have missed a snapshot.
LEAST_MS, AGAIN_MS = 2_000, 5_000
#: The edited posts that are read again at once.
AGAIN = 200
#: If ingest's changes can't be read for longer, the samples are forgotten: one of them may have been deleted meanwhile.
MOST_DEAF_MS = 5_000


class _Made(NamedTuple):
    """Samples, and at how many changes and removals they were made."""

    changes: int
    removals: int
    samples: Samples


NOTHING_SENT = _Made(-1, -1, Samples(posts=[], of={}))


class Sampler:
    """The thread, and what the others tell it. Its lock is held for moments only."""

    def __init__(self, posts: PostLog, newest: NewestPosts, monotonic_ms: Callable[[], int]) -> None:
        """Args:
        posts: Where posts are read.
        newest: The samples.
        monotonic_ms: A clock that is never set back.
        """
        self._posts = posts
        self._newest = newest
        self._monotonic_ms = monotonic_ms
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._snapshot: Snapshot | None = None
        self._log: str | None = None
        self._epoch = 0
        self._again: set[int] = set()
        self._index = TagIndex(OLDER_POSTS)
        # The tags whose posts are searched, and for each the place of the index before which they were not found yet.
        self._seeking: dict[str, int] = {}
        self._made = _Made(newest.changes, newest.removals, Samples(posts=[], of={}))
        self._sent, self._sent_ms = NOTHING_SENT, 0
        self._is_failing = False
        # When changes were read. None: never, as with an ingest that has no log of changes.
        self._heard_ms: int | None = None

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, name="samples", daemon=True).start()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()

    def note(self, snapshot: Snapshot) -> None:
        """Note the newest snapshot: which tags lead, and how far counting is."""
        self._snapshot = snapshot

    def changed(self, changes: Sequence[Change]) -> None:
        """Take posts away at once that were deleted or edited. Edited ones are read again.

        It is called without changes, too: so the thread knows that there are none.
        """
        self._heard_ms = self._monotonic_ms()
        edited = {one.offset for one in changes if one.kind != DELETED}
        with self._lock:
            self._again.update(sorted(edited)[-AGAIN:])
            is_gone = self._newest.remove((one.offset for one in changes if one.kind == DELETED), is_for_good=True)
            if self._newest.remove(edited, is_for_good=False) or is_gone:
                self._make()

    def deleted(self, ids: Sequence[str]) -> None:
        """Take posts of a topic away at once that were deleted."""
        with self._lock:
            if self._newest.remove_ids(ids):
                self._make()

    def missed(self) -> None:
        """Forget all posts: changes are lost, and one of them may have been a deletion. They are read again."""
        with self._lock:
            self._log = None
            self._newest.forget()
            self._make()

    def samples(self) -> Samples | None:
        """The samples, if they have to be sent now. They are sent until they have arrived. It waits for nothing."""
        made = self._made
        is_urgent = made.removals != self._sent.removals
        pause_ms = LEAST_MS if made.changes != self._sent.changes else AGAIN_MS
        is_due = self._monotonic_ms() - self._sent_ms >= pause_ms
        return made.samples if is_urgent or is_due else None

    def arrived(self, samples: Samples | None, *, is_needed_again: bool) -> None:
        """Note that a snapshot has arrived with these samples, or that the dashboard needs them again."""
        made = self._made
        if samples is not None and made.samples is samples:
            self._sent, self._sent_ms = made, self._monotonic_ms()
        if is_needed_again:
            self._sent = NOTHING_SENT

    def _make(self) -> None:
        if self._newest.changes != self._made.changes:
            self._made = _Made(self._newest.changes, self._newest.removals, self._newest.samples())

    def _run(self) -> None:
        while not self._stopped.wait(PAUSE_SECONDS):
            self._try_to_read()

    def _try_to_read(self) -> None:
        try:
            self.read()
        except (OSError, ContractError, TooLargeError) as error:
            if not self._is_failing:
                logger.info("sample posts can't be read now: %s", printable(error))
            self._is_failing = True
        else:
            self._is_failing = False

    def read(self) -> None:
        """Read what is new, and some older posts.

        Raises:
            OSError: The log can't be reached.
            ContractError: It breaks the contract.
            TooLargeError: A post is too large.

        """
        snapshot = self._snapshot
        look = self._posts.look(snapshot) if snapshot is not None else None
        if snapshot is None or look is None:
            return
        with self._lock:
            self._begin(snapshot, look)
            again, self._again = self._again, set()
            self._newest.remove(again, is_for_good=False)
            self._make()
        if again:
            self._add(self._posts.single(sorted(again)))
        if look.can_be_read and not look.is_deaf and not self._hears_no_changes():
            self._read_newer()
            self._read_older()
        with self._lock:
            self._make()

    def _begin(self, snapshot: Snapshot, look: Look) -> None:
        """Take away what may not be shown any more, and note for which tags older posts are needed."""
        if look.is_deaf or self._hears_no_changes() or (look.log, snapshot.epoch) != (self._log, self._epoch):
            self._log, self._epoch = look.log, snapshot.epoch
            self._seeking = {}
            self._posts.restart()
            self._index.restart()
            self._newest.forget()
        lasting, passing = wanted_tags(snapshot)
        new = self._newest.want([*lasting, *passing])
        self._newest.remove_trimmed(self._posts.is_stored)
        self._newest.remove_muted()
        self._seeking |= dict.fromkeys((new | self._newest.shrunk()).intersection(lasting), self._index.end)

    def _hears_no_changes(self) -> bool:
        return self._heard_ms is not None and self._monotonic_ms() - self._heard_ms > MOST_DEAF_MS

    def _read_newer(self) -> None:
        piece = self._posts.newer(NEW_POSTS)
        if piece is None:
            return
        if piece.is_behind_gap:
            self._index.restart()
        self._index.append(piece.places, self._add(piece))

    def _read_older(self) -> None:
        with self._lock:
            lacking = self._newest.lacking(self._seeking)
        self._seeking = {key: below for key, below in self._seeking.items() if key in lacking}
        if not self._seeking:
            return
        found = self._index.newest(self._seeking, FOUND_AT_ONCE)
        numbers = dict.fromkeys(post.number for posts in found.values() for post in posts)
        if numbers:
            self._add(self._posts.single(numbers))
        self._seeking |= {key: posts[-1].place for key, posts in found.items()}
        # Of the others, no post in the index is left.
        searched = {key for key in self._seeking if len(found.get(key, ())) < FOUND_AT_ONCE}
        piece = self._posts.older(min(OLDER_AT_ONCE, self._index.room)) if self._index.room else None
        if piece is not None:
            self._index.prepend(piece.places, self._add(piece))
            self._seeking |= dict.fromkeys(searched, self._index.begin)
        else:
            self._seeking = {key: below for key, below in self._seeking.items() if key not in searched}

    def _add(self, piece: Piece) -> Sequence[LogPost]:
        with self._lock:
            # Changes that were missed meanwhile may be those of these posts.
            if piece.log != self._log:
                return []
            self._newest.remove_ids(piece.deleted_ids)
            self._newest.add(piece.posts)
        return piece.posts
