import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.spark_job.fake_ingest import post
from tests.spark_job.tally import table

from spark_job.state import SEQ_BLOCK, ClockSetBackError, CountedTwiceError, Span, State

ROOT = Path(__file__).parents[2]
PANE = 10_000
DAY = 86_400_000
T = 1_795_176_000_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "counts" / "counts.duckdb"


@pytest.fixture
def state(path: Path) -> Iterator[State]:
    state = State(path, PANE, 30_000)
    state.begin_epoch("log-a", 0, T, "first start")
    yield state
    state.close()


def apply(state: State, *posts: dict[str, Any], at: int | None = None) -> Span | None:
    progress = state.progress()
    assert progress is not None
    return state.apply(table(posts, progress.next_offset if at is None else at))


def reached(state: State) -> tuple[int, int, int]:
    """Next offset, posts and lost."""
    progress = state.progress()
    assert progress is not None
    return progress.next_offset, progress.posts, progress.lost


def everything(state: State) -> dict[str, list[Any]]:
    tables = ("progress", "open_counts", "pane_counts", "totals", "closed_panes")
    return {name: state.db.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in tables}


def summaries(state: State) -> list[tuple[int, int, list[tuple[str, str, int]]]]:
    """Start, posts and leaders of the closed panes that wait for the dashboard."""
    return [
        (pane["from_ms"] - T, pane["posts"], [(tag["key"], tag["label"], tag["posts"]) for tag in pane["top"]])
        for pane in state.unacknowledged_panes(10_000)
    ]


def totals(state: State) -> list[tuple[Any, ...]]:
    return state.db.execute("SELECT key, label, posts, first_seen_ms FROM totals ORDER BY key").fetchall()


def test_a_new_file_has_no_progress(path: Path) -> None:
    state = State(path, PANE, 30_000)
    assert state.progress() is None
    assert state.unacknowledged_panes() == []
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
        patch.setattr("spark_job.closing.SUMMARISE", "SELECT nonsense")
        with pytest.raises(duckdb.Error):
            apply(state, post(["b"], T + PANE))
    assert everything(state) == before
    apply(state, post(["b"], T + PANE))
    assert reached(state) == (2, 2, 0)
    assert summaries(state) == [(0, 1, [("a", "a", 1)])]


def test_any_exception_in_a_transaction_takes_it_back(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(state)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(state, "_close_panes", interrupt)
        with pytest.raises(KeyboardInterrupt):
            apply(state, post(["a"], T))
    assert everything(state) == before
    apply(state, post(["a"], T))
    assert reached(state) == (1, 1, 0)


def test_a_pane_closes_exactly_when_the_watermark_reaches_its_end(state: State) -> None:
    apply(state, post(["a"], T), post(["a"], T + 9_999))
    state.close_panes(T + 9_999)
    assert summaries(state) == []
    state.close_panes(T + 10_000)
    assert summaries(state) == [(0, 2, [("a", "a", 2)])]
    assert totals(state) == [("a", "a", 2, T)]


def test_a_post_of_a_later_pane_closes_the_earlier_ones(state: State) -> None:
    apply(state, post(["a"], T + 9_999))
    apply(state, post(["b"], T + 10_000))
    assert summaries(state) == [(0, 1, [("a", "a", 1)])]


def test_a_pane_is_summarised_once_and_not_again(state: State) -> None:
    apply(state, post(["a"], T))
    state.close_panes(T + PANE)
    state.acknowledge_panes([(T, T, 1)])
    state.close_panes(T + PANE)
    state.close_panes(T + PANE + 5_000)
    state.close_panes(T)
    assert summaries(state) == []


def test_quiet_time_leaves_no_hole_in_the_history(state: State) -> None:
    apply(state, post(["a"], T))
    state.close_panes(T + 20_000)
    apply(state, post([], T + 45_000))
    state.close_panes(T + 50_000)
    assert summaries(state) == [
        (0, 1, [("a", "a", 1)]),
        (10_000, 0, []),
        (20_000, 0, []),
        (30_000, 0, []),
        (40_000, 1, []),
    ]


def test_history_begins_with_the_pane_of_the_first_post(state: State) -> None:
    state.close_panes(T + 30_000)
    apply(state, post(["a"], T + 42_000))
    state.close_panes(T + 50_000)
    assert summaries(state) == [(30_000, 0, []), (40_000, 1, [("a", "a", 1)])]


def test_a_summary_has_fifty_tags_in_order_with_their_commonest_spelling(state: State) -> None:
    labels = [f"t{i:02}" for i in range(60)]
    apply(state, post(labels, T), post([*labels[40:], "Z", "é", "日本", "😀"], T), post(["T59"], T), post(["z"], T))
    state.close_panes(T + PANE)
    ((_, posts, top),) = summaries(state)
    assert posts == 4
    assert top[:3] == [("t59", "t59", 3), ("t40", "t40", 2), ("t41", "t41", 2)]
    assert top[20:22] == [("z", "Z", 2), ("t00", "t00", 1)]
    assert len(top) == 50


def test_equal_spellings_are_named_by_code_point(state: State) -> None:
    apply(state, post(["wm"], T), post(["WM"], T), post(["Wm"], T), post(["É"], T), post(["é"], T))
    state.close_panes(T + PANE)
    assert summaries(state) == [(0, 5, [("wm", "WM", 3), ("é", "É", 2)])]
    assert totals(state) == [("wm", "WM", 3, T), ("é", "É", 2, T)]


def test_totals_grow_over_panes_and_keep_when_a_tag_was_first_seen(state: State) -> None:
    apply(state, post(["a"], T + 7), post(["b"], T + 8))
    apply(state, post(["A"], T + PANE), post(["A"], T + PANE + 1))
    state.close_panes(T + 2 * PANE)
    assert totals(state) == [("a", "A", 3, T + 7), ("b", "b", 1, T + 8)]


def test_a_late_post_is_merged_once_into_totals_and_its_pane_is_summarised_again(state: State) -> None:
    apply(state, post(["a"], T), post(["b"], T + 1))
    state.close_panes(T + PANE)
    state.acknowledge_panes([(T, T, 2)])
    apply(state, post(["b", "c"], T + 2))
    assert summaries(state) == []
    state.close_panes(T + 2 * PANE)
    assert summaries(state) == [(0, 3, [("b", "b", 2), ("a", "a", 1), ("c", "c", 1)]), (10_000, 0, [])]
    assert totals(state) == [("a", "a", 1, T), ("b", "b", 2, T + 1), ("c", "c", 1, T + 2)]
    assert state.posts_since(0) == 3


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
    panes = state.unacknowledged_panes()
    assert [pane["from_ms"] for pane in panes] == [T + i * PANE for i in range(60)]
    assert panes[0] == {
        "epoch": T,
        "from_ms": T,
        "to_ms": T + PANE,
        "posts": 1,
        "top": [{"key": "a", "label": "a", "posts": 1}],
    }
    state.acknowledge_panes([(pane["epoch"], pane["from_ms"], pane["posts"]) for pane in panes])
    assert [pane["from_ms"] for pane in state.unacknowledged_panes()] == [T + i * PANE for i in range(60, 100)]
    state.acknowledge_panes([])
    assert len(state.unacknowledged_panes()) == 40


@pytest.mark.parametrize("pane_ms", [10_000, 7_000])
def test_history_is_kept_for_a_day_in_whole_panes(path: Path, pane_ms: int) -> None:
    start = T - T % pane_ms
    state = State(path, pane_ms, 3 * pane_ms)
    state.begin_epoch("log-a", 0, T, "first start")
    state.apply(table([post(["a"], start)], 0, pane_ms))
    state.close_panes(start + DAY + 5 * pane_ms)
    panes = state.unacknowledged_panes(100_000)
    assert len(panes) == DAY // pane_ms
    assert {pane["from_ms"] % pane_ms for pane in panes} == {0}
    assert panes[-1]["to_ms"] == start + (DAY + 5 * pane_ms) // pane_ms * pane_ms
    assert panes[0]["from_ms"] == panes[-1]["to_ms"] - DAY // pane_ms * pane_ms
    state.close()


def test_counts_of_panes_are_kept_for_two_windows(state: State) -> None:
    for i in range(12):
        apply(state, post(["a"], T + i * PANE))
    kept = state.db.execute("SELECT DISTINCT pane_ms FROM pane_counts ORDER BY 1").fetchall()
    assert [(pane - T) // PANE for (pane,) in kept] == [4, 5, 6, 7, 8, 9, 10]
    assert totals(state) == [("a", "a", 11, T)]


def test_a_new_epoch_forgets_counts_but_not_what_the_dashboard_lacks(state: State) -> None:
    apply(state, post(["a"], T))
    state.close_panes(T + PANE)
    apply(state, post(["b"], T + PANE))
    progress = state.begin_epoch("log-b", 7, T + 60_000, "ingest has another log")
    assert reached(state) == (7, 0, 0)
    assert (progress.epoch, progress.log, progress.since_ms) == (T + 60_000, "log-b", T + 60_000)
    assert totals(state) == []
    assert state.posts_since(0) == 0
    apply(state, post(["c"], T + 61_000))
    state.close_panes(T + 70_000)
    assert [(pane["epoch"], pane["from_ms"] - T, pane["posts"]) for pane in state.unacknowledged_panes()] == [
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
from spark_job.state import ClockSetBackError, State
from spark_job.state_file import StateInUseError
try:
    State(Path(sys.argv[1]), 10_000, 30_000)
except StateInUseError as error:
    print("in use:", error)
"""


def test_a_second_process_is_refused_while_the_first_has_the_file(path: Path, state: State) -> None:
    apply(state, post(["a"], T))
    with run_python(OPEN, str(path)) as second:
        said, _ = second.communicate(timeout=30)
    assert said == f"in use: {path}\n"
    apply(state, post(["a"], T))
    assert reached(state) == (2, 2, 0)


COUNT = """
from pathlib import Path
from spark_job.state import State
from tests.spark_job.fake_ingest import post
from tests.spark_job.tally import table
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
    panes = [(pane["epoch"] - T, pane["from_ms"] - T, pane["posts"]) for pane in state.unacknowledged_panes()]
    assert panes == [(1, 0, 1), (0, 3_600_000, 1), (0, 3_610_000, 1)]


def test_a_clock_set_back_by_less_is_merged_into_the_pane_that_was_closed(state: State) -> None:
    apply(state, post(["a"], T), post(["a"], T + PANE))
    apply(state, post(["a"], T + 1))
    apply(state, post(["a"], T + 2 * PANE))
    panes = [(pane["from_ms"] - T, pane["posts"]) for pane in state.unacknowledged_panes()]
    assert panes == [(0, 2), (PANE, 1)]


def test_the_rarest_and_youngest_tags_are_forgotten_beyond_the_bound(path: Path) -> None:
    state = State(path, PANE, 30_000, max_tags=100)
    state.begin_epoch("log-a", 0, T, "first start")
    apply(state, *[post([f"often{i}"], T) for i in range(60)], *[post([f"often{i}"], T) for i in range(60)])
    apply(state, *[post([f"old{i:02}"], T + PANE) for i in range(30)])
    apply(state, *[post([f"young{i:02}"], T + 2 * PANE) for i in range(30)])
    state.close_panes(T + 3 * PANE)
    kept = {key for key, *_ in totals(state)}
    assert len(kept) == 90
    assert {f"often{i}" for i in range(60)} | {f"old{i:02}" for i in range(30)} == kept
    progress = state.progress()
    assert progress is not None
    assert (progress.dropped_tags, progress.dropped_posts, progress.posts) == (30, 30, 180)
    state.close()


def test_what_ingest_has_thrown_away_is_lost(state: State) -> None:
    apply(state, post(["a"], T))
    state.skip_to(50)
    assert reached(state) == (50, 1, 49)
