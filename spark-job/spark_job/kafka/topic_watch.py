"""Watch a topic in a thread: where its partitions begin and end, and up to when no older post comes any more."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import NamedTuple, Protocol

from spark_job.executor.kafka_errors import BrokerError, RefusedError
from spark_job.executor.topic_ends import Ends
from spark_job.ingest_watch import status_of
from spark_job.snapshot_schema import Ingest

logger = logging.getLogger(__name__)

#: Without an ingest that says its time, posts are at most so late, by the job's clock.
LATENESS_MS = 2_000
#: A transaction that has ended can be read so much later, at most. So the ends are asked for so long after the time.
SETTLE_MS = 1_000
#: How often the position is told to the broker, for tools that show it.
COMMIT_SECONDS = 5.0
#: The longest time in which `stop` waits for an answer of the broker.
STOP_SECONDS = 2.0


class Broker(Protocol):
    """What `TopicEnds` does."""

    def ask(self, *, begins: bool = False) -> Ends:
        """Ask where the partitions end."""

    def commit(self, group: str, positions: Mapping[int, int]) -> None:
        """Tell the position."""

    def commit_failed(self) -> bool:
        """Whether the newest position that was told is not stored."""


class Asked(NamedTuple):
    """What is known of a topic.

    Args:
        number: Grows with each answer.
        ends: The newest answer. None before the first.
        at_ms: No post behind its ends has an earlier time. 0: that is not known yet.
        error: Why there is no answer now, as one sentence. None if all is well.
        is_refused: No waiting ends the error.

    """

    number: int
    ends: Ends | None
    at_ms: int
    error: str | None
    is_refused: bool = False


class TopicWatch:
    """The thread. `latest` is what it knows; to read it takes no time, whatever the broker does."""

    def __init__(
        self,
        broker: Callable[[], Broker],
        group: str,
        ingest: Callable[[], Ingest],
        wall_ms: Callable[[], int],
        pause_seconds: float,
    ) -> None:
        """Args:
        broker: Makes the client, in the thread.
        group: The consumer group to which the position is committed.
        ingest: What is known of ingest now.
        wall_ms: Milliseconds since 1970.
        pause_seconds: Time between two requests.
        """
        self._connect = broker
        self._broker: Broker | None = None
        self._group = group
        self._ingest = ingest
        self._wall_ms = wall_ms
        self._pause_seconds = pause_seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="topic", daemon=True)
        self._counted: Mapping[int, int] = {}
        self._committed: Mapping[int, int] = {}
        self._committed_ms = 0
        # When a time was read, and the log that it is of.
        self._times: deque[tuple[int, str, int]] = deque()
        self.latest = Asked(0, None, 0, None)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._stopped.set()
        self._thread.join(STOP_SECONDS)

    def note_counted(self, positions: Mapping[int, int]) -> None:
        """Note the stored position. It is told to the broker, and never read there."""
        self._counted = positions

    def _run(self) -> None:
        while not self._stopped.is_set():
            self.ask()
            self._stopped.wait(self._pause_seconds)

    def ask(self) -> None:
        """Ask the broker once."""
        ingest, wall_ms = self._ingest(), self._wall_ms()
        before = self.latest
        try:
            if self._broker is None:
                self._broker = self._connect()
            ends = self._broker.ask(begins=True)
            self._commit(self._broker, wall_ms)
        except BrokerError as error:
            if before.error != str(error):
                logger.warning("the topic can't be read: %s", error)
            self.latest = before._replace(error=str(error), is_refused=isinstance(error, RefusedError))
            return
        if before.error is not None:
            logger.info("the topic can be read again")
        at_ms = self._watermark_ms(ingest, ends, wall_ms)
        self.latest = Asked(before.number + 1, ends, self._settled(wall_ms, ends.log), None)
        self._times.append((wall_ms, ends.log, at_ms))

    @staticmethod
    def _watermark_ms(ingest: Ingest, ends: Ends, wall_ms: int) -> int:
        """No post behind these ends has an earlier time. 0: it may have any."""
        if not any(ends.ends.values()):
            # A new topic may begin with posts of the time before, which a source makes up.
            return 0
        status = status_of(ingest, ends.log)
        return wall_ms - LATENESS_MS if status is None else status["watermark_ms"]

    def _settled(self, wall_ms: int, log: str) -> int:
        """The newest time of this log that was read long enough ago. 0: there is none."""
        found = 0
        while self._times and not 0 <= wall_ms - self._times[0][0] < SETTLE_MS:
            _, of_log, at_ms = self._times.popleft()
            found = at_ms if of_log == log else 0
        return found

    def _commit(self, broker: Broker, wall_ms: int) -> None:
        if broker.commit_failed():
            self._committed = {}
        counted = self._counted
        if counted != self._committed and abs(wall_ms - self._committed_ms) >= COMMIT_SECONDS * 1000:
            broker.commit(self._group, counted)
            self._committed, self._committed_ms = counted, wall_ms
