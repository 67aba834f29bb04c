"""Does the speed stay the same with more data? Further posts in one run, and snapshots with many tags."""

import tempfile
import time
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
from tests.spark_job.support.snapshots import QUIET

from bench.finding import Finding, Target
from bench.pipeline import Pipeline
from bench.posts import START_MS, tag_name
from bench.spread import Spread
from bench.workshop import Workshop
from spark_job.executor.counting import COUNTS_ARROW
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.state.store import State

POSTS = 2_000_000
# The limits of the steps. The first step only warms the process up.
STEPS = (100_000, 500_000, 1_000_000, 1_500_000, POSTS)
PER = 100_000
TIMEOUT_SECONDS = 120.0
FEW_TAGS, MANY_TAGS = 1_000, 1_000_000
PANE_MS, WINDOW_MS = 10_000, 300_000
TAGS_IN_A_BATCH = 1_000
SNAPSHOTS = 15


def measure(shop: Workshop) -> list[Finding]:
    """Measure both."""
    rounds = [_marginal_ms(shop) for _ in range(shop.repeats)]
    spans = [max(steps) / min(steps) for steps in rounds]
    every = [ms for steps in rounds for ms in steps]
    told = ", ".join(f"{ms:.0f}" for ms in rounds[-1])
    found = [
        Finding("growth: slowest step / fastest step", "x", Spread.of(spans), Target(1.2, at_most=True), "", 2, spans),
        Finding("growth: per further 100,000 posts", "ms", Spread.of(every), note=f"steps of the last run: {told}"),
    ]
    few, many = (_snapshot_ms(tags) for tags in (FEW_TAGS, MANY_TAGS))
    shop.say(f"snapshot of {FEW_TAGS:,} tags: {few.median:.1f} ms; of {MANY_TAGS:,}: {many.median:.1f} ms")
    ratio = many.median / few.median
    return [
        *found,
        Finding(f"snapshot with {FEW_TAGS:,} tags", "ms", few, digits=1),
        Finding(f"snapshot with {MANY_TAGS:,} tags", "ms", many, digits=1),
        Finding("snapshot: many tags / few tags", "x", Spread.of([ratio]), Target(1.5, at_most=True), digits=2),
    ]


def _marginal_ms(shop: Workshop) -> list[float]:
    """Milliseconds per further 100,000 posts in each step."""
    found = []
    with Pipeline(shop.material(POSTS)) as ours:
        ours.feed(STEPS[0])
        ours.wait_for(STEPS[0], TIMEOUT_SECONDS)
        for before, until in pairwise(STEPS):
            since = ours.feed(until)
            found.append((ours.wait_for(until, TIMEOUT_SECONDS) - since) * 1000 * PER / (until - before))
    shop.say(f"milliseconds per further {PER:,} posts: {[round(ms) for ms in found]}")
    return found


def _snapshot_ms(tags: int) -> Spread:
    """Milliseconds of a snapshot with this number of tags in window and totals, after some more posts arrived."""
    took = []
    with tempfile.TemporaryDirectory(prefix="snapshot-") as folder:
        state = State(Path(folder) / "counts.duckdb", PANE_MS, WINDOW_MS, max_tags=2 * tags)
        snapshots = Snapshots(state, Pace(PANE_MS // 1000, WINDOW_MS // 1000, 1.0, 10), 1)
        state.begin_epoch("bench", 0, START_MS, "first start")
        names = [tag_name(number) for number in range(tags)]
        for number, first in enumerate([*range(0, tags, max(1, tags // 10))]):
            _count(state, names[first : first + tags // 10], START_MS + number * PANE_MS)
        at_ms = START_MS + 20 * PANE_MS
        for number in range(SNAPSHOTS + 1):
            _count(state, names[number * TAGS_IN_A_BATCH % tags :][:TAGS_IN_A_BATCH], at_ms)
            progress = state.progress()
            assert progress is not None  # noqa: S101 - an epoch was begun
            since = time.perf_counter()
            snapshots.make(progress, at_ms, at_ms, QUIET)
            took.append((time.perf_counter() - since) * 1000)
        state.close()
    # The first snapshot of a run ranks all tags.
    return Spread.of(took[1:])


def _count(state: State, names: list[str], at_ms: int) -> None:
    """One post for each tag; the first few tags have more, so that there are leaders."""
    progress = state.progress()
    assert progress is not None  # noqa: S101 - an epoch was begun
    first, posts = progress.next_offset, len(names)
    rows = [(None, posts)] + [(name, max(1, 60 - place)) for place, name in enumerate(names)]
    columns = {
        "pane_ms": [at_ms] * len(rows),
        "source": ["bench"] * len(rows),
        "lang": ["en"] * len(rows),
        "key": [key for key, _ in rows],
        "label": [key for key, _ in rows],
        "posts": [count for _, count in rows],
        "first_offset": [first] * len(rows),
        "last_offset": [first + posts - 1] * len(rows),
        "first_at_ms": [at_ms] * len(rows),
        "last_at_ms": [at_ms] * len(rows),
    }
    state.apply(pa.table(columns, schema=COUNTS_ARROW))
