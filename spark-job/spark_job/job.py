"""Keeps counting going: finds ingest, starts the query, starts it again when it ends, and lets the window slide."""

import logging
import random
import threading
from collections.abc import Callable
from typing import Any

from spark_job.coordinator import Counting
from spark_job.ingest_watch import IngestWatch, Seen
from spark_job.spark.errors import SparkGoneError
from spark_job.spark.query import Query
from spark_job.state.store import Progress

logger = logging.getLogger(__name__)

MAX_PAUSE_SECONDS = 10.0
# So many ends of the query in a row, without one counted batch between them, and the job gives up.
MAX_FAILURES = 8
# So many ticks of a running query make an older error history.
TICKS_UNTIL_WELL = 10
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
        self._ingest_started_ms: int | None = None
        self._before: Progress | None = None
        self._put_back = False
        self._ticks_to_wait = 0
        self._ticks_running = 0

    def run(self, stop: threading.Event) -> bool:
        """Work until `stop` is set (true), or until the query has failed too often or Spark is gone (false)."""
        try:
            return self._work(stop)
        except SparkGoneError as error:
            if stop.wait(GRACE_SECONDS):
                return True
            logger.error("counting stopped: %s", error)
            return False

    def _work(self, stop: threading.Event) -> bool:
        while not stop.is_set():
            seen = self._watch.look()
            self._counting.tick(seen, round(self._tick_seconds * 1000))
            progress = self._counting.progress()
            if progress is not None and progress.log == self._log:
                self._watch.ack(progress.log, progress.next_offset)
            if self._query.running:
                self._check(seen, progress)
            elif not self._restart(seen, stop):
                return False
            stop.wait(self._tick_seconds)
        return True

    def _check(self, seen: Seen, progress: Progress | None) -> None:
        """Is it still the same log? One that was put back from a copy has the same id, but not the same posts."""
        self._ticks_running += 1
        if self._ticks_running == TICKS_UNTIL_WELL:
            self._counting.query_runs()
        started_ms = (
            seen.status.get("started_ms") if seen.reachable and seen.status is not None else self._ingest_started_ms
        )
        if started_ms == self._ingest_started_ms:
            self._before = progress
            return
        self._ingest_started_ms = started_ms
        # Compared where counting was before ingest ended: the query may have gone on since.
        before = self._before
        if before is not None and before.next_offset:
            self._put_back = not self._counting.is_last(before, self._watch.time_of(before.next_offset - 1))
        if self._put_back:
            self._query.stop()

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
            self._start(seen.status)
        return True

    def _start(self, status: dict[str, Any]) -> None:
        before = self._counting.progress()
        last_at_ms = self._watch.time_of(before.next_offset - 1) if before is not None and before.next_offset else None
        progress = self._counting.resume(status, -1 if self._put_back else last_at_ms)
        if progress is None:
            return
        self._put_back, self._before = False, progress
        self._log, self._ingest_started_ms, self._ticks_running = progress.log, status.get("started_ms"), 0
        self._query.start(progress.log, progress.next_offset)
        logger.info("counting from offset %d of log %s", progress.next_offset, progress.log)
