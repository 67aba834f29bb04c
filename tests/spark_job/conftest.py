from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.spark_job.support.fake_ingest import FakeIngest
from tests.spark_job.support.snapshots import QUIET, sent
from tests.spark_job.support.tally import counted

from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.snapshot_schema import Snapshot
from spark_job.state.store import State

PANE_MS = 10_000
WINDOW_MS = 30_000
T = 1_795_176_000_000


class Rig:
    """A state with snapshots of it: three panes of ten seconds, and a clock that only the test moves."""

    def __init__(self, folder: Path, max_tags: int = 1_000_000) -> None:
        self.state = State(folder / "counts.duckdb", PANE_MS, WINDOW_MS, max_tags=max_tags)
        self.state.begin_epoch("log-a", 0, T, "first start")
        self.snapshots = Snapshots(self.state, Pace(10, 30, 1.0, 10), self.state.next_seq_block())
        self.batch_id = 0

    def count(self, *posts: dict[str, Any]) -> None:
        """One micro-batch."""
        progress = self.state.progress()
        assert progress is not None
        batch = counted(posts, progress.next_offset)
        span = self.state.apply(*batch)
        assert span is not None
        self.snapshots.note_batch(batch, self.batch_id, span.posts, span.last_at_ms)
        self.batch_id += 1

    def snapshot(self, to_ms: int) -> dict[str, Any]:
        """What is sent when all until `to_ms` is counted."""
        return sent(self.make(to_ms))

    def make(self, to_ms: int) -> Snapshot:
        """The snapshot when all until `to_ms` is counted."""
        self.state.close_panes(to_ms)
        progress = self.state.progress()
        assert progress is not None
        return self.snapshots.make(progress, to_ms, to_ms + 5, QUIET)


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    rig = Rig(tmp_path)
    yield rig
    rig.state.close()


@pytest.fixture
def ingest() -> Iterator[FakeIngest]:
    with FakeIngest() as fake:
        yield fake


@pytest.fixture
def patient_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads few messages of a topic waits longer for them than it does in the job.

    Beside other tests, a broker is silent for longer than 1.5 seconds.
    """
    for name in ("samples.topic_pieces", "query_server.topic_pane"):
        monkeypatch.setattr(f"spark_job.{name}.PATIENCE_SECONDS", 30.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "counts" / "counts.duckdb"


@pytest.fixture
def state(path: Path) -> Iterator[State]:
    state = State(path, PANE_MS, WINDOW_MS)
    state.begin_epoch("log-a", 0, T, "first start")
    yield state
    state.close()
