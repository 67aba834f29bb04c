"""The log of changes is read in parts, so that the job makes snapshots meanwhile."""

from pathlib import Path

import pytest
from tests.spark_job.conftest import T
from tests.spark_job.state.test_taken_back import Rig, shown
from tests.spark_job.support.fake_ingest import FakeIngest, post


def test_of_many_changes_a_part_is_counted_at_once(
    tmp_path: Path, ingest: FakeIngest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("spark_job.changes.feed.AT_ONCE", 3)
    monkeypatch.setattr("spark_job.changes.feed.MOST_OF_POLL", 4)
    job = Rig(tmp_path, ingest)
    job.append(*[post(["a"], T)] * 10)
    job.count()
    for offset in range(10):
        job.ingest.delete(offset)
    seen = []
    for _ in range(4):
        job.poll()
        seen.append((job.progress.next_change, shown(job.snapshot(T + 1))))
    assert seen == [(4, {"a": (10, 4)}), (8, {"a": (10, 8)}), (10, {"a": (10, 10)}), (10, {"a": (10, 10)})]
    job.client.close()
    job.state.close()
