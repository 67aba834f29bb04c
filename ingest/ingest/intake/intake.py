"""The path of a post: source -> tags -> filter -> duplicates -> run -> spool."""

import logging
import sqlite3
import threading
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate, compress

from ingest.intake import known_ids, outcome, progress
from ingest.intake.dedup import Deduplicator
from ingest.intake.outcome import Outcome, Outcomes
from ingest.intake.progress import Progress
from ingest.log_throttle import LogThrottle
from ingest.posts.filter import Filter
from ingest.posts.post import Post
from ingest.sources.base import Block, Malformed, Source, SourceItem
from ingest.spool.spool import Spool

#: A run (the posts of one commit) is committed when it reaches one of these bounds.
RUN_POSTS = 4096
RUN_CHARACTERS = 512 * 1024
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
        self._on_limit = on_limit
        self._ready = threading.Condition(threading.Lock())
        self._stop = threading.Event()
        self._ids_loaded = False
        self._run: list[Post] = []
        self._run_characters = 0
        self._commit_at_seconds = 0.0
        self._accepted = 0
        self._self_filtering: frozenset[str] = frozenset()
        self._progress: dict[str, Progress] = {}
        self._committed: Mapping[str, Progress] = {}
        self.error: str | None = None
        self._flusher = threading.Thread(target=self._flush_in_time, name="flusher", daemon=True)

    def start(self, stored: Mapping[str, bytes], sources: Sequence[Source], *, fresh: bool = False) -> None:
        """Resume the sessions of these sources and begin to commit.

        Args:
            stored: Progress of each source that ever ran, by its name, as stored in the spool.
            sources: The sources that will call `accept`.
            fresh: Begin new sessions in any case.

        """
        end = self._spool.end
        self._progress = {
            source.name: progress.resume(stored.get(source.name), source, end, fresh=fresh) for source in sources
        }
        self._committed = {name: progress.decode(each.encode()) for name, each in self._progress.items()}
        self._accepted = sum(each.accepted for each in self._progress.values())
        self._self_filtering = frozenset(source.name for source in sources if source.filters_itself)
        self._flusher.start()
        if self.at_limit:
            self._on_limit()

    def load_known_ids(self) -> None:
        """Load the ids of the sessions' posts, once, before the first `accept`; takes seconds if the spool is full."""
        with self._ready, self._spool.reader() as reader:
            if not self._ids_loaded:
                known_ids.load(self._dedup, reader, self._spool.end, self._progress, self._stop.is_set)
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
        return bool(self._run)

    def progress(self, name: str) -> Progress:
        """Return the committed progress of a source."""
        return self._committed[name]

    def cursor(self, name: str) -> str | None:
        """Return the cursor from which this source resumes; it includes posts that are not committed yet."""
        with self._ready:
            return self._progress[name].cursor

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
            counts, first = self._progress[name], 0
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
            for each in self._progress.values() if self.at_limit else [self._progress[name]]:
                each.finished = True
            self._progress[name].at_end = not self.at_limit
            self._commit()

    def _ended(self) -> bool:
        return self._stop.is_set() or self.at_limit

    def _accept_posts(self, name: str, block: Block, found: Outcomes, first: int, end: int) -> bool:
        """Add the posts at these places to the run, without the duplicates; return False if the source must end."""
        while first < end:
            count = self._room(found.characters[first:end])
            self._add(name, block, found, first, first + count)
            first += count
            if len(self._run) >= RUN_POSTS or self._run_characters >= RUN_CHARACTERS:
                self._commit()
            if self.at_limit:
                self._on_limit()
            if self._ended():
                return False
        return True

    def _room(self, characters: Sequence[int]) -> int:
        """Return how many posts of these lengths, one at least, come before a bound of the run or the limit."""
        posts = RUN_POSTS - len(self._run)
        if self._limit is not None:
            posts = min(posts, self._limit - self._accepted)
        if self._run_characters + sum(characters) < RUN_CHARACTERS:
            return min(posts, len(characters))
        lengths = list(accumulate(characters, initial=self._run_characters))
        # The post that reaches the bound of characters is the last one.
        return min(posts, bisect_left(lengths, RUN_CHARACTERS, 1, len(characters)))

    def _add(self, name: str, block: Block, found: Outcomes, first: int, end: int) -> None:
        counts = self._progress[name]
        counts.cursor = block[end - 1].cursor
        posts: Sequence[Post] = found.made[first:end]  # type: ignore[assignment]
        characters = found.characters[first:end]
        known = self._dedup.add_all([post.id for post in posts], self._spool.end + len(self._run))
        if known:
            counts.duplicate += len(known)
            repeated = set(known)
            new = [place not in repeated for place in range(len(posts))]
            posts, characters = list(compress(posts, new)), list(compress(characters, new))
        if not posts:
            return
        counts.accepted += len(posts)
        self._accepted += len(posts)
        if not self._run:
            self._commit_at_seconds = self._monotonic_seconds() + LINGER_SECONDS
            self._ready.notify_all()
        self._run += posts
        self._run_characters += sum(characters)
        for place in range(first, end) if found.dropped_tags else ():
            if place in found.dropped_tags and place - first not in known:
                self._count_dropped_tags(name, block[place].cursor, found.dropped_tags[place])

    def _count(self, name: str, counts: Progress, made: Outcome) -> None:
        """Count an item that is not a post for the log."""
        if made is None:
            counts.filtered += 1
        elif isinstance(made, Malformed):
            self._count_malformed(name, made)
        else:
            counts.duplicate += 1

    def _count_malformed(self, name: str, item: Malformed) -> None:
        malformed = self._progress[name].malformed
        total = malformed[item.reason] = malformed.get(item.reason, 0) + 1
        if self._throttle.allows(f"malformed {name} {item.reason}"):
            why = f"{item.reason}: {item.cause}" if item.cause else item.reason
            logger.warning("%s: dropped an input: %s (%d so far, at cursor %s)", name, why, total, item.cursor)

    def _count_dropped_tags(self, name: str, cursor: str | None, reasons: Sequence[str]) -> None:
        """Count and log that an accepted post lost tags for these reasons."""
        malformed = self._progress[name].malformed
        for reason in reasons:
            malformed[reason] = malformed.get(reason, 0) + 1
            if self._throttle.allows(f"malformed {name} {reason}"):
                logger.warning(
                    "%s: dropped tags of a post: %s (%d so far, at cursor %s)", name, reason, malformed[reason], cursor
                )

    def _commit(self) -> None:
        """Write the run and the progress; while the disk is full, retry, and block the sources until there is room."""
        stored = {name: each.encode() for name, each in self._progress.items()}
        while True:
            try:
                self._spool.append(self._run, stored, lambda: self._on_commit(stored))
                break
            except sqlite3.Error as error:
                self.error = f"the spool can't be written, so the sources wait: {error}"
                if self._throttle.allows("spool"):
                    logger.error("%s", self.error)
                if self._stop.wait(RETRY_SECONDS):
                    return
                self._trim()
        if self.error:
            logger.info("the spool can be written again")
        self.error = None
        self._run, self._run_characters = [], 0

    def _on_commit(self, stored: Mapping[str, bytes]) -> None:
        self._committed = {name: progress.decode(blob) for name, blob in stored.items()}

    def _flush_in_time(self) -> None:
        """Commit each run when it is `LINGER_SECONDS` old; do housekeeping every `HOUSEKEEPING_SECONDS`."""
        housekeeping_at_seconds = self._monotonic_seconds() + HOUSEKEEPING_SECONDS
        while not self._stop.is_set():
            with self._ready:
                if self._run and self._commit_at_seconds <= self._monotonic_seconds():
                    self._commit()
                commit_at_seconds = self._commit_at_seconds if self._run else housekeeping_at_seconds
                due_at_seconds = min(commit_at_seconds, housekeeping_at_seconds)
                self._ready.wait(max(0.0, due_at_seconds - self._monotonic_seconds()))
            if housekeeping_at_seconds <= self._monotonic_seconds():
                self._housekeep()
                housekeeping_at_seconds = self._monotonic_seconds() + HOUSEKEEPING_SECONDS
        self.flush()

    def _housekeep(self) -> None:
        """Commit progress that came without posts, trim the spool, drop the ids of trimmed posts."""
        self._spool.check_in_place()
        with self._ready:
            if any(self._committed[name] != each for name, each in self._progress.items()):
                self._commit()
        first = self._trim()
        with self._ready:
            self._dedup.drop_before(first)

    def _trim(self) -> int:
        """Trim the spool; return the first offset that is still stored, 0 if trimming failed."""
        try:
            return self._spool.trim()
        except sqlite3.Error as error:
            if self._throttle.allows("trim"):
                logger.error("the spool can't be trimmed: %s", error)
            return 0
