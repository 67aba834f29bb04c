"""The way of a post: source -> filter -> tags -> duplicates -> spool."""

import logging
import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence

import msgspec

from ingest.intake import progress
from ingest.intake.dedup import Seen
from ingest.intake.progress import Progress
from ingest.log_throttle import Throttle
from ingest.posts import entry
from ingest.posts.filter import Filter
from ingest.posts.post import Post
from ingest.sources.base import Item, Malformed, Repeated, Source
from ingest.sources.common import unexpected
from ingest.spool.reader import Reader, TrimmedError, UnreadableError
from ingest.spool.writer import Spool

#: A run is committed when it has so many posts or so many characters of text, or is so old.
RUN_POSTS = 4096
RUN_CHARACTERS = 512 * 1024
LINGER_SECONDS = 0.1
#: Progress without accepted posts is committed this often; memory of trimmed posts is given up this often.
HOUSEKEEPING_SECONDS = 1.0
#: How long to wait before a commit that failed (the disk is full) is tried again.
RETRY_SECONDS = 1.0

logger = logging.getLogger(__name__)


class _Id(msgspec.Struct, gc=False):
    id: str
    source: str


_decode_ids = msgspec.json.Decoder(_Id).decode_lines


class Intake:
    """Takes what the sources yield and commits it in runs. Safe to use from many threads, one a source."""

    def __init__(
        self,
        spool: Spool,
        wanted: Filter,
        seen: Seen,
        *,
        limit: int | None,
        monotonic: Callable[[], float],
        throttle: Throttle,
        on_limit: Callable[[], None] = lambda: None,
    ) -> None:
        """`limit` bounds the posts accepted in the sessions of all sources together; None: no bound.

        `on_limit` is called when it is reached, at `start` if it was before; it must not call back. `wanted` may be
        replaced at any time.
        """
        self._spool = spool
        self.wanted = wanted
        self._seen = seen
        self._limit = limit
        self._monotonic = monotonic
        self._throttle = throttle
        self._on_limit = on_limit
        # Each post takes the lock, and takes it itself: by way of the condition it costs several times as much.
        self._lock = threading.Lock()
        self._ready = threading.Condition(self._lock)
        self._stop = threading.Event()
        self._remembered = False
        self._run: list[Post] = []
        self._run_characters = 0
        self._deadline = 0.0
        self._accepted = 0
        self._selecting: frozenset[str] = frozenset()
        self._progress: dict[str, Progress] = {}
        self._committed: Mapping[str, Progress] = {}
        self.error: str | None = None
        self._flusher = threading.Thread(target=self._flush_in_time, name="flusher", daemon=True)

    def start(self, stored: Mapping[str, bytes], sources: Sequence[Source], *, anew: bool = False) -> None:
        """Take up the `stored` progress of these sources, or begin sessions `anew`; begin to commit."""
        end = self._spool.end
        self._progress = {
            source.name: progress.take_up(stored.get(source.name), source, end, anew=anew) for source in sources
        }
        self._committed = {name: progress.decode(each.encode()) for name, each in self._progress.items()}
        self._accepted = sum(each.accepted for each in self._progress.values())
        self._selecting = frozenset(source.name for source in sources if source.selects)
        self._flusher.start()
        if self.at_limit:
            self._on_limit()

    def remember(self) -> None:
        """Learn the ids of the sessions' posts: once, before the first `take`; takes seconds if it is full."""
        with self._ready, self._spool.reader() as reader:
            if self._remembered:
                return
            firsts = {name: each.first for name, each in self._progress.items() if not each.finished}
            offset = min(firsts.values(), default=self._spool.end)
            while offset < self._spool.end and not self._stop.is_set():
                offset = self._remember_from(reader, offset, firsts)
            self._remembered = True

    def _remember_from(self, reader: Reader, offset: int, firsts: Mapping[str, int]) -> int:
        """Learn ids from `offset` up to the end, or a run that is damaged or trimmed; return where to go on."""
        # A replayed post may name a source that is none of ours.
        others = max(firsts.values())
        try:
            held = reader.range(offset, self._spool.end)
            offset = held.first
            for lines in reader.lines(held):
                ids = _decode_ids(lines)
                if offset >= others:
                    self._seen.add_distinct((each.id for each in ids), offset)
                else:
                    for number, each in enumerate(ids, offset):
                        if number >= firsts.get(each.source, others):
                            self._seen.add(each.id, number)
                offset += len(ids)
                if self._stop.is_set():
                    break
        except TrimmedError:
            logger.debug("the posts from %d on were trimmed while their ids were learned", offset)
        except UnreadableError as damage:
            logger.error("%s: a second post with the id of one of them would be taken", damage)
            return damage.end
        return offset

    def stop(self) -> None:
        """Commit what was taken, and take no more."""
        self._stop.set()
        with self._ready:
            self._ready.notify_all()
        if self._flusher.is_alive():
            self._flusher.join()

    @property
    def at_limit(self) -> bool:
        """Whether the limit is reached; it stays so."""
        return self._limit is not None and self._accepted >= self._limit

    def progress(self, name: str) -> Progress:
        """Return the committed progress of a source."""
        return self._committed[name]

    def cursor(self, name: str) -> str | None:
        """Return where the source of this name goes on; also behind posts that wait for their commit."""
        with self._ready:
            return self._progress[name].cursor

    def take(self, name: str, item: Item) -> bool:
        """Take one input of the source of this name; False: no more of them, the limit is reached or we stop.

        Returns when there is room for the next: a source that is too fast waits for the disk.
        """
        if isinstance(item, Malformed):
            return self._note_malformed(name, item)
        if isinstance(item, Repeated):
            return self._note_repeated(name, item)
        try:
            made = entry.entry(item.post)
            if made is None:
                return self._note_malformed(name, Malformed(entry.TOO_LONG, item.cursor))
            post, left_out = made
            wanted = name in self._selecting or self.wanted.wants(post.text, post.tags, post.lang)
        except Exception as error:  # noqa: BLE001 - one post must not end ingest
            return self._note_malformed(name, unexpected.malformed(error, item.cursor))
        with self._lock:
            if self._full():
                return False
            counts = self._progress[name]
            counts.cursor = item.cursor
            if not wanted:
                counts.filtered += 1
                return True
            if not self._seen.add(post.id, self._spool.end + len(self._run)):
                counts.duplicate += 1
                return True
            counts.accepted += 1
            self._accepted += 1
            self._add(post)
            if left_out:
                self._note_left_out(name, item.cursor, left_out)
            if not self.at_limit:
                return True
            self._on_limit()
            return False

    def flush(self) -> None:
        """Commit what was taken."""
        with self._ready:
            self._commit()

    def finish(self, name: str) -> None:
        """Commit what was taken, and that this source came to its end; at the limit, all of them did."""
        with self._ready:
            for each in self._progress.values() if self.at_limit else [self._progress[name]]:
                each.finished = True
            self._progress[name].at_end = not self.at_limit
            self._commit()

    def _full(self) -> bool:
        return self._stop.is_set() or self.at_limit

    def _add(self, post: Post) -> None:
        if not self._run:
            self._deadline = self._monotonic() + LINGER_SECONDS
            self._ready.notify_all()
        self._run.append(post)
        self._run_characters += len(post.text)
        if len(self._run) >= RUN_POSTS or self._run_characters >= RUN_CHARACTERS:
            self._commit()

    def _note_repeated(self, name: str, item: Repeated) -> bool:
        with self._ready:
            if self._full():
                return False
            counts = self._progress[name]
            counts.cursor, counts.duplicate = item.cursor, counts.duplicate + 1
        return True

    def _note_malformed(self, name: str, item: Malformed) -> bool:
        with self._ready:
            if self._full():
                return False
            counts = self._progress[name]
            counts.cursor = item.cursor
            counts.malformed[item.reason] = counts.malformed.get(item.reason, 0) + 1
            total = counts.malformed[item.reason]
        if self._throttle.admits(f"malformed {name} {item.reason}"):
            why = f"{item.reason}: {item.cause}" if item.cause else item.reason
            logger.warning("%s: dropped an input: %s (%d so far, at %s)", name, why, total, item.cursor)
        return True

    def _note_left_out(self, name: str, cursor: str | None, reasons: Sequence[str]) -> None:
        """Count that a post which was taken has lost tags for these reasons."""
        malformed = self._progress[name].malformed
        for reason in reasons:
            malformed[reason] = malformed.get(reason, 0) + 1
            if self._throttle.admits(f"malformed {name} {reason}"):
                logger.warning(
                    "%s: left tags of a post out: %s (%d so far, at %s)", name, reason, malformed[reason], cursor
                )

    def _commit(self) -> None:
        """Write the run and the progress; a disk that is full holds the sources up until there is room again."""
        stored = {name: each.encode() for name, each in self._progress.items()}
        while True:
            try:
                self._spool.append(self._run, stored, lambda: self._note_commit(stored))
                break
            except sqlite3.Error as error:
                self.error = f"the spool can't be written, and the sources are held up: {error}"
                if self._throttle.admits("spool"):
                    logger.error("%s", self.error)
                if self._stop.wait(RETRY_SECONDS):
                    return
                self._trim()
        if self.error:
            logger.info("the spool is written again")
        self.error = None
        self._run = []
        self._run_characters = 0

    def _note_commit(self, stored: Mapping[str, bytes]) -> None:
        self._committed = {name: progress.decode(blob) for name, blob in stored.items()}

    def _flush_in_time(self) -> None:
        """Commit each run when it is `LINGER_SECONDS` old; keep house every `HOUSEKEEPING_SECONDS`."""
        tidy_at = self._monotonic() + HOUSEKEEPING_SECONDS
        while not self._stop.is_set():
            with self._ready:
                if self._run and self._deadline <= self._monotonic():
                    self._commit()
                due = min(self._deadline, tidy_at) if self._run else tidy_at
                self._ready.wait(max(0.0, due - self._monotonic()))
            if tidy_at <= self._monotonic():
                self._keep_house()
                tidy_at = self._monotonic() + HOUSEKEEPING_SECONDS
        self.flush()

    def _keep_house(self) -> None:
        """Commit progress without posts, trim the spool, forget what was trimmed."""
        self._spool.check_in_place()
        with self._ready:
            if any(self._committed[name] != each for name, each in self._progress.items()):
                self._commit()
        first = self._trim()
        with self._ready:
            self._seen.forget_before(first)

    def _trim(self) -> int:
        """Trim the spool; return the first offset known to be held."""
        try:
            return self._spool.trim()
        except sqlite3.Error as error:
            if self._throttle.admits("trim"):
                logger.error("the spool can't be trimmed: %s", error)
            return 0
