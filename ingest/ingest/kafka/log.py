"""The log on Kafka: a topic of posts and a topic of the sources' cursors, written in transactions."""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from ingest.kafka.attempts import Attempts
from ingest.kafka.connection import Connection
from ingest.kafka.deletions import DeletedPosts
from ingest.kafka.errors import KafkaEndedError
from ingest.kafka.feed import Feed
from ingest.kafka.lines import Messages, encode, key
from ingest.kafka.newest_headers import NewestHeaders
from ingest.kafka.topics import TopicFacts, Topics
from ingest.kafka.transactions import Batch, Transactions
from ingest.kafka.watch import TopicWatch
from ingest.log_throttle import LogThrottle
from ingest.posts.change import WantedChange
from ingest.posts.post import Post
from ingest.posts.text_fingerprint import TextFingerprints
from ingest.settings_kafka import KafkaAddress, KafkaSettings
from ingest.spool.apply import Applied
from ingest.spool.clock import Clock
from ingest.spool.marks import Marks
from ingest.spool.shown_marks import ShownMarks

#: The log of a topic, before its id.
LOG = "kafka:"
#: How long transactions of other ingests may keep the cursors from being read: before the ports are open, and later.
FIRST_SILENCE_SECONDS = 5.0
SILENCE_SECONDS = 90.0
#: What a source makes up about the time before is one transaction, which is in memory at once.
MOST_PAST_BYTES = 2**28

logger = logging.getLogger(__name__)


class _Run(NamedTuple):
    """A run that was written: its messages, the ids that it deleted, and what became of its changes."""

    messages: Messages
    deleted: Sequence[str]
    applied: Sequence[Applied]


class KafkaLog:
    """The only writer under its transactional id. Thread-safe; one thread at a time appends."""

    def __init__(
        self,
        settings: KafkaSettings,
        address: KafkaAddress,
        clock: Clock,
        *,
        monotonic_seconds: Callable[[], float],
        throttle: LogThrottle,
        stop: threading.Event | None = None,
    ) -> None:
        """Try to open the log. If the brokers can't be used now, it is not open, and `open` waits for them.

        Args:
            settings: How to connect.
            address: Where the log is.
            clock: Sets `at_ms`.
            monotonic_seconds: Monotonic clock.
            throttle: Bounds the log lines.
            stop: Ends each wait for the brokers.

        Raises:
            KafkaStartError: There is no topic, or ingest may not write it, or the login is refused.

        """
        self.address = address
        self.connection = Connection(settings, address)
        self.topics = Topics(self.connection)
        self.deleted = DeletedPosts()
        self.headers = NewestHeaders()
        self.feed = Feed()
        self._clock = clock
        self._stop = stop or threading.Event()
        self._attempts = Attempts(self.connection, throttle, self._stop)
        self._create_partitions = settings.kafka_create_partitions
        self._writer = Transactions(
            self.connection,
            self.topics,
            transactional_id=settings.transactional_id,
            compression=settings.kafka_compression,
            monotonic_seconds=monotonic_seconds,
        )
        #: The run whose commit was requested, without an answer.
        self._in_doubt: _Run | None = None
        self._stored: dict[str, bytes] = {}
        # Both are those of the topic when it is open.
        self._fingerprints = TextFingerprints(b"")
        self._shown = ShownMarks(Marks(LOG, 0, 0, 0, 0, 0, 0), clock)
        self.watch = TopicWatch(self.connection, self.topics)
        #: Whether posts can be appended. Until then the marks are those of an empty log without an id.
        self.is_open = False
        #: Whether the topic has never had a post.
        self.is_new = False
        self._note_open(self._attempts.now(partial(self._open, FIRST_SILENCE_SECONDS)))

    def open(self) -> bool:
        """Open the log, if it is not open; while the brokers can't be reached, wait for them and say so.

        Returns:
            False if ingest stops meanwhile.

        Raises:
            KafkaStartError: There is no topic, or ingest may not write it, or the login is refused.

        """
        if not self.is_open:
            self._note_open(self._attempts.until_done(partial(self._open, SILENCE_SECONDS)))
        return self.is_open

    def close(self) -> None:
        """Disconnect; what is not committed is given up."""
        self.watch.stop()
        self._writer.close()
        self.feed.wake()

    @property
    def log(self) -> str:
        """The identity of this log."""
        return self._shown.last.log

    @property
    def end(self) -> int:
        """The sum of the offsets behind the committed messages of all partitions, as far as it is known."""
        return self._shown.last.end

    @property
    def notice(self) -> str | None:
        """Why the log is not open, or why the brokers can't be asked now, as one sentence."""
        return self._attempts.why_closed or self.watch.error

    @property
    def partitions(self) -> int:
        """The number of partitions of the topic."""
        return self.watch.partitions

    def marks(self) -> Marks:
        """Return the offsets as the brokers last said, and the watermark; never waits. See `ShownMarks.now`."""
        first, end = self.watch.sums
        return replace(self._shown.now(), first=first, end=end)

    def now_ms(self) -> int:
        """Return the present time of the log's clock."""
        return self._shown.now().watermark_ms

    def progress(self) -> dict[str, bytes]:
        """Return the progress of every source of this ingest, by its name."""
        return dict(self._stored)

    def append(
        self,
        posts: Sequence[Post],
        progress: Mapping[str, bytes],
        on_commit: Callable[[], None] = lambda: None,
        changes: Sequence[WantedChange] = (),
        count_changes: Callable[[Sequence[Applied]], Mapping[str, bytes]] = lambda _: {},
    ) -> None:
        """Commit a run; see `Log.append`. After an UnwritableError, only the same run may be appended.

        Raises:
            UnwritableError: It is not committed, or not known to be.
            KafkaEndedError: Ingest can't go on with this log.

        """
        self.check_in_place()
        if self._in_doubt is not None:
            # The transaction of this run may be committed already.
            committed, run = self._writer.resolve(), self._in_doubt
            self._in_doubt = None
            if committed:
                count_changes(run.applied)
                self._show(posts, run, on_commit)
                return
            self._shown.cancel()
        deleted, applied = self.deleted.apply(changes, posts) if changes else ([], [])
        if changes:
            progress = {**progress, **count_changes(applied)}
        at_ms, _ = self._shown.begin()
        messages = encode(posts, at_ms, self._fingerprints)
        # A post may be deleted in the run that has it.
        self.headers.add(messages.keys, messages.headers)
        tombstones = [(key(each), self.headers.of_tombstone(key(each))) for each in deleted]
        run = _Run(messages, deleted, applied)
        self._write(Batch([messages], at_ms, tombstones, progress), run)
        self._show(posts, run, on_commit)

    def write_past(self, runs: Iterable[tuple[int, Sequence[Post]]]) -> None:
        """Write posts from before the first start, into a topic that has none. Call it before the log is served.

        Args:
            runs: The time of each run (ms since 1970, none later than now) and its posts, oldest first.

        """
        if not self.is_new or self.end:
            return
        old = [encode(posts, at_ms, self._fingerprints) for at_ms, posts in runs if posts]
        if sum(len(each.lines) for each in old) > MOST_PAST_BYTES:
            logger.warning("the past that a source made up is not written: it has more than %d bytes", MOST_PAST_BYTES)
        elif old:
            if not self._attempts.until_done(partial(self._write_old, Batch(old, old[-1].at_ms))):
                return
            marks = self._shown.last
            self._shown.show(replace(marks, end=sum(len(each.values) for each in old) + self.partitions))

    def check_in_place(self) -> None:
        """Check that the topic is the one that was opened.

        Raises:
            KafkaEndedError: It was deleted or made anew.

        """
        if self.watch.ended is not None:
            raise KafkaEndedError(self.watch.ended)

    def _write(self, batch: Batch, run: _Run) -> None:
        try:
            self._writer.write(batch)
        except BaseException:
            if self._writer.in_doubt is None:
                self._shown.cancel()
            else:
                # The watermark stays where it is until its outcome is known.
                self._in_doubt = run
            raise

    def _write_old(self, batch: Batch) -> bool:
        if self._writer.in_doubt is None or not self._writer.resolve():
            self._writer.write(batch)
        return True

    def _show(self, posts: Sequence[Post], run: _Run, on_commit: Callable[[], None]) -> None:
        """Show a run that is committed."""
        self.deleted.note(run.deleted)
        marks = self._shown.last
        # Behind each transaction, each of its partitions has a marker that takes an offset.
        taken = len(posts) + min(len(posts), self.partitions)
        self._shown.show(replace(marks, end=max(marks.end + taken, self.watch.sums.end)), on_commit)
        if posts:
            self.deleted.add(posts)
            self.feed.put(len(posts), run.messages.lines)

    def _open(self, silence_seconds: float) -> TopicFacts | None:
        """Try to open the log once. None: a topic that was created can't be used yet, or ingest stops."""
        facts = self.topics.open(self._create_partitions)
        if facts is None:
            return None
        stored = self._writer.open(silence_seconds, self._stop.is_set)
        if self._stop.is_set():
            # Some may be missing.
            return None
        self._stored = stored
        newest_ms = self.topics.newest_ms(self.address.topic, facts.partitions)
        self._clock.start_from(newest_ms, 0)
        self.watch.begin(facts)
        return facts

    def _note_open(self, facts: TopicFacts | None) -> None:
        """Show the marks of the topic; None: it is not open yet."""
        if facts is None:
            return
        first, end = self.watch.sums
        # The same for all ingests that write the topic, so that a copy is found whoever got it.
        self._fingerprints = TextFingerprints(facts.id.encode())
        self._shown = ShownMarks(Marks(f"{LOG}{facts.id}", first, end, 0, 0, 0, 0), self._clock)
        self.is_new = not end and not self._stored
        self.is_open = True
        self.watch.start()
