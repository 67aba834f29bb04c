"""The path of a post: source -> tags -> filter -> duplicates -> run -> log."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import compress

from ingest.intake import outcome
from ingest.intake.dedup import Deduplicator
from ingest.intake.dropped import DroppedPosts
from ingest.intake.drops import Drops
from ingest.intake.log import Log, LogUpkeep, UnwritableError
from ingest.intake.outcome import Outcomes
from ingest.intake.pending_changes import PendingChanges, in_parts
from ingest.intake.progress import Progress
from ingest.intake.sessions import Sessions
from ingest.log_throttle import LogThrottle
from ingest.posts.filter import Filter
from ingest.posts.post import Post
from ingest.sources.base import Block, ChangedPost, Source, SourceItem
from ingest.spool.apply import Applied
from ingest.spool.reader import UnreadableError

#: A run is committed when it is this old, or full.
LINGER_SECONDS = 0.1
#: How often progress without accepted posts is committed, the log is trimmed, and ids of trimmed posts are dropped.
HOUSEKEEPING_SECONDS = 1.0
#: Wait before the retry of a commit that failed (the disk is full).
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Intake:
    """Accepts the items of the sources and commits them in runs. Thread-safe; each source has a thread."""

    def __init__(
        self,
        log: Log,
        upkeep: LogUpkeep,
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
            log: Where posts and progress are committed.
            upkeep: Trims that log, and knows its ids.
            post_filter: Decides which posts are wanted; the attribute may be replaced at any time.
            dedup: Recognises posts that were accepted before.
            limit: Bound on the posts accepted in the sessions of all sources together; None: no bound.
            monotonic_seconds: Monotonic clock.
            throttle: Bounds the log lines about bad input.
            on_limit: Called when the limit is reached, or by `start`. It must not call the intake.

        """
        self._log, self._upkeep = log, upkeep
        self.post_filter = post_filter
        self._dedup, self._limit, self._on_limit = dedup, limit, on_limit
        self._monotonic_seconds, self._throttle = monotonic_seconds, throttle
        self.dropped = DroppedPosts(lambda: log.marks().watermark_ms, monotonic_seconds)
        self._drops = Drops(throttle, self.dropped)
        self._ready = threading.Condition(threading.Lock())
        self._stop = threading.Event()
        self._ids_loaded, self._run, self._changes = False, upkeep.new_run(), PendingChanges()
        self._commit_at_seconds: float | None = None
        self._accepted = 0
        self._sessions, self._self_filtering = Sessions(), frozenset[str]()
        self.error: str | None = None
        self._flusher = threading.Thread(target=self._flush_in_time, name="flusher", daemon=True)

    def start(self, stored: Mapping[str, bytes], sources: Sequence[Source], *, fresh: bool = False) -> None:
        """Resume the sessions of these sources and begin to commit.

        Args:
            stored: Progress of each source that ever ran, by its name, as stored in the log.
            sources: The sources that will call `accept`.
            fresh: Begin new sessions in any case.

        """
        self._sessions = Sessions(stored, sources, self._upkeep.session_start(), fresh=fresh)
        self._accepted = sum(each.accepted for each in self._sessions)
        self._self_filtering = frozenset(source.name for source in sources if source.filters_itself)
        self._dedup.with_accounts = frozenset(source.name for source in sources if source.reports_accounts)
        self._dedup.with_aliases = frozenset(source.name for source in sources if source.has_aliases)
        self._flusher.start()
        if self.at_limit:
            self._on_limit()

    def load_known_ids(self) -> None:
        """Load the ids of the sessions' posts, once, before the first `accept`; takes seconds if the log is full."""
        with self._ready:
            if not self._ids_loaded:
                self._upkeep.load_ids(self._dedup, self._sessions.now, self._stop.is_set)
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
        """Accept items of the source of this name, in order; blocks while the log is slower than the source.

        Returns:
            False if the source must end: the limit is reached, or the intake stops.

        """
        found = outcome.outcomes(block, None if name in self._self_filtering else self.post_filter)
        others = [place for place, made in enumerate(found.made) if type(made) is not Post]
        with self._ready:
            if self._ended():
                return False
            counts, first, is_asked = self._sessions[name], 0, self.dropped.is_wanted
            for place in [*others, len(block)]:
                # The items before this place are posts.
                if first < place and not self._accept_posts(name, block, found, first, place):
                    return False
                if place < len(block):
                    item, made = block[place], found.made[place]
                    counts.cursor = item.cursor
                    if made is None and not is_asked:
                        counts.filtered += 1
                    elif isinstance(made, ChangedPost):
                        self._change(name, counts, made)
                    else:
                        self._drops.count(name, counts, item, made, self._next_offset if is_asked else None)
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

    @property
    def _next_offset(self) -> int:
        return self._log.end + len(self._run.posts)

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
        known = self._dedup.add_all([post.id for post in posts], self._next_offset)
        if known:
            self._drops.count_known(name, counts, posts, known, self._next_offset)
            repeated = set(known)
            new = [place not in repeated for place in range(len(posts))]
            posts, characters = list(compress(posts, new)), list(compress(characters, new))
        if not posts:
            return
        self._dedup.add_names(name, posts, self._next_offset)
        counts.accepted += len(posts)
        self._accepted += len(posts)
        self._run.add(posts, characters)
        self._commit_soon()
        if found.dropped_tags:
            accepted = [place for place in range(first, end) if place - first not in known]
            self._drops.count_dropped_tags(name, counts, block, accepted, found.dropped_tags)

    def _change(self, name: str, counts: Progress, item: ChangedPost) -> None:
        """Let the next commit change a post of the log or one that waits for that commit, or those of an account."""
        self.dropped.forget(item)
        for some in in_parts(self._dedup.find_account(item.id) if item.is_account else self._dedup.find(item.id)):
            if self._changes.add(name, item, some, self._log.marks().first):
                self._commit_soon()
            elif not item.is_account:
                counts.not_stored += 1
            if self._changes.full:
                self._commit()

    def _commit_soon(self) -> None:
        """Let the flusher commit what waits now, if it is not going to."""
        if self._commit_at_seconds is None:
            self._commit_at_seconds = self._monotonic_seconds() + LINGER_SECONDS
            self._ready.notify_all()

    def _commit(self) -> None:
        """Write the run and the progress; while that fails, retry, and block the sources."""
        damage: UnreadableError | None = None
        while True:
            try:
                if damage:
                    self._upkeep.discard(damage)
                self._append()
                break
            except UnreadableError as error:
                damage = error
            except (sqlite3.Error, UnwritableError) as error:
                self.error = self._upkeep.unwritable(error)
                if self._throttle.allows("log"):
                    logger.error("%s", self.error)
                if self._stop.wait(RETRY_SECONDS):
                    return
                self._upkeep.make_room()
        if self.error:
            logger.info("%s can be written again", self._upkeep.title)
        self.error = None
        self._run, self._commit_at_seconds = self._upkeep.new_run(), None
        self._changes.clear()

    def _append(self) -> None:
        """Commit the run, the changes and the progress."""
        stored = self._sessions.encode()

        def count_changes(applied: Sequence[Applied]) -> Mapping[str, bytes]:
            stored.update(self._sessions.encode_with(applied))
            return stored

        changes = (self._changes.wanted, count_changes) if self._changes.wanted else ()
        self._log.append(self._run.posts, stored, partial(self._sessions.on_commit, stored), *changes)

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
        """Commit progress that came without posts, trim the log, drop the ids of trimmed posts."""
        self._log.check_in_place()
        self.dropped.forget_old()
        with self._ready:
            if not self._sessions.are_committed:
                self._commit()
        first = self._upkeep.trim()
        with self._ready:
            self._dedup.drop_before(first)
        self._upkeep.remove_old_content()
