"""A state with many tags, without Spark: counts are written directly."""

import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
from tests.spark_job.support.snapshots import QUIET

from bench.posts import START_MS
from spark_job.executor.counting import COUNTS_ARROW
from spark_job.executor.messages import Counted
from spark_job.executor.posts import POSTS_AND_PEOPLE_ARROW
from spark_job.executor.tag_uses import uses_of
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.state.store import State

PANE_MS, WINDOW_MS = 10_000, 300_000
#: Spreads the hashes of authors over all numbers.
AUTHOR_STEP = 0x9E3779B97F4A7C15


@contextlib.contextmanager
def state_of(tags: int) -> Iterator[tuple[State, Snapshots]]:
    """A new state with room for this number of tags, and its snapshots."""
    with tempfile.TemporaryDirectory(prefix="snapshot-") as folder:
        state = State(Path(folder) / "counts.duckdb", PANE_MS, WINDOW_MS, max_tags=2 * tags)
        state.begin_epoch("bench", 0, START_MS, "first start")
        yield state, Snapshots(state, Pace(PANE_MS // 1000, WINDOW_MS // 1000, 1.0, 10), 1)
        state.close()


def snapshot_ms(state: State, snapshots: Snapshots, at_ms: int) -> float:
    """Close what has ended, make a snapshot, and say how long both took. The dashboard stores each pane at once."""
    since = time.perf_counter()
    state.close_panes(at_ms)
    progress = state.progress()
    assert progress is not None  # noqa: S101 - an epoch was begun
    made = snapshots.make(progress, at_ms, at_ms, QUIET)
    took_ms = (time.perf_counter() - since) * 1000
    state.acknowledge_panes([(pane.epoch, pane.from_ms, pane.posts) for pane in made.panes])
    return took_ms


def count_tags(state: State, snapshots: Snapshots, names: list[str], at_ms: int) -> None:
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
