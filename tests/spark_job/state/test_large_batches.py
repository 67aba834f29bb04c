"""A micro-batch with many counts is written in another way, with the same result."""

from pathlib import Path

import pyarrow as pa
import pytest
from tests.spark_job.support.fake_ingest import varied_posts
from tests.spark_job.support.state_views import T, everything
from tests.spark_job.support.tally import table

from spark_job.state.pane_closer import PaneCloser
from spark_job.state.store import State

PANE = 10_000


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_large_batch_is_stored_like_a_small_one(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = State(tmp_path / "other.duckdb", PANE, 6 * PANE)
    other.begin_epoch("log", 0, T, "first start")
    posts = varied_posts(200)
    state.apply(table(posts, 0))
    monkeypatch.setattr("spark_job.state.batch_rows.LARGE_BATCH_ROWS", 10)
    other.apply(table(posts, 0))
    rows = "SELECT * FROM open_counts ORDER BY ALL"
    assert other.db.execute(rows).fetchall() == state.db.execute(rows).fetchall() != []
    other.close()


def test_panes_that_close_with_a_large_batch_are_stored_like_those_of_a_small_one(
    state: State, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = State(tmp_path / "other.duckdb", PANE, state.window_ms)
    other.begin_epoch("log-a", 0, T, "first start")
    posts = varied_posts(1_000)
    # The first pane of the second micro-batch was open before, and two tasks share another one.
    batches = [table(posts[:400], 0), pa.concat_tables([table(posts[400:700], 400), table(posts[700:], 700)])]
    for counts in batches:
        state.apply(counts)
    monkeypatch.setattr("spark_job.state.batch_rows.LARGE_BATCH_ROWS", 10)
    for counts in batches:
        other.apply(counts)
    assert everything(other) == everything(state)
    assert len(other.unacknowledged_panes()) == 13
    # An error after the panes were taken over leaves nothing of them.
    late = table(varied_posts(1_200)[1_000:], 1_000)
    with monkeypatch.context() as patch:
        patch.setattr(PaneCloser, "close", interrupt)
        with pytest.raises(KeyboardInterrupt):
            other.apply(late)
    for one in (state, other):
        one.apply(late)
        one.close_panes(T + 20 * PANE)
    assert everything(other) == everything(state)
    other.close()
