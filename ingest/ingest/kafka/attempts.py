"""Attempts to use the brokers, repeated until one succeeds or ingest stops."""

import logging
import threading
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaException

from ingest.intake.log import UnwritableError
from ingest.kafka.connection import Connection
from ingest.kafka.errors import KafkaStartError, error_of
from ingest.log_throttle import LogThrottle

#: Wait before the next attempt to open the log.
RETRY_SECONDS = 1.0
#: Wait until a topic that was just created is looked at.
CREATED_SECONDS = 0.1

Result = TypeVar("Result")

logger = logging.getLogger(__name__)


class Attempts:
    """Makes attempts, and says why the last one failed. For one thread at a time."""

    def __init__(self, connection: Connection, throttle: LogThrottle, stop: threading.Event) -> None:
        """Create it.

        Args:
            connection: Knows what librdkafka last said is wrong.
            throttle: Bounds the log lines.
            stop: Ends each wait.

        """
        self._connection = connection
        self._throttle = throttle
        self._stop = stop
        #: Why the log is not open, as one sentence.
        self.why_closed: str | None = None

    def now(self, attempt: Callable[[], Result | None]) -> Result | None:
        """Repeat an attempt as long as it has no result.

        Returns:
            None if the brokers can't be used now, see `why_closed`, or if ingest stops.

        Raises:
            KafkaStartError: Waiting doesn't help.

        """
        while True:
            try:
                done = attempt()
            except KafkaException as raised:
                error = self._connection.telling(error_of(raised))
                if sentence := self._connection.sentences.refusal(error):
                    raise KafkaStartError(sentence) from raised
                why = self._connection.sentences.why(error)
            except UnwritableError as error:
                why = str(error)
            else:
                if done is None and not self._stop.wait(CREATED_SECONDS):
                    continue
                self.why_closed = None
                return done
            self.why_closed = f"the log can't be opened, so ingest waits: {why}"
            if self._throttle.allows("kafka"):
                logger.error("%s", self.why_closed)
            return None

    def until_done(self, attempt: Callable[[], Result | None]) -> Result | None:
        """Repeat an attempt until it succeeds; return None if ingest stops. It raises what `now` raises."""
        while (done := self.now(attempt)) is None:
            if self._stop.wait(RETRY_SECONDS):
                return None
        return done
