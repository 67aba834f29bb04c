"""Measure how well rises are found; see the package."""

import argparse
import sys
import time

import duckdb

from bench.trends import stream
from bench.trends.marks import Entries, Marks, mark, table
from bench.trends.plan import plan
from spark_job.rising.detector import Detector


def measure(seed: int, warm_days: int, hours: float = 24.0) -> Marks:
    """Run the detector over `warm_days` days and a marked one."""
    planned = plan(seed, warm_days)
    posts, state = duckdb.connect(), duckdb.connect()
    for db in (posts, state):
        db.execute("SET threads = 1")
    learner = Detector(state, pane_ms=stream.LEARN_PANE_MS, window_ms=stream.WINDOW_MS)
    detector = Detector(state, pane_ms=stream.PANE_MS, window_ms=stream.WINDOW_MS)
    traffic = stream.Traffic(seed)
    entries = Entries()
    for day in range(warm_days + 1):
        since = time.monotonic()
        stream.day(posts, traffic, day, planned.disturbances.get(day, ()))
        stream.add_bursts(posts, planned.bursts.get(day, []), seed)
        print("made", day, time.monotonic() - since, posts.execute("select count(*) from posts").fetchall(), file=sys.stderr)
        since = time.monotonic()
        if day < warm_days:
            for facts in stream.panes(posts, day, stream.LEARN_PANE_MS):
                learner.learn(facts)
        else:
            for facts in stream.panes(posts, day):
                rising = detector.add_pane(facts)
                entries.note(facts.until_ms, frozenset(tag.key for topic in rising.topics for tag in topic))
        print("day", day, time.monotonic() - since, file=sys.stderr)
    return mark(entries.found, planned.true_rises(), hours)


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="How well rises are found.")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--warm-days", type=int, default=1)
    given = parser.parse_args()
    for seed in range(1, given.seeds + 1):
        marks = measure(seed, given.warm_days)
        print("\n".join(table({f"seed {seed}": marks})))
        print("missed", marks.missed)
        print("false", marks.false)
    return 0


if __name__ == "__main__":
    sys.exit(main())
