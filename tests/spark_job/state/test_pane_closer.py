import random
from pathlib import Path

import duckdb
import pytest
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.recount import counted, ranked, spelling
from tests.spark_job.support.snapshots import waiting_panes
from tests.spark_job.support.state_views import T, apply, summaries, totals
from tests.spark_job.support.tally import table

from spark_job.snapshot_schema import CLOSED_LEADERS
from spark_job.state.rate import posts_since
from spark_job.state.store import State

PANE = 10_000
WINDOW = 30_000
DAY = 86_400_000
Ranking = list[tuple[str, str, int]]


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
    assert posts_since(state, 0) == 3


@pytest.mark.parametrize("pane_ms", [10_000, 7_000])
def test_history_is_kept_for_a_day_in_whole_panes(path: Path, pane_ms: int) -> None:
    start = T - T % pane_ms
    state = State(path, pane_ms, 3 * pane_ms)
    state.begin_epoch("log-a", 0, T, "first start")
    state.apply(table([post(["a"], start)], 0, pane_ms))
    state.close_panes(start + DAY + 5 * pane_ms)
    panes = waiting_panes(state, 100_000)
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


def test_a_clock_set_back_by_less_is_merged_into_the_pane_that_was_closed(state: State) -> None:
    apply(state, post(["a"], T), post(["a"], T + PANE))
    apply(state, post(["a"], T + 1))
    apply(state, post(["a"], T + 2 * PANE))
    panes = [(pane["from_ms"] - T, pane["posts"]) for pane in waiting_panes(state)]
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


def ended_windows(state: State) -> dict[int, tuple[int, Ranking]]:
    """Start of a closed pane -> posts and leaders of the window that ended with it, both from `T`."""
    panes = waiting_panes(state, 1000)
    assert all(pane["window"]["from_ms"] == pane["to_ms"] - WINDOW for pane in panes)
    return {
        pane["from_ms"] - T: (
            pane["window"]["posts"],
            [(tag["key"], tag["label"], tag["posts"]) for tag in pane["window"]["top"]],
        )
        for pane in panes
    }


@pytest.mark.parametrize("at_once", [False, True], ids=["one by one", "at once"])
def test_a_pane_carries_the_window_that_ended_with_it(state: State, at_once: bool) -> None:
    """Of several panes that close together each carries its own."""
    panes = [[["A", "b"], ["a"]], [["b"], []], [["c"]], [], [["b"]]]
    for number, posts in enumerate(panes):
        apply(state, *[post(tags, T + number * PANE, source="x" if number % 2 else "demo") for tags in posts])
        if not at_once:
            state.close_panes(T + (number + 1) * PANE)
    state.close_panes(T + 5 * PANE)
    assert ended_windows(state) == {
        0: (2, [("a", "A", 2), ("b", "b", 1)]),
        PANE: (4, [("a", "A", 2), ("b", "b", 2)]),
        2 * PANE: (5, [("a", "A", 2), ("b", "b", 2), ("c", "c", 1)]),
        3 * PANE: (3, [("b", "b", 1), ("c", "c", 1)]),
        4 * PANE: (2, [("b", "b", 1), ("c", "c", 1)]),
    }


def test_of_many_panes_that_close_at_once_each_sixth_carries_its_window(state: State) -> None:
    apply(state, *[post(["a"], T + number * PANE) for number in range(10)])
    kept = {(pane["from_ms"] - T) // PANE: pane["window"] for pane in waiting_panes(state)}
    assert [number for number, window in kept.items() if window is not None] == [2, 8]
    assert [(kept[number]["posts"], kept[number]["top"][0]["posts"]) for number in (2, 8)] == [(3, 3), (3, 3)]


def test_after_a_quiet_day_windows_are_empty(state: State) -> None:
    apply(state, post(["a"], T))
    apply(state, post(["b"], T + DAY))
    state.close_panes(T + DAY + PANE)
    panes = waiting_panes(state, 10_000)
    assert [pane["window"]["posts"] for pane in panes] == [1, 1] + [0] * 8637 + [1]
    assert panes[-2]["window"]["top"] == []


def test_a_pane_that_is_corrected_carries_the_corrected_window(state: State) -> None:
    apply(state, post(["a"], T), post(["a"], T + PANE))
    apply(state, post(["b"], T + 1))
    apply(state, post([], T + 2 * PANE))
    assert ended_windows(state) == {
        0: (2, [("a", "a", 1), ("b", "b", 1)]),
        PANE: (3, [("a", "a", 2), ("b", "b", 1)]),
    }


@pytest.mark.parametrize("popular", [0.0, 0.5])
def test_the_leaders_of_ended_windows_are_those_of_a_recount(state: State, popular: float) -> None:
    """Thousands of tags, many with as many posts as the twentieth."""
    rng = random.Random(int(popular * 10))
    posts = []
    for number in range(900):
        tags = {f"t{min(3000, int(rng.paretovariate(0.7) if rng.random() < popular else rng.randrange(3000)))}"}
        tags |= {rng.choice(["Dawn", "dawn", "DAWN"])} if rng.random() < 0.1 else set()
        posts.append(post(sorted(tags), T + number * 100, lang=rng.choice(["en", "ja"]), source=rng.choice("xy")))
    # The last batch closes five panes.
    for first, last in ((0, 150), (150, 350), (350, 900)):
        apply(state, *posts[first:last])
    state.close_panes(T + 9 * PANE)
    found = ended_windows(state)
    assert list(found) == [number * PANE for number in range(9)]
    for start, (count, top) in found.items():
        to_ms = T + start + PANE
        inside = [each for each in posts if to_ms - WINDOW <= each["at_ms"] < to_ms]
        leaders = [(key, spelling(inside, key), n) for key, n in ranked(counted(inside), CLOSED_LEADERS)]
        assert (count, top) == (len(inside), leaders)


def test_panes_of_before_there_were_windows_are_sent_without(path: Path) -> None:
    path.parent.mkdir()
    with duckdb.connect(str(path)) as old:
        old.execute(
            "CREATE TABLE closed_panes (epoch BIGINT, from_ms BIGINT, to_ms BIGINT, posts BIGINT, top VARCHAR);"
            "INSERT INTO closed_panes VALUES (1, 0, 10000, 3, '[]')"
        )
    for _ in range(2):
        state = State(path, PANE, WINDOW)
        assert state.notice is None
        assert waiting_panes(state)[0] == {
            "epoch": 1, "from_ms": 0, "to_ms": 10_000, "posts": 3, "top": [], "window": None, "rising": None,
        }  # fmt: skip
        state.close()
