"""The counts of the open panes in memory: whatever happens between two snapshots, they are those of the file."""

import pytest
from tests.spark_job.conftest import PANE_MS, Rig, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.tally import table

from spark_job.publish.snapshot import Snapshots
from spark_job.ranking.tag_details import TagDetails


def leaders(rig: Rig, to_ms: int = T + 9) -> list[tuple[str, int, list[int]]]:
    """Key, posts and curve of the window's leaders."""
    return [(entry["key"], entry["posts"], entry["panes"]) for entry in rig.snapshot(to_ms)["window"]["top"]]


def count_unnoted(rig: Rig, *labels: str) -> None:
    """A micro-batch that is counted, and that the snapshots are not told about."""
    progress = rig.state.progress()
    assert progress is not None
    rig.state.apply(table([post([label], T + 2) for label in labels], progress.next_offset))


def test_several_micro_batches_between_two_snapshots_all_count(rig: Rig) -> None:
    rig.count(post(["a"], T))
    assert leaders(rig) == [("a", 1, [0, 0, 1])]
    for _ in range(3):
        rig.count(post(["a", "b"], T + 1))
    assert leaders(rig) == [("a", 4, [0, 0, 4]), ("b", 3, [0, 0, 3])]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_micro_batch_that_was_not_noted_counts(rig: Rig, *, is_first: bool) -> None:
    rig.count(post(["a"], T))
    leaders(rig)
    if is_first:
        count_unnoted(rig, "b", "b")
    rig.count(post(["a"], T + 2))
    if not is_first:
        count_unnoted(rig, "b", "b")
    assert leaders(rig) == [("a", 2, [0, 0, 2]), ("b", 2, [0, 0, 2])]


def test_no_post_counts_twice_after_a_snapshot_without_news(rig: Rig) -> None:
    rig.count(post(["a"], T))
    for _ in range(3):
        assert leaders(rig) == [("a", 1, [0, 0, 1])]


def test_after_an_error_in_the_middle_of_a_snapshot_all_tags_are_compared_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.count(post(["a"], T))
    leaders(rig)
    rig.count(post(["b", "c"], T + 1), post(["b"], T + 1))
    with monkeypatch.context() as broken:
        broken.setattr(TagDetails, "show", None)
        with pytest.raises(TypeError):
            rig.snapshot(T + 9)
    assert leaders(rig) == [("b", 2, [0, 0, 2]), ("a", 1, [0, 0, 1]), ("c", 1, [0, 0, 1])]


def test_a_file_that_was_opened_again_is_read_again(rig: Rig) -> None:
    rig.count(post(["a"], T), post(["b"], T + PANE_MS))
    before = leaders(rig, T + PANE_MS)
    rig.state.reopen()
    assert leaders(rig, T + PANE_MS) == before == [("a", 1, [0, 1, 0]), ("b", 1, [0, 0, 1])]


def test_a_late_post_changes_the_curve_that_was_shown(rig: Rig) -> None:
    rig.count(post(["a"], T), post(["a"], T + PANE_MS))
    assert leaders(rig, T + PANE_MS) == [("a", 2, [0, 1, 1])]
    rig.count(post(["a"], T + 5), post(["late"], T + 5))
    assert leaders(rig, T + PANE_MS) == [("a", 3, [0, 2, 1]), ("late", 1, [0, 1, 0])]
    assert leaders(rig, T + 2 * PANE_MS) == [("a", 3, [2, 1, 0]), ("late", 1, [1, 0, 0])]


def test_a_new_window_after_a_clock_was_set_back_begins_empty(rig: Rig) -> None:
    rig.count(post(["a"], T), post(["a"], T + 9 * PANE_MS))
    leaders(rig, T + 9 * PANE_MS)
    rig.state.begin_window("clock")
    assert leaders(rig) == []
    rig.count(post(["b"], T + 1))
    assert leaders(rig) == [("b", 1, [0, 0, 1])]


def test_snapshots_made_by_others_of_the_same_state_agree(rig: Rig) -> None:
    for number in range(5):
        rig.count(post(["a", f"t{number}"], T + number * PANE_MS))
        first = leaders(rig, T + number * PANE_MS)
        kept, rig.snapshots = rig.snapshots, Snapshots(rig.state, rig.snapshots._pace, 1)
        assert leaders(rig, T + number * PANE_MS) == first
        rig.snapshots = kept
