"""Does the speed stay the same with more data? Further posts in one run, and snapshots with many tags."""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
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
from spark_job.executor.messages import Counted
from spark_job.executor.posts import POSTS_AND_PEOPLE_ARROW
from spark_job.executor.tag_uses import uses_of
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
#: Spreads the hashes of authors over all numbers.
AUTHOR_STEP = 0x9E3779B97F4A7C15
CLOSINGS = 8
#: In the closed panes of both windows: as at 1,000 posts per second.
FULL_ROWS = 384_000


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
    return [*found, *_snapshot_findings(shop)]


def _snapshot_findings(shop: Workshop) -> list[Finding]:
    few, many, full = _snapshots(FEW_TAGS), _snapshots(MANY_TAGS), _full_windows_ms()
    shop.say(f"snapshot: {few.within.median:.1f} and {many.within.median:.1f} ms")
    shop.say(f"with a closing pane: {few.closing.median:.1f}, {many.closing.median:.1f}, {full.median:.1f} ms")
    found = []
    for what, of_few, of_many in (
        ("", few.within, many.within),
        (", a pane closes", few.closing, many.closing),
    ):
        ratio = Spread.of([of_many.median / of_few.median])
        found += [
            Finding(f"snapshot with {FEW_TAGS:,} tags{what}", "ms", of_few, digits=1),
            Finding(f"snapshot with {MANY_TAGS:,} tags{what}", "ms", of_many, digits=1),
            Finding(f"snapshot{what}: many tags / few tags", "x", ratio, Target(1.5, at_most=True), digits=2),
        ]
    note = f"both windows have {FULL_ROWS:,} rows, the totals {MANY_TAGS:,} tags"
    return [*found, Finding("closing a pane, with its snapshot", "ms", full, Target(100, at_most=True), note, 1)]


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


@dataclass(frozen=True)
class _Snapshots:
    """Milliseconds of snapshots within a pane, and of those in which a pane closes, with the closing."""

    within: Spread
    closing: Spread


def _snapshots(tags: int) -> _Snapshots:
    """Snapshots with this number of tags in window and totals. Each comes after more posts, or after a pane closed."""
    within, closing = [], []
    with _state(tags) as (state, snapshots):
        names = [tag_name(number) for number in range(tags)]
        for number, first in enumerate([*range(0, tags, max(1, tags // 10))]):
            _count(state, snapshots, names[first : first + tags // 10], START_MS + number * PANE_MS)
        at_ms = START_MS + 20 * PANE_MS
        for number in range(SNAPSHOTS + 1):
            _count(state, snapshots, names[number * TAGS_IN_A_BATCH % tags :][:TAGS_IN_A_BATCH], at_ms)
            within.append(_snapshot_ms(state, snapshots, at_ms))
        for number in range(SNAPSHOTS, SNAPSHOTS + CLOSINGS):
            _count(state, snapshots, names[number * TAGS_IN_A_BATCH % tags :][:TAGS_IN_A_BATCH], at_ms)
            _snapshot_ms(state, snapshots, at_ms)
            at_ms += PANE_MS
            closing.append(_snapshot_ms(state, snapshots, at_ms))
    # The first snapshot of a run ranks all tags.
    return _Snapshots(Spread.of(within[1:]), Spread.of(closing))


def _full_windows_ms() -> Spread:
    """Milliseconds of closing a pane and its snapshot, with 384,000 rows in both windows and a million tags in all."""
    took = []
    rows, panes = FULL_ROWS // (2 * WINDOW_MS // PANE_MS), 2 * WINDOW_MS // PANE_MS
    with _state(MANY_TAGS) as (state, snapshots):
        names = [tag_name(number) for number in range(MANY_TAGS)]
        _count(state, snapshots, names, START_MS)
        # Tags return: two thirds of a pane's tags were in the pane before.
        for number in range(1, panes + 1):
            _count(state, snapshots, names[number * rows // 3 :][:rows], START_MS + number * PANE_MS)
        for number in range(panes + 1, panes + 1 + CLOSINGS):
            at_ms = START_MS + number * PANE_MS
            _count(state, snapshots, names[number * rows // 3 :][:rows], at_ms)
            _snapshot_ms(state, snapshots, at_ms)
            took.append(_snapshot_ms(state, snapshots, at_ms + PANE_MS))
    return Spread.of(took[1:])


@contextlib.contextmanager
def _state(tags: int) -> Iterator[tuple[State, Snapshots]]:
    with tempfile.TemporaryDirectory(prefix="snapshot-") as folder:
        state = State(Path(folder) / "counts.duckdb", PANE_MS, WINDOW_MS, max_tags=2 * tags)
        state.begin_epoch("bench", 0, START_MS, "first start")
        yield state, Snapshots(state, Pace(PANE_MS // 1000, WINDOW_MS // 1000, 1.0, 10), 1)
        state.close()


def _snapshot_ms(state: State, snapshots: Snapshots, at_ms: int) -> float:
    """Close what has ended, make a snapshot, and say how long both took. The dashboard stores each pane at once."""
    since = time.perf_counter()
    state.close_panes(at_ms)
    progress = state.progress()
    assert progress is not None  # noqa: S101 - an epoch was begun
    made = snapshots.make(progress, at_ms, at_ms, QUIET)
    took_ms = (time.perf_counter() - since) * 1000
    state.acknowledge_panes([(pane.epoch, pane.from_ms, pane.posts) for pane in made.panes])
    return took_ms


def _count(state: State, snapshots: Snapshots, names: list[str], at_ms: int) -> None:
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
    counted = Counted(pa.table(columns, schema=COUNTS_ARROW), _uses(names, at_ms, first))
    state.apply(*counted)
    snapshots.note_batch(counted, 0, posts, at_ms)


def _uses(names: list[str], at_ms: int, first: int) -> pa.Table:
    """The uses of these posts. Each has an author of its own."""
    posts = len(names)
    columns = {
        "offset": range(first, first + posts),
        "at_ms": [at_ms] * posts,
        "source": ["bench"] * posts,
        "lang": ["en"] * posts,
        "tags": [[{"key": name, "label": name}] for name in names],
        "author": [number * AUTHOR_STEP % 2**64 for number in range(first, first + posts)],
        "text": [number * AUTHOR_STEP % 2**64 for number in range(first, first + posts)],
    }
    return uses_of(
        pa.table(columns, schema=pa.schema([(n, POSTS_AND_PEOPLE_ARROW.field(n).type) for n in columns])), PANE_MS
    )
