"""Write runs in transactions of Kafka: posts and cursors together, each exactly once."""

import logging
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

from confluent_kafka import KafkaError, KafkaException, Producer

from ingest.intake.log import UnwritableError
from ingest.kafka.columns_header import Headers
from ingest.kafka.connection import Connection
from ingest.kafka.cursors import read_cursors
from ingest.kafka.errors import FENCED, KafkaEndedError, error_of
from ingest.kafka.lines import Messages
from ingest.kafka.topics import Topics

#: The coordinator gives up a transaction that is open for longer. A reader waits that long behind an ingest that was
#: killed and does not start again.
TRANSACTION_SECONDS = 60
#: How long one attempt may take: STATUS, and the end of ingest, wait for it.
ATTEMPT_SECONDS = 3.0
INIT_SECONDS = 10.0
#: How long transactions of other ingests may keep the cursors from being read in one attempt to connect again.
RECONNECT_SILENCE_SECONDS = 10.0
#: Room in memory for a run, and for what the demo makes up about the time before.
QUEUE_MESSAGES = 1_000_000
#: A batch goes out this soon while the rest of a run is added; the commit sends the last ones at once.
LINGER_MS = 2
#: The longest line of a post, its key, and what Kafka adds.
MESSAGE_BYTES = 2**21

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages of one transaction: posts, tombstones of posts deleted at `at_ms`, and progress of the sources."""

    posts: Sequence[Messages]
    at_ms: int
    deleted: Sequence[tuple[str, Headers]] = ()
    progress: Mapping[str, bytes] = field(default_factory=dict)


class Transactions:
    """The only producer under its transactional id. For one thread at a time."""

    def __init__(
        self,
        connection: Connection,
        topics: Topics,
        *,
        transactional_id: str,
        compression: str,
        monotonic_seconds: Callable[[], float],
    ) -> None:
        """Create it; `open` connects."""
        self._connection = connection
        self._topics = topics
        self._id = transactional_id
        self._compression = compression
        self._monotonic_seconds = monotonic_seconds
        self._producer: Producer | None = None
        self._progress: dict[str, bytes] = {}
        self._began_at_seconds: float | None = None
        self._must_abort = False
        #: The batch whose commit was requested, without an answer.
        self.in_doubt: Batch | None = None

    def open(self, silence_seconds: float, stopped: Callable[[], bool]) -> dict[str, bytes]:
        """Connect, end the transactions of an older process, and return the committed progress of each source.

        Args:
            silence_seconds: How long transactions of other ingests may keep the progress from being read.
            stopped: Whether ingest stops; then some progress may be missing, and nothing may be written.

        Raises:
            KafkaException: That is not possible now.

        """
        self._producer, self._progress = self._connect(silence_seconds, stopped)
        return dict(self._progress)

    def write(self, batch: Batch) -> None:
        """Write a batch and commit it.

        Raises:
            UnwritableError: It is not committed; or it is `in_doubt`, then `resolve` must be called before.
            KafkaEndedError: Ingest can't go on.

        """
        try:
            producer = self._ready_producer()
            producer.begin_transaction()
            self._began_at_seconds = self._monotonic_seconds()
            self._must_abort = True
            self._produce(producer, batch)
            self.in_doubt = batch
            self._commit(producer)
        except BufferError as error:
            raise UnwritableError(str(error)) from error
        except KafkaException as error:
            raise self._failed(error) from error

    def resolve(self) -> bool:
        """Find out about the batch in doubt: return whether it is committed. If not, it is not stored at all.

        Raises:
            UnwritableError: That is still not known.
            KafkaEndedError: Ingest can't go on.

        """
        try:
            if self._producer is None:
                self._reconnect()
                return self._was_committed()
            self._commit(self._producer)
        except KafkaException as error:
            failure = self._failed(error)
            if self._is_in_doubt():
                raise failure from error
            return False
        return True

    def close(self) -> None:
        """Give up what is not committed, and disconnect."""
        producer, self._producer = self._producer, None
        if producer is not None:
            producer.purge()
            producer.poll(0)

    def _ready_producer(self) -> Producer:
        """Return a producer without a transaction."""
        producer = self._producer
        if producer is None:
            return self._reconnect()
        if self._must_abort:
            producer.abort_transaction(ATTEMPT_SECONDS)
            self._end()
        return producer

    def _produce(self, producer: Producer, batch: Batch) -> None:
        posts, sources = self._connection.address.topic, self._connection.address.sources_topic
        produce, none = producer.produce, repeat(None)
        for at_ms, keys, values, headers, _ in batch.posts:
            # The fastest way to call a function many times: a deque without room runs the map.
            deque(map(produce, repeat(posts), values, keys, repeat(-1), none, none, repeat(at_ms), headers), maxlen=0)
        for key, of_deleted in batch.deleted:
            produce(posts, None, key, timestamp=batch.at_ms, headers=of_deleted)
        for name, progress in batch.progress.items():
            produce(sources, progress, f"{self._id}/{name}", timestamp=batch.at_ms)

    def _commit(self, producer: Producer) -> None:
        producer.commit_transaction(ATTEMPT_SECONDS)
        if self.in_doubt is not None:
            self._progress.update(self.in_doubt.progress)
        self._end()

    def _end(self) -> None:
        self._must_abort, self.in_doubt, self._began_at_seconds = False, None, None

    def _failed(self, raised: KafkaException) -> Exception:
        """Note what follows from an error; return the exception to raise."""
        error = error_of(raised)
        if self._producer is not None:
            self._producer.poll(0)
            if error.fatal() or not (error.txn_requires_abort() or error.retriable()):
                return self._fatal(error)
            if error.txn_requires_abort():
                # Nothing of it is ever committed.
                self.in_doubt = None
        return UnwritableError(self._connection.why(error))

    def _fatal(self, error: KafkaError) -> Exception:
        """Drop the producer; the next attempt makes a new one, unless another ingest has taken over."""
        began = self._began_at_seconds
        self.close()
        self._must_abort, self._began_at_seconds = False, None
        gave_up = began is not None and self._monotonic_seconds() - began > TRANSACTION_SECONDS / 2
        if error.code() in FENCED and not gave_up:
            return KafkaEndedError(self._connection.sentences.fenced())
        logger.warning("ingest connects to Kafka again: %s", error.str())
        return UnwritableError(self._connection.why(error))

    def _reconnect(self) -> Producer:
        """Return a new producer; check that nobody else has written under this transactional id meanwhile."""
        # The last run is committed when ingest stops, so a stop does not end this.
        producer, stored = self._connect(RECONNECT_SILENCE_SECONDS, lambda: False)
        committed = {**self._progress, **(self.in_doubt.progress if self.in_doubt else {})}
        if committed.items() <= stored.items():
            self._progress = committed
        elif not self._progress.items() <= stored.items():
            raise KafkaEndedError(self._connection.sentences.fenced())
        self._producer, self._must_abort = producer, False
        return producer

    def _is_in_doubt(self) -> bool:
        return self.in_doubt is not None

    def _was_committed(self) -> bool:
        """Return whether the progress of the batch in doubt is what is stored: no other run has the same."""
        batch, self.in_doubt = self.in_doubt, None
        return batch is not None and batch.progress.items() <= self._progress.items()

    def _connect(self, silence_seconds: float, stopped: Callable[[], bool]) -> tuple[Producer, dict[str, bytes]]:
        """Return a new producer, which fences older ones, and the progress that is committed."""
        producer = self._connection.producer(
            transactional_id=self._id,
            transaction_timeout_ms=TRANSACTION_SECONDS * 1000,
            compression_type=self._compression,
            partitioner="murmur2_random",
            linger_ms=LINGER_MS,
            message_max_bytes=MESSAGE_BYTES,
            queue_buffering_max_messages=QUEUE_MESSAGES,
            queue_buffering_max_kbytes=2**20,
            enable_idempotence=True,
            acks="all",
        )
        try:
            producer.init_transactions(INIT_SECONDS)
        except KafkaException:
            producer.poll(0)
            raise
        progress = read_cursors(
            self._connection, self._topics, self._id, silence_seconds=silence_seconds, stopped=stopped
        )
        return producer, progress
