"""The path of a post: source -> tags -> filter -> duplicates -> run -> spool."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import compress

from ingest.intake import known_ids, outcome
from ingest.intake.bad_input import BadInput
from ingest.intake.dedup import Deduplicator
from ingest.intake.outcome import Outcome, Outcomes
from ingest.intake.pending_changes import PendingChanges
from ingest.intake.progress import Progress
from ingest.intake.run import Run
from ingest.intake.sessions import Sessions
from ingest.intake.upkeep import Upkeep
from ingest.log_throttle import LogThrottle
from ingest.posts.filter import Filter
from ingest.posts.post import Post
from ingest.sources.base import Block, ChangedPost, Malformed, Source, SourceItem
from ingest.spool.apply import Applied
from ingest.spool.reader import UnreadableError
from ingest.spool.spool import Spool

#: A run is committed when it is this old, or full.
LINGER_SECONDS = 0.1
#: How often progress without accepted posts is committed, the spool is trimmed, and ids of trimmed posts are dropped.
HOUSEKEEPING_SECONDS = 1.0
#: Wait before the retry of a commit that failed (the disk is full).
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Intake:
    """Accepts the items of the sources and commits them in runs. Thread-safe; each source has a thread."""

    def __init__(
        self,
        spool: Spool,
        post_filter: Filter,
        dedup: Deduplicator,
        *,
        limit: int | None,
        monotonic_seconds: Callable[[], float],
        throttle: LogThrottle,
        on_limit: Callable[[], None] = lambda: None,
    ) -> None:
        """Create the intake; `start` begins to commit.

        Args:
            spool: Where posts and progress are committed.
            post_filter: Decides which posts are wanted; the attribute may be replaced at any time.
            dedup: Recognises posts that were accepted before.
            limit: Bound on the posts accepted in the sessions of all sources together; None: no bound.
            monotonic_seconds: Monotonic clock.
            throttle: Bounds the log lines about bad input.
            on_limit: Called when the limit is reached; called by `start` if it was reached before. It must not call
                the intake.

        """
        self._spool = spool
        self.post_filter = post_filter
        self._dedup = dedup
        self._limit = limit
        self._monotonic_seconds = monotonic_seconds
        self._throttle = throttle
        self._bad_input = BadInput(throttle)
        self._on_limit = on_limit
        self._ready = threading.Condition(threading.Lock())
        self._stop = threading.Event()
        self._ids_loaded, self._run = False, Run()
        self._changes = PendingChanges()
        self._commit_at_seconds: float | None = None
        self._accepted = 0
        self._self_filtering = self._with_aliases = frozenset[str]()
        self._sessions = Sessions()
        self._upkeep = Upkeep(spool, monotonic_seconds, throttle)
        self.error: str | None = None
        self._flusher = threading.Thread(target=self._flush_in_time, name="flusher", daemon=True)

    def start(self, stored: Mapping[str, bytes], sources: Sequence[Source], *, fresh: bool = False) -> None:
        """Resume the sessions of these sources and begin to commit.

        Args:
            stored: Progress of each source that ever ran, by its name, as stored in the spool.
            sources: The sources that will call `accept`.
            fresh: Begin new sessions in any case.

        """
        self._sessions = Sessions(stored, sources, self._spool.end, fresh=fresh)
        self._accepted = sum(each.accepted for each in self._sessions)
        self._self_filtering = frozenset(source.name for source in sources if source.filters_itself)
        self._with_aliases = frozenset(source.name for source in sources if source.has_aliases)
        self._flusher.start()
        if self.at_limit:
            self._on_limit()

    def load_known_ids(self) -> None:
        """Load the ids of the sessions' posts, once, before the first `accept`; takes seconds if the spool is full."""
        with self._ready, self._spool.reader() as reader:
            if not self._ids_loaded:
                known_ids.load(self._dedup, reader, self._spool.end, self._sessions.now, self._stop.is_set)
                self._ids_loaded = True

    def stop(self) -> None:
        """Commit what was accepted, and accept nothing more."""
        self._stop.set()
        with self._ready:
            self._ready.notify_all()
        if self._flusher.is_alive():
            self._flusher.join()

    @property
    def at_limit(self) -> bool:
        """Whether the limit is reached; once reached, it stays reached."""
        return self._limit is not None and self._accepted >= self._limit

    @property
    def posts_wait(self) -> bool:
        """Whether accepted posts wait for their commit."""
        return bool(self._run.posts)

    def progress(self, name: str) -> Progress:
        """Return the committed progress of a source."""
        return self._sessions.committed(name)

    def cursor(self, name: str) -> str | None:
        """Return the cursor from which this source resumes; it includes posts that are not committed yet."""
        with self._ready:
            return self._sessions[name].cursor

    def accept(self, name: str, item: SourceItem) -> bool:
        """Accept one item; see `accept_block`."""
        return self.accept_block(name, [item])

    def accept_block(self, name: str, block: Block) -> bool:
        """Accept items of the source of this name, in order; blocks while the disk is slower than the source.

        Returns:
            False if the source must end: the limit is reached, or the intake stops.

        """
        found = outcome.outcomes(block, None if name in self._self_filtering else self.post_filter)
        others = [place for place, made in enumerate(found.made) if type(made) is not Post]
        with self._ready:
            if self._ended():
                return False
            counts, first = self._sessions[name], 0
            for place in [*others, len(block)]:
                # The items before this place are posts.
                if first < place and not self._accept_posts(name, block, found, first, place):
                    return False
                if place < len(block):
                    counts.cursor = block[place].cursor
                    self._count(name, counts, found.made[place])
                first = place + 1
        return True

    def flush(self) -> None:
        """Commit what was accepted."""
        with self._ready:
            self._commit()

    def finish(self, name: str) -> None:
        """Commit what was accepted, and mark this source as finished; at the limit, mark all of them."""
        with self._ready:
            for each in self._sessions if self.at_limit else [self._sessions[name]]:
                each.finished = True
            self._sessions[name].at_end = not self.at_limit
            self._commit()

    def _ended(self) -> bool:
        return self._stop.is_set() or self.at_limit

    def _accept_posts(self, name: str, block: Block, found: Outcomes, first: int, end: int) -> bool:
        """Add the posts at these places to the run, without the duplicates; return False if the source must end."""
        while first < end:
            left = None if self._limit is None else self._limit - self._accepted
            count = self._run.room(found.characters[first:end], left)
            self._add(name, block, found, first, first + count)
            first += count
            if self._run.full:
                self._commit()
            if self.at_limit:
                self._on_limit()
            if self._ended():
                return False
        return True

    def _add(self, name: str, block: Block, found: Outcomes, first: int, end: int) -> None:
        counts = self._sessions[name]
        counts.cursor = block[end - 1].cursor
        posts: Sequence[Post] = found.made[first:end]  # type: ignore[assignment]
        characters = found.characters[first:end]
        known = self._dedup.add_all([post.id for post in posts], self._spool.end + len(self._run.posts))
        if known:
            counts.duplicate += len(known)
            repeated = set(known)
            new = [place not in repeated for place in range(len(posts))]
            posts, characters = list(compress(posts, new)), list(compress(characters, new))
        if not posts:
            return
        if name in self._with_aliases:
            self._dedup.add_aliases(posts, self._spool.end + len(self._run.posts))
        counts.accepted += len(posts)
        self._accepted += len(posts)
        self._run.add(posts, characters)
        self._commit_soon()
        for place in range(first, end) if found.dropped_tags else ():
            if place - first not in known:
                self._bad_input.count_dropped_tags(name, counts, block[place].cursor, found.dropped_tags.get(place, ()))

    def _change(self, name: str, counts: Progress, item: ChangedPost) -> None:
        """Let the next commit change a post of the log, or one that waits for that commit, too."""
        if not self._changes.add(name, item, self._dedup.find(item.id), self._spool.marks().first):
            counts.not_stored += 1
            return
        self._commit_soon()
        if self._changes.full:
            self._commit()

    def _commit_soon(self) -> None:
        """Let the flusher commit what waits now, if it is not going to."""
        if self._commit_at_seconds is None:
            self._commit_at_seconds = self._monotonic_seconds() + LINGER_SECONDS
            self._ready.notify_all()

    def _count(self, name: str, counts: Progress, made: Outcome) -> None:
        """Count an item that is not a post for the log."""
        if made is None:
            counts.filtered += 1
        elif isinstance(made, Malformed):
            self._bad_input.count(name, counts, made)
        elif isinstance(made, ChangedPost):
            self._change(name, counts, made)
        else:
            counts.duplicate += 1

    def _commit(self) -> None:
        """Write the run and the progress; while the disk is full, retry, and block the sources until there is room."""
        damage: UnreadableError | None = None
        while True:
            try:
                if damage:
                    self._spool.discard(damage)
                self._append()
                break
            except UnreadableError as error:
                damage = error
            except sqlite3.Error as error:
                self.error = f"the spool can't be written, so the sources wait: {error}"
                if self._throttle.allows("spool"):
                    logger.error("%s", self.error)
                if self._stop.wait(RETRY_SECONDS):
                    return
                self._upkeep.make_room()
        if self.error:
            logger.info("the spool can be written again")
        self.error = None
        self._run, self._commit_at_seconds = Run(), None
        self._changes.clear()

    def _append(self) -> None:
        """Commit the run, the changes and the progress."""
        stored = self._sessions.encode()

        def count_changes(applied: Sequence[Applied]) -> Mapping[str, bytes]:
            stored.update(self._sessions.encode_with(applied))
            return stored

        changes = (self._changes.wanted, count_changes) if self._changes.wanted else ()
        self._spool.append(self._run.posts, stored, partial(self._sessions.on_commit, stored), *changes)

    def _flush_in_time(self) -> None:
        """Commit each run when it is `LINGER_SECONDS` old; do housekeeping every `HOUSEKEEPING_SECONDS`."""
        housekeeping_at_seconds = self._monotonic_seconds() + HOUSEKEEPING_SECONDS
        while not self._stop.is_set():
            with self._ready:
                if self._commit_at_seconds is not None and self._commit_at_seconds <= self._monotonic_seconds():
                    self._commit()
                due_at_seconds = min(self._commit_at_seconds or housekeeping_at_seconds, housekeeping_at_seconds)
                self._ready.wait(max(0.0, due_at_seconds - self._monotonic_seconds()))
            if housekeeping_at_seconds <= self._monotonic_seconds():
                self._housekeep()
                housekeeping_at_seconds = self._monotonic_seconds() + HOUSEKEEPING_SECONDS
        self.flush()

    def _housekeep(self) -> None:
        """Commit progress that came without posts, trim the spool, drop the ids of trimmed posts."""
        self._spool.check_in_place()
        with self._ready:
            if not self._sessions.are_committed:
                self._commit()
        first = self._upkeep.trim()
        with self._ready:
            self._dedup.drop_before(first)
        self._upkeep.remove_old_content()
