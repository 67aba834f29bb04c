"""The log on Kafka: a topic of posts and a topic of the sources' cursors, written in transactions."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TypeVar

from confluent_kafka import KafkaException

from ingest.intake.log import UnwritableError
from ingest.kafka.connection import Connection
from ingest.kafka.deletions import DeletedPosts
from ingest.kafka.errors import KafkaEndedError, KafkaStartError, error_of
from ingest.kafka.feed import Feed
from ingest.kafka.lines import Messages, encode, key
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

#: Wait before the next attempt to open the log.
RETRY_SECONDS = 1.0
#: Wait until a topic that was just created is looked at.
CREATED_SECONDS = 0.1
#: What a source makes up about the time before is one transaction, which is in memory at once.
MOST_PAST_BYTES = 2**28

Result = TypeVar("Result")

logger = logging.getLogger(__name__)


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
    ) -> None:
        """Open the log; while the brokers can't be reached, wait for them and say so.

        Args:
            settings: How to connect.
            address: Where the log is.
            clock: Sets `at_ms`.
            monotonic_seconds: Monotonic clock.
            throttle: Bounds the log lines.

        Raises:
            KafkaStartError: There is no topic, or ingest may not write it, or the login is refused.

        """
        self.address = address
        self.connection = Connection(settings, address)
        self.topics = Topics(self.connection)
        self.deleted = DeletedPosts()
        self.feed = Feed()
        self._clock = clock
        self._throttle = throttle
        self._create_partitions = settings.kafka_create_partitions
        self._writer = Transactions(
            self.connection,
            self.topics,
            transactional_id=settings.transactional_id,
            compression=settings.kafka_compression,
            monotonic_seconds=monotonic_seconds,
        )
        self._applied: list[Applied] = []
        self._messages: Messages | None = None
        facts = self._wait(self._open)
        first, end = self.watch.sums
        # The same for all ingests that write the topic, so that a copy is found whoever got it.
        self._fingerprints = TextFingerprints(facts.id.encode())
        self._shown = ShownMarks(Marks(f"kafka:{facts.id}", first, end, 0, 0, 0, 0), clock)
        #: Whether the topic has never had a post.
        self.is_new = not end and not self._stored
        self.watch.start()

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
        """Why the brokers can't be asked now, as one sentence."""
        return self.watch.error

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
        if self._messages is not None:
            # The transaction of this run may be committed already.
            committed, messages = self._writer.resolve(), self._messages
            self._messages = None
            if committed:
                count_changes(self._applied)
                self._show(posts, messages, on_commit)
                return
            self._shown.cancel()
        deleted, self._applied = self.deleted.apply(changes, posts) if changes else ([], [])
        if changes:
            progress = {**progress, **count_changes(self._applied)}
        at_ms, _ = self._shown.begin()
        messages = encode(posts, at_ms, self._fingerprints)
        self._write(Batch([messages], at_ms, list(map(key, deleted)), progress), messages)
        self.deleted.note(deleted)
        self._show(posts, messages, on_commit)

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
            self._wait(partial(self._write_old, Batch(old, old[-1].at_ms)))
            marks = self._shown.last
            self._shown.show(replace(marks, end=sum(len(each.values) for each in old) + self.partitions))

    def check_in_place(self) -> None:
        """Check that the topic is the one that was opened.

        Raises:
            KafkaEndedError: It was deleted or made anew.

        """
        if self.watch.ended is not None:
            raise KafkaEndedError(self.watch.ended)

    def _write(self, batch: Batch, messages: Messages) -> None:
        try:
            self._writer.write(batch)
        except BaseException:
            if self._writer.in_doubt is None:
                self._shown.cancel()
            else:
                # The watermark stays where it is until its outcome is known.
                self._messages = messages
            raise

    def _write_old(self, batch: Batch) -> bool:
        if self._writer.in_doubt is None or not self._writer.resolve():
            self._writer.write(batch)
        return True

    def _show(self, posts: Sequence[Post], messages: Messages, on_commit: Callable[[], None]) -> None:
        marks = self._shown.last
        # Behind each transaction, each of its partitions has a marker that takes an offset.
        taken = len(posts) + min(len(posts), self.partitions)
        self._shown.show(replace(marks, end=max(marks.end + taken, self.watch.sums.end)), on_commit)
        if posts:
            self.deleted.add(posts)
            self.feed.put(len(posts), messages.lines)

    def _open(self) -> TopicFacts | None:
        """Try to open the log once."""
        facts = self.topics.open(self._create_partitions)
        if facts is None:
            return None
        self._stored = self._writer.open()
        newest_ms = self.topics.newest_ms(self.address.topic, facts.partitions)
        self._clock.start_from(newest_ms, 0)
        self.watch = TopicWatch(self.connection, self.topics, facts)
        self.watch.ask()
        return facts

    def _wait(self, attempt: Callable[[], Result | None]) -> Result:
        """Repeat an attempt until it succeeds."""
        while True:
            try:
                done = attempt()
            except KafkaException as raised:
                error = self.connection.telling(error_of(raised))
                if sentence := self.connection.sentences.refusal(error):
                    raise KafkaStartError(sentence) from raised
                self._say(self.connection.sentences.why(error))
            except UnwritableError as error:
                self._say(str(error))
            else:
                if done is not None:
                    return done
                time.sleep(CREATED_SECONDS)
                continue
            time.sleep(RETRY_SECONDS)

    def _say(self, why: str) -> None:
        if self._throttle.allows("kafka"):
            logger.error("the log can't be opened, so ingest waits: %s", why)
