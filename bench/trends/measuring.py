"""Runs the detector and the other methods over the same stream."""

import time
from collections.abc import Callable, Sequence
from itertools import groupby

import duckdb

from bench.trends import stream
from bench.trends.marks import Entries, Entry, Marks, false_alarms, mark
from bench.trends.methods import Trial, variants
from bench.trends.plan import Plan, plan
from bench.trends.rivals.bins import bins
from spark_job.rising.detector import Detector

OURS = "Rising"
HOURS = 24.0


class Measurement:
    """One seed: days that are learned, then one that is marked."""

    def __init__(self, traffic: stream.Traffic, warm_days: int, say: Callable[[str], None]) -> None:
        """Args:
        traffic: What the stream is like.
        warm_days: How many days are learned first.
        say: Gets a line now and then.
        """
        self._traffic = traffic
        self._warm_days = warm_days
        self._say = say
        self.planned: Plan = plan(traffic, warm_days)
        self._posts, self._state = duckdb.connect(), duckdb.connect()
        for db in (self._posts, self._state):
            db.execute("SET threads = 1")
            db.execute("SET enable_progress_bar = false")
        self.entries = Entries()
        self.seconds = 0.0

    def run(self, pane_ms: int = stream.PANE_MS, *, with_rivals: bool = True) -> dict[str, Marks]:
        """Return the marks of all methods, by name.

        Args:
            pane_ms: Length of a pane of the marked day.
            with_rivals: Whether the other methods are tried too.

        """
        trials = [Trial(variant) for variant in variants()] if with_rivals else []
        learner = Detector(self._state, pane_ms=stream.LEARN_PANE_MS, window_ms=stream.WINDOW_MS)
        detector = Detector(self._state, pane_ms=pane_ms, window_ms=stream.WINDOW_MS)
        for day in range(self._warm_days + 1):
            stream.day(self._posts, self._traffic, day, self.planned.disturbances.get(day, ()))
            stream.add_bursts(self._posts, self.planned.bursts.get(day, []), self._traffic.seed)
            if day < self._warm_days:
                learned = stream.panes(self._posts, day, stream.LEARN_PANE_MS)
                for _, slot in groupby(learned, lambda facts: (facts.until_ms - 1) // stream.WINDOW_MS):
                    with _transaction(self._state):
                        learner.learn_all([*slot])
            else:
                self._look(detector, day, pane_ms)
            self._try(trials, day)
            self._say(f"seed {self._traffic.seed}: day {day} is done")
        rises = self.planned.true_rises()
        found = {OURS: mark(self.entries.found, rises, HOURS)}
        for trial in trials:
            found |= trial.marks(rises, HOURS)
        return found

    def false(self) -> Sequence[Entry]:
        """The false alarms of the detector."""
        return false_alarms(self.entries.found, self.planned.true_rises())

    def _look(self, detector: Detector, day: int, pane_ms: int) -> None:
        for facts in stream.panes(self._posts, day, pane_ms):
            since = time.process_time()
            with _transaction(self._state):
                rising = detector.add_pane(facts)
            self.seconds += time.process_time() - since
            self.entries.note(facts.until_ms, [tag.key for topic in rising.topics for tag in topic])

    def _try(self, trials: Sequence[Trial], day: int) -> None:
        for bin_ms in sorted({trial.variant.bin_ms for trial in trials}):
            these = [trial for trial in trials if trial.variant.bin_ms == bin_ms]
            for one in bins(self._posts, day, bin_ms):
                for trial in these:
                    if day < self._warm_days:
                        trial.learn(one)
                    else:
                        trial.look(one)


class _transaction:  # noqa: N801 - used like a function
    def __init__(self, db: duckdb.DuckDBPyConnection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.begin()

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._db.commit()
        else:
            self._db.rollback()
