import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.snapshots import waiting_panes
from tests.spark_job.support.state_views import T, apply, everything, reached, summaries, totals
from tests.spark_job.support.tally import table

from spark_job.state.batch_rows import ClockSetBackError, CountedTwiceError
from spark_job.state.pane_closer import PaneCloser
from spark_job.state.progress import Span
from spark_job.state.rate import posts_since
from spark_job.state.starts import SEQ_BLOCK
from spark_job.state.store import State

ROOT = Path(__file__).parents[3]
PANE = 10_000
DAY = 86_400_000


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_new_file_has_no_progress(path: Path) -> None:
    state = State(path, PANE, 30_000)
    assert state.progress() is None
    assert waiting_panes(state) == []
    state.close()


def test_a_batch_moves_the_offset_by_its_posts(state: State) -> None:
    assert apply(state, post(["A", "b"], T + 1), post([], T + 2)) == Span(0, 1, 2, T + 2)
    assert apply(state, post(["a"], T + 3)) == Span(2, 2, 1, T + 3)
    progress = state.progress()
    assert progress is not None
    assert (progress.log, progress.next_offset, progress.posts, progress.lost) == ("log-a", 3, 3, 0)
    assert (progress.since_ms, progress.last_at_ms, progress.reason) == (T, T + 3, "first start")


def test_a_batch_without_posts_changes_nothing(state: State) -> None:
    before = everything(state)
    assert state.apply(table([], 0)) is None
    assert everything(state) == before


def test_a_gap_before_a_batch_is_counted_as_lost(state: State) -> None:
    apply(state, post([], T))
    apply(state, post([], T + 1), post([], T + 2), at=5)
    assert reached(state) == (7, 3, 4)


def test_a_gap_inside_a_batch_is_counted_as_lost(state: State) -> None:
    first, last = table([post(["a"], T)], 0), table([post(["b"], T + 1)], 3)
    state.apply(duckdb.sql("FROM first UNION ALL FROM last").arrow().read_all())
    assert first.num_rows == last.num_rows == 2
    assert reached(state) == (4, 2, 2)


def test_a_batch_that_begins_too_early_is_refused_and_changes_nothing(state: State) -> None:
    apply(state, post(["a"], T), post(["b"], T + 1))
    before = everything(state)
    with pytest.raises(CountedTwiceError, match="begins at 1, but 2 is the next to count"):
        apply(state, post(["b"], T + 1), post(["c"], T + 2), at=1)
    assert everything(state) == before
    apply(state, post(["c"], T + 2))
    assert reached(state) == (3, 3, 0)


def test_a_batch_with_more_posts_than_offsets_is_refused_and_changes_nothing(state: State) -> None:
    before = everything(state)
    once = table([post(["a"], T)], 0)
    with pytest.raises(CountedTwiceError, match="2 posts at the offsets 0 to 0"):
        state.apply(duckdb.sql("FROM once UNION ALL FROM once").arrow().read_all())
    assert once.num_rows == 2
    assert everything(state) == before


def test_an_error_in_the_middle_keeps_all_as_it_was_and_the_next_batch_counts(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(state, post(["a"], T))
    before = everything(state)
    with monkeypatch.context() as patch:
        patch.setattr("spark_job.state.pane_closer.SUMMARISE", "SELECT nonsense")
        with pytest.raises(duckdb.Error):
            apply(state, post(["b"], T + PANE))
    assert everything(state) == before
    apply(state, post(["b"], T + PANE))
    assert reached(state) == (2, 2, 0)
    assert summaries(state) == [(0, 1, [("a", "a", 1)])]


def test_any_exception_in_a_transaction_takes_it_back(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(state)

    with monkeypatch.context() as patch:
        # The last step of the transaction.
        patch.setattr(PaneCloser, "close", interrupt)
        with pytest.raises(KeyboardInterrupt):
            apply(state, post(["a"], T))
    assert everything(state) == before
    assert state.sources.names() == []
    apply(state, post(["a"], T))
    assert reached(state) == (1, 1, 0)
    assert state.sources.names() == ["demo"]


def test_the_acknowledgement_of_an_older_summary_does_not_remove_the_newer_one(state: State) -> None:
    apply(state, post(["a"], T))
    state.close_panes(T + PANE)
    apply(state, post(["a"], T + 1))
    state.close_panes(T + 2 * PANE)
    state.acknowledge_panes([(T, T, 1)])
    assert summaries(state) == [(0, 2, [("a", "a", 2)]), (10_000, 0, [])]


def test_acknowledged_panes_go_and_the_oldest_sixty_of_the_others_are_sent(state: State) -> None:
    apply(state, post(["a"], T))
    state.close_panes(T + 100 * PANE)
    panes = waiting_panes(state)
    assert [pane["from_ms"] for pane in panes] == [T + i * PANE for i in range(60)]
    assert panes[0] == {
        "epoch": T,
        "from_ms": T,
        "to_ms": T + PANE,
        "posts": 1,
        "top": [{"key": "a", "label": "a", "posts": 1}],
        "window": {
            "from_ms": T + PANE - 30_000,
            "posts": 1,
            "top": [{"key": "a", "label": "a", "posts": 1, "authors": 1, "taken_back": 0}],
            "authors": 1,
            "taken_back": 0,
            "sources": ["demo"],
            "counted_from_ms": T,
        },
        "rising": {"at_ms": T + PANE, "missing_ms": 1_200_000, "topics": [], "held_back": []},
    }
    state.acknowledge_panes([(pane["epoch"], pane["from_ms"], pane["posts"]) for pane in panes])
    assert [pane["from_ms"] for pane in waiting_panes(state)] == [T + i * PANE for i in range(60, 100)]
    state.acknowledge_panes([])
    assert len(waiting_panes(state)) == 40


def test_a_new_epoch_forgets_counts_but_not_what_the_dashboard_lacks(state: State) -> None:
    apply(state, post(["a"], T))
    state.close_panes(T + PANE)
    apply(state, post(["b"], T + PANE))
    progress = state.begin_epoch("log-b", 7, T + 60_000, "ingest has another log")
    assert reached(state) == (7, 0, 0)
    assert (progress.epoch, progress.log, progress.since_ms) == (T + 60_000, "log-b", T + 60_000)
    assert totals(state) == []
    assert posts_since(state, 0) == 0
    apply(state, post(["c"], T + 61_000))
    state.close_panes(T + 70_000)
    assert [(pane["epoch"], pane["from_ms"] - T, pane["posts"]) for pane in waiting_panes(state)] == [
        (T, 0, 1),
        (T, PANE, 1),
        (T + 60_000, 60_000, 1),
    ]


def test_epochs_grow_even_when_the_clock_does_not(state: State) -> None:
    assert [state.begin_epoch("log-b", 0, now, "x").epoch - T for now in (T, T - 5_000, T + 10)] == [1, 2, 10]


def test_counting_without_an_epoch_is_an_error(path: Path) -> None:
    state = State(path, PANE, 30_000)
    with pytest.raises(RuntimeError, match="no epoch was begun"):
        state.apply(table([post([], T)], 0))
    state.close()


def test_every_start_takes_the_next_block_of_sequence_numbers(path: Path) -> None:
    blocks = []
    for _ in range(3):
        state = State(path, PANE, 30_000)
        blocks.append(state.next_seq_block())
        state.close()
    assert blocks == [SEQ_BLOCK, 2 * SEQ_BLOCK, 3 * SEQ_BLOCK]


def test_all_is_there_after_a_restart(path: Path, state: State) -> None:
    apply(state, post(["a"], T), post(["B"], T + PANE))
    before, progress = everything(state), state.progress()
    assert progress is not None
    state.close()
    again = State(path, PANE, 30_000)
    assert everything(again) == before
    assert again.progress() == replace(progress)
    again.close()


def run_python(code: str, *arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


OPEN = """
from pathlib import Path
from spark_job.state.batch_rows import ClockSetBackError
from spark_job.state.store import State
from spark_job.state.file import StateInUseError
try:
    State(Path(sys.argv[1]), 10_000, 30_000)
except StateInUseError as error:
    print("in use:", error)
"""


def test_a_second_process_is_refused_while_the_first_has_the_file(path: Path, state: State) -> None:
    apply(state, post(["a"], T))
    with run_python(OPEN, str(path)) as second:
        said, _ = second.communicate(timeout=120)
    assert said == f"in use: another process has {path} open\n"
    apply(state, post(["a"], T))
    assert reached(state) == (2, 2, 0)


COUNT = """
from pathlib import Path
from spark_job.state.store import State
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import table
from tests.spark_job.support.snapshots import waiting_panes
state = State(Path(sys.argv[1]), 10_000, 30_000)
progress = state.progress() or state.begin_epoch("log-a", 0, 1, "first start")
start = progress.next_offset
while True:
    # Post n is made at n seconds and has the tag n modulo 7.
    state.apply(table([post([f"t{n % 7}"], n * 1_000) for n in range(start, start + 10)], start))
    start += 10
    print(start, flush=True)
"""


def test_a_killed_writer_loses_no_committed_batch_and_leaves_no_half_one(path: Path) -> None:
    said = 0
    for batches in (3, 8, 5):
        with run_python(COUNT, str(path)) as writer:
            assert writer.stdout is not None
            for _ in range(batches):
                said = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
        assert writer.returncode == -signal.SIGKILL
    state = State(path, PANE, 30_000)
    end, posts, lost = reached(state)
    assert end >= said >= 160
    assert (posts, lost) == (end, 0)
    state.close_panes((end + 10) * 1_000)
    assert [(key, posts) for key, _, posts, _ in totals(state)] == [(f"t{i}", len(range(i, end, 7))) for i in range(7)]
    state.close()


def test_a_clock_set_back_by_more_than_a_window_begins_panes_anew_and_keeps_the_totals(state: State) -> None:
    apply(state, post(["a"], T + 3_600_000), post(["b"], T + 3_610_000))
    with pytest.raises(ClockSetBackError, match="3610 s"):
        apply(state, post(["a"], T))
    assert reached(state) == (2, 2, 0)
    before = state.progress()
    progress = state.begin_window("the clock was set back")
    assert before is not None
    assert (progress.epoch, progress.next_offset, progress.since_ms) == (before.epoch + 1, 2, before.since_ms)
    apply(state, post(["a"], T))
    state.close_panes(T + PANE)
    assert [(key, posts) for key, _, posts, _ in totals(state)] == [("a", 2), ("b", 1)]
    panes = [(pane["epoch"] - T, pane["from_ms"] - T, pane["posts"]) for pane in waiting_panes(state)]
    assert panes == [(1, 0, 1), (0, 3_600_000, 1), (0, 3_610_000, 1)]


def test_what_ingest_has_thrown_away_is_lost(state: State) -> None:
    apply(state, post(["a"], T))
    state.skip_to(50, T)
    assert reached(state) == (50, 1, 49)
