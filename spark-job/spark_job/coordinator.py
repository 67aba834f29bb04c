"""Count micro-batches into the state, and make a snapshot after each: it connects the query, the state and the push."""

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import TypeVar

import duckdb

from spark_job.executor.ingest_client import BusyError, Status
from spark_job.executor.messages import Counted
from spark_job.ingest_downtime import IngestDowntime
from spark_job.ingest_watch import not_requested_yet, status_of
from spark_job.publish.push import PaneName
from spark_job.publish.snapshot import Snapshots
from spark_job.snapshot_schema import Health, Ingest, Snapshot
from spark_job.spark.errors import failure_sentence
from spark_job.state.batch_rows import ClockSetBackError
from spark_job.state.lag import lag_of
from spark_job.state.progress import Progress, Span
from spark_job.state.rate import posts_per_second
from spark_job.state.restart_reason import restart_reason
from spark_job.state.store import State
from spark_job.store_errors import MICRO_BATCH, POSITION, StoreErrors
from spark_job.trace.book import TraceBook
from spark_job.trace.micro_batch import MicroBatch

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Coordinator:
    """All access to the state, one caller at a time: the writer of micro-batches, the main loop, and the pusher."""

    def __init__(
        self,
        state: State,
        snapshots: Snapshots,
        offer: Callable[[Snapshot], None],
        wall_ms: Callable[[], int],
        trace: TraceBook | None = None,
    ) -> None:
        self._state, self._snapshots, self._trace = state, snapshots, trace
        self._offer, self._wall_ms = offer, wall_ms
        self._lock = threading.Lock()
        self._closed, self._started_at_ms = False, wall_ms()
        self._batch_ms: int | None = None
        self._to_ms = self._made_at_ms = self._query_failures = 0
        self._ingest = not_requested_yet(self._started_at_ms)
        self._query_error: str | None = None
        self._store_errors = StoreErrors()
        self._downtime = IngestDowntime()

    def count(self, counted: Counted, batch_id: int, started_ms: int) -> None:
        """Count the micro-batch with this id of Spark, which began then: one transaction, one snapshot.

        Raises:
            Exception: It ends the query. The next start begins at the stored offset.

        """
        with self._lock:
            if self._closed:
                raise RuntimeError("the job is ending")
            try:
                self._count(counted, batch_id, started_ms)
            except duckdb.Error as error:
                self._recover_state(error)
                raise

    def _count(self, counted: Counted, batch_id: int, started_ms: int) -> None:
        began_ms = self._wall_ms()
        with self._store_errors.storing(MICRO_BATCH):
            counted, span = self._apply(counted)
        if span is None:
            return
        self._store_errors.note_stored(MICRO_BATCH)
        # A wall clock may be set back. The dashboard would refuse a time below 0.
        self._batch_ms = max(0, self._wall_ms() - started_ms)
        self._query_error, self._query_failures = None, 0
        if span.skipped:
            self._note_skipped(span)
        if span.posts:
            self._snapshots.note_batch(counted, batch_id, span.posts, span.last_at_ms)
        if (progress := self._state.progress()) is not None:
            self._close_panes(progress)
        times = (started_ms, began_ms, self._wall_ms())
        snapshot = self._publish()
        if self._trace is not None and progress is not None and snapshot is not None and span.posts:
            batch = MicroBatch(batch_id, progress.log, span, counted.counts, *times, counted.slices)
            self._trace.note(batch, snapshot, self._snapshots.pane_posts, self._state)

    def _note_skipped(self, span: Span) -> None:
        logger.warning("%d posts from offset %d on can't be read, and are lost", span.skipped, span.first)

    def _apply(self, counted: Counted) -> tuple[Counted, Span | None]:
        """Store a micro-batch, and return it as it was stored."""
        try:
            return counted, self._state.apply(*counted)
        except ClockSetBackError as error:
            self._begin_window(str(error))
            return counted, self._state.apply(*counted)

    def _begin_window(self, behind: str) -> None:
        progress = self._state.begin_window(f"ingest's clock was set back by {behind}, so the window began again")
        self._to_ms = 0
        logger.warning("epoch %d begins: %s", progress.epoch, progress.reason)

    def tick(self, ingest: Ingest, quiet_ms: int) -> None:
        """Note ingest's status. Make a snapshot when none was made for `quiet_ms`, so that the window slides."""
        with self._lock:
            self._ingest = ingest
            if ingest.status is not None:
                self._state.note_sources([source["name"] for source in ingest.status.get("sources", [])])
            if self._closed:
                return
            try:
                self._tick(quiet_ms)
            except duckdb.Error as error:
                self._recover_state(error)
            else:
                self._store_errors.note_well()

    def _tick(self, quiet_ms: int) -> None:
        progress = self._state.progress()
        # If the length of panes has changed, `resume` starts a new epoch.
        if progress is None or progress.pane_ms != self._state.pane_ms:
            return
        self._skip_trimmed_posts(progress)
        self._note_ingest_downtime(progress)
        self._close_panes(progress)
        self._state.note_stream(self._ingest, self._query_error, progress, self._wall_ms())
        # After a clock was set back, the age is unknown. One snapshot too many does no harm.
        if not 0 <= self._wall_ms() - self._made_at_ms < quiet_ms:
            self._publish()

    def _skip_trimmed_posts(self, progress: Progress) -> None:
        """Skip posts that ingest trimmed before they were counted: it holds none, and its log ends further on."""
        if (status := status_of(self._ingest, progress.log)) is None:
            return
        if status["first"] == status["end"] > progress.next_offset:
            logger.warning("%d posts were trimmed before they were counted", status["end"] - progress.next_offset)
            self._state.skip_to(status["end"], status["watermark_ms"])
            self._store_errors.note_stored(MICRO_BATCH)

    def _note_ingest_downtime(self, progress: Progress) -> None:
        """Note the time in which ingest did not run, and so received nothing."""
        if (status := status_of(self._ingest, progress.log)) is None:
            return
        if gap := self._downtime.gap(status, max(progress.last_at_ms, progress.closed_until_ms)):
            self._state.note_gap(*gap)
        self._downtime.note(status)

    def _recover_state(self, error: duckdb.Error) -> None:
        """Report an error of the state file, and open the file again: DuckDB refuses all requests after some errors."""
        sentence = self._store_errors.recover(error, self._state.reopen)
        if (repeated := self._snapshots.repeat(self._wall_ms(), sentence, self._ingest)) is not None:
            self._offer(repeated)

    def _close_panes(self, progress: Progress) -> None:
        watermark_ms = self._watermark_ms(progress)
        if watermark_ms is not None and watermark_ms - watermark_ms % self._state.pane_ms > progress.closed_until_ms:
            self._state.close_panes(watermark_ms)

    def on_panes_stored(self, panes: list[PaneName]) -> None:
        """The dashboard has stored these closed panes."""
        self._acknowledge("panes", lambda state: state.acknowledge_panes(panes))

    def on_alerts_stored(self, ids: list[str]) -> None:
        """The dashboard has stored these alerts."""
        self._acknowledge("alerts", lambda state: state.alerts.outbox.acknowledge(ids))

    def _acknowledge(self, what: str, delete: Callable[[State], None]) -> None:
        try:
            self.with_state(delete)
        except duckdb.Error as error:
            logger.warning("%s that the dashboard has stored can't be deleted, and are sent again: %s", what, error)

    def resume(self, status: Status, last_at_ms: int | None) -> Progress | None:
        """Go on counting the log of `status`, or start a new epoch if that is not possible.

        Args:
            status: Ingest's `STATUS`.
            last_at_ms: The time of the last counted post, from ingest. `None` if ingest does not hold it any more.

        Returns:
            The position from which to count. `None` while the state can't be written.

        """
        with self._lock:
            try:
                with self._store_errors.storing(POSITION):
                    progress = self._resume(status, last_at_ms)
            except duckdb.Error as error:
                self._recover_state(error)
                return None
            self._store_errors.note_stored(POSITION)
            return progress

    def _resume(self, status: Status, last_at_ms: int | None) -> Progress:
        self._state.alerts.note_log(status)
        progress, state = self._state.progress(), self._state
        reason = restart_reason(progress, status, last_at_ms, pane_ms=state.pane_ms, state_notice=state.notice)
        if progress is None or reason is not None:
            now_ms = self._wall_ms()
            progress = self._state.begin_epoch(
                *(status["log"], status["first"], now_ms, reason or "first start"),
                counted_from_ms=status.get("watermark_ms", now_ms),
            )
            self._to_ms = 0
            self._store_errors.note_stored(MICRO_BATCH)
            self._snapshots.forget_batch()
            logger.info("epoch %d begins at offset %d: %s", progress.epoch, progress.next_offset, progress.reason)
        return progress

    def with_state(self, use: Callable[[State], T]) -> T | None:
        """What `use` returns, which has the state for itself. None when it is closed."""
        with self._lock:
            return None if self._closed else use(self._state)

    def progress(self) -> Progress | None:
        """The stored position. `None` before the first epoch, and while the state can't be read."""
        with contextlib.suppress(duckdb.Error):
            return self.with_state(State.progress)
        return None

    def note_query_running(self) -> None:
        """Note that the query runs well again."""
        with self._lock:
            self._query_error = None

    def note_query_failure(self, sentence: str) -> int:
        """Note that the query ended with an error.

        Returns:
            How many times in a row it did. Errors because the state can't be stored or ingest is busy are not counted.

        """
        with self._lock:
            self._query_error = failure_sentence(sentence)
            if self._store_errors.sentence is None and BusyError.__name__ not in sentence:
                self._query_failures += 1
            return self._query_failures

    def close(self) -> None:
        """Wait for the current transaction, and close the state. Nothing is counted afterwards."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._state.close()

    def _watermark_ms(self, progress: Progress) -> int | None:
        """Ingest's watermark, if it was reachable and all before it is counted."""
        status = status_of(self._ingest, progress.log)
        return None if status is None or status["end"] > progress.next_offset else int(status["watermark_ms"])

    def _publish(self) -> Snapshot | None:
        progress = self._state.progress()
        if progress is None:
            return None
        now_ms = self._wall_ms()
        caught_up_ms = self._watermark_ms(progress)
        self._to_ms = max(caught_up_ms or self._to_ms, self._newest_ms(progress))
        snapshot = self._snapshots.make(progress, self._to_ms or now_ms, now_ms, self._health(progress))
        self._made_at_ms = now_ms
        self._offer(snapshot)
        return snapshot

    def _newest_ms(self, progress: Progress) -> int:
        return progress.last_at_ms

    def _lag(self, progress: Progress) -> tuple[int, int]:
        return lag_of(progress, self._ingest.status, self._to_ms)

    def _error(self) -> str | None:
        return self._query_error or self._store_errors.sentence

    def _health(self, progress: Progress) -> Health:
        lag_posts, lag_ms = self._lag(progress)
        return Health(
            offset=progress.next_offset,
            lag_posts=lag_posts,
            lag_ms=lag_ms,
            lost=progress.lost,
            skipped=progress.skipped,
            late=progress.late,
            next_change=progress.next_change,
            newest_at_ms=progress.last_at_ms or None,
            batch_ms=self._batch_ms,
            posts_per_second=round(posts_per_second(self._state, self._to_ms), 1),
            started_at_ms=self._started_at_ms,
            epoch_reason=progress.reason,
            query_error=self._error(),
            query_failures=self._query_failures,
            ingest=self._ingest,
            archive=self._state.hours.notice,
            archived=self._state.hours.archived,
        )
