from pathlib import Path

import pytest
from bench.trends.events import Burst
from bench.trends.marks import AFTER_MS, AGAIN_MS, Entries, Entry, Marks, false_alarms, mark, table
from bench.trends.results import Results, SeedResult

RISES = [
    Burst("sudden", True, ("a",), 100_000, 200_000, 50),
    Burst("pair", True, ("b", "c"), 100_000, 200_000, 50),
    Burst("short", True, ("d",), 100_000, 200_000, 50),
]


def test_an_entry_is_right_from_the_first_post_to_five_minutes_after_the_last_one() -> None:
    entries = [
        Entry("a", 99_999),
        Entry("a", 130_000),
        Entry("b", 200_000 + AFTER_MS),
        Entry("c", 200_001 + AFTER_MS),
        Entry("x", 150_000),
    ]
    marks = mark(entries, RISES, 2.0)
    assert (marks.right, marks.false, marks.missed) == (2, 3, ("short",))
    assert marks.delays_ms == (("sudden", 30_000), ("pair", 100_000 + AFTER_MS))
    assert (marks.precision, marks.recall, marks.false_per_hour) == (0.4, 2 / 3, 1.5)
    assert marks.delay_seconds() == 215.0
    assert marks.delay_seconds(["sudden"]) == 30.0
    assert (marks.recall_of("short"), marks.recall_of("gradual")) == (0.0, None)
    assert [entry.key for entry in false_alarms(entries, RISES)] == ["a", "c", "x"]


def test_a_pair_of_which_both_tags_are_found_is_one_rise() -> None:
    marks = mark([Entry("b", 120_000), Entry("c", 110_000)], RISES, 1.0)
    assert (marks.right, marks.delays_ms) == (2, (("pair", 20_000),))


def test_a_tag_that_comes_back_soon_is_no_second_entry() -> None:
    entries = Entries()
    entries.note(0, ["a"])
    entries.note(10, [])
    entries.note(AGAIN_MS, ["a", "b"])
    entries.note(2 * AGAIN_MS + 1, ["a"])
    assert entries.found == [Entry("a", 0), Entry("b", AGAIN_MS), Entry("a", 2 * AGAIN_MS + 1)]


def test_without_entries_there_is_nothing_right() -> None:
    marks = mark([], RISES, 1.0)
    assert (marks.precision, marks.recall, marks.balance, marks.delay_seconds()) == (0, 0, 0, 0)


def test_marks_of_seeds_are_added_up(tmp_path: Path) -> None:
    one = Marks(hours=24, right=9, false=1, delays_ms=(("sudden", 20_000),), missed=())
    other = Marks(hours=24, right=10, false=0, delays_ms=(("sudden", 40_000),), missed=("short",))
    path = tmp_path / "results.json"
    Results({2: SeedResult({"x": other}, 100.0), 1: SeedResult({"x": one, "y": one}, 90.0)}).write(path)
    results = Results.read(path)
    assert list(results.seeds) == [1, 2]
    together = results.together()
    assert list(together) == ["x"]
    assert together["x"] == Marks(48, 19, 1, (("sudden", 20_000), ("sudden", 40_000)), ("short",))
    assert together["x"].balance == pytest.approx(2 * 0.95 * (2 / 3) / (0.95 + 2 / 3))
    assert (
        table(together)[2] == "| x      | 0.95      | 0.67   | 0.02                 | 30 s         | 30 s            |"
    )
