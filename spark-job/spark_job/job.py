"""Keeps counting going: finds ingest, starts the query, starts it again when it ends, and lets the window slide."""

import logging
import random
import threading
from collections.abc import Callable

from spark_job.counting import Counting
from spark_job.failure import SparkGoneError
from spark_job.ingest_watch import IngestWatch, Seen
from spark_job.query import Query

logger = logging.getLogger(__name__)

MAX_PAUSE_SECONDS = 10.0
# So many ends of the query in a row, without one counted batch between them, and the job gives up.
MAX_FAILURES = 8
# Whoever ends the job may have ended Spark a moment before.
GRACE_SECONDS = 1.0


class Job:
    """The main loop. `tick_seconds` is both its pace and the longest time without a snapshot."""

    def __init__(
        self,
        counting: Counting,
        watch: IngestWatch,
        query: Query,
        tick_seconds: float,
        rand: Callable[[], float] = random.random,
    ) -> None:
        self._counting = counting
        self._watch = watch
        self._query = query
        self._tick_seconds = tick_seconds
        self._rand = rand
        self._log: str | None = None
        self._ticks_to_wait = 0

    def run(self, stop: threading.Event) -> bool:
        """Work until `stop` is set (true), or until the query has failed too often or Spark is gone (false)."""
        try:
            return self._work(stop)
        except SparkGoneError as error:
            if stop.wait(GRACE_SECONDS):
                return True
            logger.error("counting stopped: %s", error)  # noqa: TRY400 - the sentence says it all
            return False

    def _work(self, stop: threading.Event) -> bool:
        while not stop.wait(self._tick_seconds):
            seen = self._watch.look()
            self._counting.tick(seen, round(self._tick_seconds * 1000))
            if self._log is not None:
                self._watch.ack(self._log, self._counting.next_offset())
            if not self._query.running and not self._restart(seen, stop):
                return False
        return True

    def _restart(self, seen: Seen, stop: threading.Event) -> bool:
        failure = self._query.take_failure()
        if stop.is_set():
            return True
        if failure is not None:
            failures = self._counting.query_failed(failure)
            if failures >= MAX_FAILURES:
                logger.error("counting stopped: the query ended %d times in a row: %s", failures, failure)
                return False
            pause_seconds = min(MAX_PAUSE_SECONDS, 2.0 ** (failures - 1)) * (0.5 + self._rand() / 2)
            self._ticks_to_wait = round(pause_seconds / self._tick_seconds)
            logger.warning("the query ended and starts again in %.1f s: %s", pause_seconds, failure)
        if self._ticks_to_wait > 0:
            self._ticks_to_wait -= 1
        elif seen.reachable and seen.status is not None:
            self._start(seen.status["log"], seen.status["first"], seen.status["end"])
        return True

    def _start(self, log: str, first: int, end: int) -> None:
        progress = self._counting.resume(log, first, end)
        self._log = log
        self._query.start(log, progress.next_offset)
        logger.info("counting from offset %d of log %s", progress.next_offset, log)
