from __future__ import annotations

from dashboard.history.pane_index import Counts, PaneIndex


def pane(from_ms: int, epoch: int = 1, kept_ms: int = 0, has_window: bool = True, **tags: int) -> Counts:
    return Counts(epoch, from_ms, from_ms + 10, sum(tags.values()), tags, has_window, kept_ms)


def index(*panes: Counts) -> PaneIndex:
    made = PaneIndex()
    made.add(panes)
    return made


def test_panes_are_in_the_order_of_their_own_time() -> None:
    assert [one.from_ms for one in index(pane(30), pane(10), pane(20)).panes()] == [10, 20, 30]


def test_of_two_epochs_of_one_pane_the_later_counts() -> None:
    panes = index(pane(10, epoch=2, a=2), pane(10, epoch=1, a=1), pane(20, epoch=1, a=3)).panes()
    assert [(one.from_ms, one.epoch) for one in panes] == [(10, 2), (20, 1)]


def test_a_pane_that_comes_again_is_as_old_as_its_last_coming() -> None:
    kept = index(pane(10, kept_ms=1, a=1), pane(20, kept_ms=2, a=2), pane(10, kept_ms=3, a=9))
    kept.forget_until(2)
    assert kept.panes() == [pane(10, kept_ms=3, a=9)]


def test_what_came_by_a_time_is_forgotten_and_what_came_later_is_not() -> None:
    kept = index(pane(90, kept_ms=1), pane(20, kept_ms=2), pane(30, kept_ms=2), pane(10, kept_ms=3))
    kept.forget_until(2)
    kept.remove([(10, 7)])
    assert [one.from_ms for one in kept.panes()] == [10]


def test_the_window_at_a_moment_is_that_of_the_newest_pane_that_had_ended() -> None:
    kept = index(pane(10), pane(20), pane(30, has_window=False), pane(40, epoch=1), pane(40, epoch=2))
    found = [kept.ended_with_window(at_ms) for at_ms in (19, 20, 29, 30, 49, 50, 99)]
    assert [one and one.key for one in found] == [
        None, (10, 1), (10, 1), (20, 1), (20, 1), (40, 2), (40, 2),
    ]  # fmt: skip


def test_a_curve_is_0_where_a_pane_is_missing_or_the_tag_did_not_lead() -> None:
    kept = index(pane(10, a=1, b=2), pane(20, epoch=2, a=9), pane(30, a=3))
    assert kept.curves(1, [0, 10, 20, 30], ["a", "b", "c"]) == {"a": [0, 1, 0, 3], "b": [0, 2, 0, 0], "c": [0] * 4}
