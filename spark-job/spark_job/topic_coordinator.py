"""Count micro-batches of a topic into the state: positions of partitions in place of one offset."""

import logging
from collections.abc import Callable, Mapping

import duckdb

from spark_job.coordinator import Coordinator
from spark_job.executor.messages import Counted
from spark_job.executor.topic_ends import Ends
from spark_job.ingest_watch import status_of
from spark_job.kafka.counted_topic import CountedTopic
from spark_job.kafka.topic_watch import Asked
from spark_job.kafka.watermark import Watermark, waiting
from spark_job.publish.snapshot import Snapshots
from spark_job.snapshot_schema import Snapshot
from spark_job.state.positions import moved
from spark_job.state.progress import Progress, Span
from spark_job.state.restart_reason import topic_restart_reason
from spark_job.state.store import State
from spark_job.state.topic_batch import placed
from spark_job.store_errors import MICRO_BATCH, POSITION
from spark_job.trace.book import TraceBook

logger = logging.getLogger(__name__)

#: Anybody may write messages that are no posts, so a log line says it at most so often.
SKIPPED_LINE_MS = 60_000


class TopicCoordinator(Coordinator):
    """All access to the state, if the log is on Kafka. `tick` follows `note_topic`."""

    def __init__(
        self,
        state: State,
        snapshots: Snapshots,
        offer: Callable[[Snapshot], None],
        wall_ms: Callable[[], int],
        trace: TraceBook | None = None,
        counted: CountedTopic | None = None,
    ) -> None:
        super().__init__(state, snapshots, offer, wall_ms, trace)
        self._counted = counted
        self._asked = Asked(0, None, 0, None)
        self._watermark = Watermark()
        self._positions: Mapping[int, int] = {}
        self._skipped = 0
        self._skipped_line_ms = 0

    def note_topic(self, asked: Asked) -> None:
        """Note what is known of the topic now."""
        with self._lock:
            if asked.number != self._asked.number and asked.ends is not None:
                self._watermark.promise(asked.at_ms, asked.ends.ends)
                if self._counted is not None:
                    self._counted.note_asked(asked)
            self._asked = asked

    def resume_topic(self, ends: Ends) -> tuple[Progress, Mapping[int, int]] | None:
        """Go on counting a topic, or start a new epoch if that is not possible.

        Returns:
            The position from which to count, also of each partition. `None` while the state can't be written.

        """
        with self._lock:
            try:
                with self._store_errors.storing(POSITION):
                    found = self._resume_topic(ends)
            except duckdb.Error as error:
                self._recover_state(error)
                return None
            self._store_errors.note_stored(POSITION)
            return found

    def _resume_topic(self, ends: Ends) -> tuple[Progress, Mapping[int, int]]:
        state = self._state
        progress, positions = state.progress(), state.positions.read()
        reason = topic_restart_reason(progress, positions, ends, pane_ms=state.pane_ms, state_notice=state.notice)
        if progress is None or reason is not None:
            now_ms = self._wall_ms()
            progress = state.begin_epoch(
                *(ends.log, sum(ends.begins.values()), now_ms, reason or "first start"),
                counted_from_ms=self._asked.at_ms or now_ms,
                positions=ends.begins,
            )
            positions = state.positions.read()
            self._to_ms = 0
            self._watermark = Watermark()
            self._watermark.promise(self._asked.at_ms, ends.ends)
            self._store_errors.note_stored(MICRO_BATCH)
            self._snapshots.forget_batch()
            logger.info("epoch %d begins at offset %d: %s", progress.epoch, progress.next_offset, progress.reason)
        self._positions = positions
        if self._counted is not None:
            self._counted.begin(ends, positions)
        return progress, positions

    def positions(self) -> Mapping[int, int]:
        """The stored position of each partition."""
        return self._positions

    def _apply(self, counted: Counted) -> tuple[Counted, Span | None]:
        progress = self._state.progress()
        if progress is None or not counted.slices:
            return counted, None
        batch, late = placed(counted, progress)
        after = moved(self._positions, counted.slices)
        watermark = self._watermark.copy()
        watermark.note(counted.slices)
        if self._counted is not None:
            self._counted.note_slices(counted.slices)
        span = self._state.apply(*batch, late=late, watermark_ms=watermark.reached_ms(after))
        # What could not be stored is not reached: its panes must not close without it.
        self._watermark, self._positions = watermark, after
        if self._counted is not None:
            self._counted.note_positions(after)
        return batch, span

    def _note_skipped(self, span: Span) -> None:
        self._skipped += span.skipped
        if self._wall_ms() - self._skipped_line_ms >= SKIPPED_LINE_MS:
            logger.warning("%d messages of the topic are no posts, and are skipped", self._skipped)
            self._skipped, self._skipped_line_ms = 0, self._wall_ms()

    def _tick(self, quiet_ms: int) -> None:
        progress = self._state.progress()
        if progress is not None and progress.pane_ms == self._state.pane_ms:
            self._check_clock(progress)
        super()._tick(quiet_ms)

    def _check_clock(self, progress: Progress) -> None:
        """Begin a new window if all is counted, and ingest's clock is more than a window before the closed panes.

        Posts that come late say nothing about a clock. Without ingest, the promised time is by our own clock.
        """
        if status_of(self._ingest, progress.log) is None or self._watermark_ms(progress) is None:
            return
        behind_ms = progress.closed_until_ms - self._watermark.fulfilled_ms
        if self._watermark.fulfilled_ms and behind_ms > self._state.window_ms:
            self._begin_window(f"{behind_ms // 1000} s")
            self._watermark = Watermark()

    def _newest_ms(self, progress: Progress) -> int:
        """A producer's clock may be minutes ahead. One such post does not move the window there."""
        now_ms = max(self._watermark.promised_ms, self._wall_ms())
        return progress.last_at_ms if progress.last_at_ms <= now_ms + self._state.pane_ms else now_ms

    def _skip_trimmed_posts(self, progress: Progress) -> None:
        """Nothing: a micro-batch says what retention has removed."""

    def _watermark_ms(self, progress: Progress) -> int | None:
        """Up to when all is counted, if that is known."""
        ends = self._asked.ends
        if ends is None or ends.log != progress.log:
            return None
        return self._watermark.reached_ms(self._positions) or None

    def _lag(self, progress: Progress) -> tuple[int, int]:
        ends = self._asked.ends
        if ends is None or ends.log != progress.log:
            return 0, 0
        lag_posts = sum(waiting(self._positions, ends.ends).values())
        oldest_ms = self._watermark.reached_ms(self._positions) or progress.since_ms
        return lag_posts, max(0, self._asked.at_ms - oldest_ms) if lag_posts else 0

    def _error(self) -> str | None:
        return super()._error() or self._asked.error
