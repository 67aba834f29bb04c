"""The main loop: find ingest, start the query, start it again when it ends, and make snapshots as time passes."""

import logging
import random
import threading
from collections.abc import Callable, Mapping

from spark_job.changes.feed import ChangeFeed
from spark_job.coordinator import Coordinator
from spark_job.executor.ingest_client import Status
from spark_job.ingest_watch import IngestWatch
from spark_job.snapshot_schema import Ingest
from spark_job.spark.errors import SparkGoneError
from spark_job.spark.query import Query
from spark_job.state.progress import Progress
from spark_job.state.restart_reason import may_be_last_counted

logger = logging.getLogger(__name__)

MAX_PAUSE_SECONDS = 10.0
#: The job gives up when the query has ended this many times in a row without one counted micro-batch.
MAX_FAILURES = 8
#: After this many ticks of a running query, an earlier error is not reported any more.
TICKS_UNTIL_WELL = 10
#: A stop of the job may end Spark a moment earlier. Wait this long for our own signal before an error is reported.
GRACE_SECONDS = 1.0


class Job:
    """The main loop. `tick_seconds` is its interval, and the longest time without a snapshot."""

    def __init__(
        self,
        coordinator: Coordinator,
        watch: IngestWatch,
        query: Query,
        tick_seconds: float,
        rand: Callable[[], float] = random.random,
        changes: ChangeFeed | None = None,
    ) -> None:
        self._coordinator = coordinator
        self._watch = watch
        self._query = query
        self._changes = changes
        self._tick_seconds = tick_seconds
        self._rand = rand
        self._log: str | None = None
        self._ingest_started_ms: int | None = None
        self._before: Progress | None = None
        # The offset at which the query began, until the processes that planned it are ended.
        self._planned_from: int | None = None
        self._log_was_restored = False
        self._ticks_to_wait = 0
        self._ticks_running = 0

    def run(self, stop: threading.Event) -> bool:
        """Run until `stop` is set (True), or until the query has failed too often or Spark is gone (False)."""
        try:
            return self._work(stop)
        except SparkGoneError as error:
            if stop.wait(GRACE_SECONDS):
                return True
            logger.error("counting stopped: %s", error)
            return False

    def _work(self, stop: threading.Event) -> bool:
        while not stop.is_set():
            ingest = self._watch.poll()
            self._tick(ingest, round(self._tick_seconds * 1000))
            progress = self._coordinator.progress()
            if progress is not None and progress.log == self._log:
                self._acknowledge(progress)
                if self._changes is not None and ingest.reachable and ingest.status is not None:
                    self._changes.poll(ingest.status, progress.log, progress.next_change)
            if self._query.running:
                self._check(ingest, progress)
            elif not self._restart(ingest, stop):
                return False
            stop.wait(self._tick_seconds)
        return True

    def _tick(self, ingest: Ingest, quiet_ms: int) -> None:
        self._coordinator.tick(ingest, quiet_ms)

    def _acknowledge(self, progress: Progress) -> None:
        """Tell the log up to where it is counted, once `_check` or a start of the query has found that it is the same.

        One restored from a copy would take the acknowledgement for other posts, which nobody has counted.
        """
        status = self._watch.latest.status
        is_known = status is not None and status.get("started_ms") == self._ingest_started_ms
        if is_known and not self._log_was_restored:
            self._watch.ack(progress.log, progress.next_offset)

    def _check(self, ingest: Ingest, progress: Progress | None) -> None:
        """Check that ingest serves the same log. One restored from a copy has the same id and other posts."""
        self._ticks_running += 1
        if self._ticks_running == TICKS_UNTIL_WELL:
            self._coordinator.note_query_running()
        if self._planned_from is not None and self._ticks_running >= TICKS_UNTIL_WELL:
            self._end_planners(self._planned_from, progress)
        started_ms = (
            ingest.status.get("started_ms")
            if ingest.reachable and ingest.status is not None
            else self._ingest_started_ms
        )
        if started_ms == self._ingest_started_ms:
            self._before = progress
            return
        # Compare the last post that was counted before ingest ended. The query may have counted more since.
        if self._before is not None:
            try:
                last_at_ms = self._last_at_ms(self._before)
            except OSError:
                # The next tick asks again.
                return
            self._log_was_restored = not may_be_last_counted(self._before, last_at_ms)
        self._ingest_started_ms = started_ms
        if self._log_was_restored:
            self._query.stop()

    def _last_at_ms(self, progress: Progress) -> int | None:
        """The time that the log has for the last counted post. None: there is none, or the log does not hold it.

        Raises:
            OSError: Ingest can't be reached.

        """
        return self._watch.at_ms_of(progress.next_offset - 1) if progress.next_offset else None

    def _end_planners(self, begin: int, progress: Progress | None) -> None:
        """End the processes that only planned the query, as soon as it has counted something."""
        if progress is not None and progress.next_offset > begin:
            self._query.end_planners()
            self._planned_from = None

    def _restart(self, ingest: Ingest, stop: threading.Event) -> bool:
        failure = self._query.pop_failure()
        if stop.is_set():
            return True
        if failure is not None:
            failures = self._coordinator.note_query_failure(failure)
            if failures >= MAX_FAILURES:
                logger.error("counting stopped: the query ended %d times in a row: %s", failures, failure)
                return False
            pause_seconds = min(MAX_PAUSE_SECONDS, 2.0 ** max(0, failures - 1)) * (0.5 + self._rand() / 2)
            self._ticks_to_wait = round(pause_seconds / self._tick_seconds)
            logger.warning("the query ended and starts again in %.1f s: %s", pause_seconds, failure)
        if self._ticks_to_wait > 0:
            self._ticks_to_wait -= 1
        else:
            self._begin(ingest)
        return True

    def _begin(self, ingest: Ingest) -> None:
        """Start the query, if the log can be read."""
        if ingest.reachable and ingest.status is not None:
            self._start(ingest.status)

    def _start(self, status: Status) -> None:
        before = self._coordinator.progress()
        try:
            last_at_ms = self._last_at_ms(before) if before is not None else None
        except OSError:
            # The next tick begins again.
            return
        progress = self._coordinator.resume(status, -1 if self._log_was_restored else last_at_ms)
        if progress is None:
            return
        self._log_was_restored = False
        self._ingest_started_ms = status.get("started_ms")
        self._start_query(progress)

    def _start_query(self, progress: Progress, positions: Mapping[int, int] | None = None) -> None:
        """Start the query. `positions`: those of the partitions, if the log is on Kafka."""
        self._before = progress
        self._log, self._ticks_running = progress.log, 0
        self._planned_from = progress.next_offset
        self._query.start(progress.log, progress.next_offset, positions)
        logger.info("counting from offset %d of log %s", progress.next_offset, progress.log)
