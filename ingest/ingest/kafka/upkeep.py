"""What the intake needs of a log on Kafka beside writing it: its ids, and how long they are known."""

import logging
from collections import deque
from collections.abc import Callable, Mapping

from confluent_kafka import KafkaException

from ingest.intake.dedup import Deduplicator
from ingest.intake.progress import Progress
from ingest.intake.run import Run
from ingest.kafka.errors import error_of
from ingest.kafka.known_ids import Loader, load
from ingest.kafka.log import KafkaLog
from ingest.log_throttle import LogThrottle
from ingest.spool.reader import UnreadableError

#: A commit is a few round trips to the brokers, however many posts it has. At 50 posts/s a run has five.
RUN_POSTS = 16_384
RUN_CHARACTERS = 4 * 2**20
#: The most ids that are known: 18 bytes each.
MOST_KNOWN = 4_000_000

#: Wait before the ids are loaded again after an error.
RETRY_SECONDS = 1.0


logger = logging.getLogger(__name__)


class KafkaUpkeep:
    """Loads the newest ids of the topic, and forgets old ones. For the thread that commits; a `LogUpkeep`."""

    title = "the log on Kafka"

    def __init__(
        self,
        log: KafkaLog,
        throttle: LogThrottle,
        *,
        max_age_seconds: float,
        monotonic_seconds: Callable[[], float],
        wait: Callable[[float], object],
    ) -> None:
        """Create it.

        Args:
            log: The log.
            throttle: Bounds the log lines.
            max_age_seconds: How long an id is known.
            monotonic_seconds: Monotonic clock.
            wait: Waits for some seconds.

        """
        self._log = log
        self._throttle = throttle
        self._max_age_seconds = max_age_seconds
        self._monotonic_seconds = monotonic_seconds
        self._wait = wait
        self._ends: deque[tuple[float, int]] = deque()
        self._first = 0

    def new_run(self) -> Run:
        """Return an empty run."""
        return Run(RUN_POSTS, RUN_CHARACTERS)

    def session_start(self) -> int:
        """Return the present time in ms: the posts of a session that begins now are not older."""
        return self._log.now_ms()

    def load_ids(self, dedup: Deduplicator, sessions: Mapping[str, Progress], stopped: Callable[[], bool]) -> None:
        """Add the newest ids of the topic; while the brokers can't be reached, wait for them.

        Raises:
            KafkaEndedError: The topic was deleted or made anew.

        """

        def ends() -> bool:
            # The thread that checks it otherwise waits for the ids.
            self._log.check_in_place()
            return stopped()

        self._log.deleted.with_accounts = dedup.with_accounts
        while not ends():
            loader = Loader(dedup, self._log.deleted, self._log.headers, sessions, self._log.end)
            if not loader.is_needed or self._loads(loader, ends):
                return
            dedup.clear()
            self._log.deleted.clear()
            self._wait(RETRY_SECONDS)

    def unwritable(self, error: Exception) -> str:
        """Return that the sources wait, and why."""
        return f"the log on Kafka can't be written, so the sources wait: {error}"

    def discard(self, damage: UnreadableError) -> None:
        """Do nothing: Kafka's posts are not read here."""

    def trim(self) -> int:
        """Return the first offset whose id is still known: by age, and by number."""
        now, end = self._monotonic_seconds(), self._log.end
        self._ends.append((now, end))
        while self._ends and self._ends[0][0] < now - self._max_age_seconds:
            self._first = self._ends.popleft()[1]
        self._first = max(self._first, end - MOST_KNOWN)
        return self._first

    def make_room(self) -> None:
        """Do nothing: there is no disk."""

    def remove_old_content(self) -> None:
        """Do nothing: Kafka removes what is behind its retention."""

    def _loads(self, loader: Loader, stopped: Callable[[], bool]) -> bool:
        """Load the ids; return False if the brokers can't be reached."""
        log = self._log
        try:
            since_ms = max(0, log.now_ms() - int(self._max_age_seconds * 1000))
            bounds = log.topics.written_since(log.address.topic, log.partitions, since_ms)
            load(loader, log.connection, bounds, stopped)
        except KafkaException as raised:
            why = log.connection.why(error_of(raised))
            if self._throttle.allows("kafka ids"):
                logger.error("the ids of the log can't be read, so the sources wait: %s", why)
            return False
        logger.info("the ids of %d posts of the topic are known", loader.loaded)
        return True
