"""Read sample posts from ingest's log, in a thread: the newest lines as they come, and older ones for new leaders."""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple

from spark_job.changes.change import DELETED, Change
from spark_job.executor.ingest_client import ContractError, IngestClient, Status, TooLargeError
from spark_job.executor.printable import printable
from spark_job.panel_schema import Samples
from spark_job.samples.log_post import read_lines
from spark_job.samples.newest_posts import NewestPosts
from spark_job.samples.wanted import wanted_tags
from spark_job.snapshot_schema import Snapshot

logger = logging.getLogger(__name__)

#: How often the log is read.
PAUSE_SECONDS = 1.0
#: The most new posts that are read at once. Of more, the newest.
NEW_POSTS = 1_000
#: For tags that lead now and did not before, older posts are read, newest first: so many at once, and in all.
OLDER_AT_ONCE, OLDER_POSTS = 2_000, 50_000
#: With a greater backlog nothing is read: what is counted now is not what people write now.
MOST_LAG = 20_000
#: Samples are sent at most so often, unless one must go.
LEAST_MS = 2_000
MAX_BYTES = 16 << 20
#: The edited posts that are read again at once.
AGAIN = 200
#: If ingest can't be reached for longer, the samples are forgotten: one of them may have been deleted meanwhile.
MOST_DEAF_MS = 5_000


class _Made(NamedTuple):
    """Samples, and at how many changes and removals they were made."""

    changes: int
    removals: int
    samples: Samples


NOTHING_SENT = _Made(-1, -1, Samples(posts=[], of={}))


class Sampler:
    """The thread, and what the others tell it. Its lock is held for moments only."""

    def __init__(self, client: IngestClient, newest: NewestPosts, monotonic_ms: Callable[[], int]) -> None:
        """Args:
        client: A connection of its own.
        newest: The samples.
        monotonic_ms: A clock that is never set back.
        """
        self._client = client
        self._newest = newest
        self._monotonic_ms = monotonic_ms
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._snapshot: Snapshot | None = None
        self._log: str | None = None
        self._epoch = 0
        self._read_until = 0
        self._again: set[int] = set()
        # Where older posts are read next, down to which offset, and for which tags.
        self._older_at = self._older_end = 0
        self._seeking: set[str] = set()
        self._made = _Made(newest.changes, newest.removals, Samples(posts=[], of={}))
        self._sent, self._sent_ms = NOTHING_SENT, 0
        self._is_failing = False

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
        """Take posts away at once that were deleted or edited. Edited ones are read again."""
        edited = {one.offset for one in changes if one.kind != DELETED}
        with self._lock:
            self._again.update(sorted(edited)[-AGAIN:])
            is_gone = self._newest.remove((one.offset for one in changes if one.kind == DELETED), is_for_good=True)
            if self._newest.remove(edited, is_for_good=False) or is_gone:
                self._make()

    def samples(self) -> Samples | None:
        """The samples, if they have to be sent now. They are sent until they have arrived. It waits for nothing."""
        made = self._made
        if made.changes == self._sent.changes:
            return None
        is_urgent = made.removals != self._sent.removals
        is_due = self._monotonic_ms() - self._sent_ms >= LEAST_MS
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
            OSError: Ingest can't be reached.
            ContractError: It breaks the contract.
            TooLargeError: A post is too large.

        """
        snapshot = self._snapshot
        if snapshot is None or snapshot.health.ingest.status is None:
            return
        status, end = snapshot.health.ingest.status, snapshot.health.offset
        with self._lock:
            self._begin(snapshot, status)
            again, self._again = self._again, set()
            self._newest.remove(again, is_for_good=False)
            self._make()
        for offset in sorted(again):
            self._add(offset, offset + 1)
        if snapshot.health.lag_posts <= MOST_LAG and snapshot.health.ingest.reachable:
            if end > self._read_until:
                self._add(max(self._read_until, end - NEW_POSTS), end)
            self._read_older()
        self._read_until = end
        with self._lock:
            self._make()

    def _begin(self, snapshot: Snapshot, status: Status) -> None:
        """Take away what may not be shown any more, and note for which tags older posts are needed."""
        ingest, end = snapshot.health.ingest, snapshot.health.offset
        is_deaf = not ingest.reachable and snapshot.produced_at_ms - ingest.since_ms > MOST_DEAF_MS
        if is_deaf or (status["log"], snapshot.epoch) != (self._log, self._epoch):
            self._log, self._epoch, self._read_until = status["log"], snapshot.epoch, end
            self._seeking = set()
            self._newest.forget()
        lasting, passing = wanted_tags(snapshot)
        new = self._newest.want([*lasting, *passing])
        self._newest.remove_before(status["first"])
        self._newest.remove_muted()
        sought = new.intersection(lasting)
        if sought:
            self._seeking |= sought
            self._older_at, self._older_end = self._read_until, max(status["first"], self._read_until - OLDER_POSTS)

    def _read_older(self) -> None:
        with self._lock:
            self._seeking = self._newest.lacking(self._seeking)
        if self._seeking and self._older_at > self._older_end:
            begin = max(self._older_end, self._older_at - OLDER_AT_ONCE)
            self._add(begin, self._older_at)
            self._older_at = begin
        elif self._older_at <= self._older_end:
            self._seeking = set()

    def _add(self, start: int, end: int) -> None:
        piece = self._client.read(start, end, MAX_BYTES)
        if piece.log != self._log:
            return
        posts = [*read_lines(piece.body)]
        with self._lock:
            self._newest.add(posts)
