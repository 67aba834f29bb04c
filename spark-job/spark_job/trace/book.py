"""Notes the last micro-batches while somebody asks for a trace. While nobody does, it does next to nothing."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

import pyarrow as pa

from spark_job.executor.kafka_slices import CountedSlice
from spark_job.executor.task_facts import TaskFacts, facts_of
from spark_job.ranking.pane_posts import PanePosts
from spark_job.snapshot_schema import Snapshot
from spark_job.state.store import State
from spark_job.state.window import Window
from spark_job.trace.first_ranks import first_ranks
from spark_job.trace.micro_batch import Before, MicroBatch
from spark_job.trace.numbers import numbers
from spark_job.trace.schema import DroppedCounts, Trace
from spark_job.trace.stages import Times, stages_of, tasks_of

logger = logging.getLogger(__name__)

#: Micro-batches are noted for this long after somebody has asked for one.
WANTED_MS = 10_000
#: The micro-batches that were counted by Spark and are not stored yet.
MOST_WAITING = 4


class _Collected(NamedTuple):
    """What Spark's thread says of a micro-batch: what its tasks say, and when they were done."""

    facts: list[TaskFacts]
    counted_ms: int


@dataclass(slots=True)
class Note:
    """A micro-batch that was noted.

    Args:
        trace: Its trace without posts.
        log: Its log.
        slices: What it has of each partition, if the log is on Kafka.
        pushed: When its snapshot was pushed, if it was.

    """

    trace: Trace
    log: str
    slices: Sequence[CountedSlice] = ()
    pushed: Times | None = None


class TraceBook:
    """What is noted of micro-batches. Several threads use it: Spark's, that of the state, that of pushes, queries."""

    def __init__(self, wall_ms: Callable[[], int], monotonic_ms: Callable[[], int]) -> None:
        """Args:
        wall_ms: Milliseconds since 1970.
        monotonic_ms: Milliseconds of a clock that is never set back.
        """
        self._wall_ms = wall_ms
        self._monotonic_ms = monotonic_ms
        self._lock = threading.Lock()
        self._wanted_until_ms: int | None = None
        self._collected: dict[int, _Collected] = {}
        self._notes: list[Note] = []
        self._before: Before | None = None
        self._has_failed = False

    @property
    def is_wanted(self) -> bool:
        """Whether somebody has asked lately."""
        until_ms = self._wanted_until_ms
        return until_ms is not None and self._monotonic_ms() < until_ms

    def ask(self) -> Note | None:
        """Note micro-batches from now on, and return the newest one, if there is one.

        One whose snapshot is not pushed yet is the newest only if the one before is neither.
        """
        with self._lock:
            if not self.is_wanted:
                self._notes.clear()
                self._collected.clear()
            self._wanted_until_ms = self._monotonic_ms() + WANTED_MS
            notes = [note for note in self._notes if note.pushed is not None] or self._notes
            return notes[-1] if notes else None

    def note_messages(self, batch_id: int, messages: pa.Table, _: int, counted_ms: int) -> None:
        """Note what the tasks of a micro-batch say about themselves; see `BatchWriter`."""
        if not self.is_wanted:
            return
        with self._lock:
            while len(self._collected) >= MOST_WAITING:
                del self._collected[next(iter(self._collected))]
            self._collected[batch_id] = _Collected(facts_of(messages), counted_ms)

    def note(self, batch: MicroBatch, snapshot: Snapshot, posts: PanePosts, state: State) -> None:
        """Note a micro-batch that is stored, while the state is locked.

        Args:
            batch: The micro-batch.
            snapshot: What was made of it.
            posts: What the snapshot was made from.
            state: The state.

        """
        before = self._before
        self._before = Before(snapshot.epoch, snapshot.window.to_ms, snapshot.window.top)
        if not self.is_wanted:
            return
        ranked_ms = self._wall_ms()
        with self._lock:
            collected = self._collected.pop(batch.id, None)
        try:
            trace = _trace(batch, snapshot, before, (posts, state), (collected, ranked_ms))
        except Exception:
            # Counting goes on without it.
            if not self._has_failed:
                logger.exception("a micro-batch can't be traced")
            self._has_failed = True
            return
        with self._lock:
            self._notes = [*self._notes[-1:], Note(trace, batch.log, batch.slices)]

    @contextmanager
    def watch_push(self, snapshot: Snapshot) -> Iterator[None]:
        """Note when a snapshot was pushed. One that replaced others before they were pushed stands for them, too."""
        began_ms = self._wall_ms()
        yield
        if not self._notes:
            return
        times, order = (began_ms, self._wall_ms()), (snapshot.epoch, snapshot.seq)
        with self._lock:
            for note in self._notes:
                if note.pushed is None and (note.trace.epoch, note.trace.seq) <= order:
                    note.pushed = times


def _trace(
    batch: MicroBatch,
    snapshot: Snapshot,
    before: Before | None,
    known: tuple[PanePosts, State],
    timed: tuple[_Collected | None, int],
) -> Trace:
    """The trace of a micro-batch, without its posts."""
    (posts, state), (collected, ranked_ms) = known, timed
    window = Window.ending(snapshot.window.to_ms, state.pane_ms, state.window_ms)
    gone = _gone(snapshot, before, window, state)
    ranks: Mapping[str, int]
    if gone is None or before is None:
        gone, ranks = range(0), first_ranks(state.db, batch.counts, window, state.muted.hides)
    else:
        ranks = {tag.key: tag.rank for tag in before.top}
    found = numbers(batch.counts, snapshot, window, gone, posts, ranks)
    facts = collected.facts if collected is not None else []
    counted_ms = collected.counted_ms if collected is not None else None
    return Trace(
        epoch=snapshot.epoch,
        seq=snapshot.seq,
        batch_id=max(0, batch.id),
        first_offset=batch.span.first,
        end_offset=batch.span.last + 1,
        posts=batch.span.posts,
        posts_shown=[],
        dropped=[],
        dropped_counts=DroppedCounts(),
        tasks=tasks_of(facts),
        stages=stages_of(batch, facts, counted_ms, ranked_ms),
        pane=found.pane,
        closed_panes=found.closed_panes,
        left_pane=found.left_pane,
        window=found.window,
        tags=found.tags,
    )


def _gone(snapshot: Snapshot, before: Before | None, window: Window, state: State) -> range | None:
    """The starts of the panes that left the window since the micro-batch before.

    None: that can't be said, because there was none in this epoch, or its window is not in memory any more, or the
    clock was set back. Then the window of before is the same as now.
    """
    if before is None or before.epoch != snapshot.epoch:
        return None
    earlier = Window.ending(before.to_ms, state.pane_ms, state.window_ms)
    if not window.before_ms <= earlier.from_ms <= window.from_ms:
        return None
    return range(earlier.from_ms, min(window.from_ms, earlier.open_ms + state.pane_ms), state.pane_ms)
