from __future__ import annotations

import pytest

from dashboard.history.pane_index import Counts
from dashboard.history.timeline import Steps, Timeline, timeline


def pane(from_ms: int, posts: int) -> Counts:
    return Counts(1, from_ms, from_ms + 10, posts, {}, has_window=False, kept_ms=0)


@pytest.mark.parametrize(
    ("from_ms", "to_ms", "most", "expected"),
    [
        (100, 130, 3, Steps(100, 130, 10)),
        (100, 130, 2, Steps(100, 130, 20)),
        (110, 150, 3, Steps(100, 150, 20)),
        (110, 150, 2, Steps(90, 150, 30)),
        (100, 110, 2, Steps(100, 110, 10)),
        (0, 86_400, 360, Steps(0, 86_400, 250)),
    ],
)
def test_steps_are_whole_panes_as_short_as_fits_and_begin_at_a_multiple(
    from_ms: int, to_ms: int, most: int, expected: Steps
) -> None:
    steps = Steps.over(from_ms, to_ms, 10, most)
    assert steps == expected
    assert steps.count <= most


def test_steps_stay_where_they_are_while_time_goes_on() -> None:
    over = [Steps.over(10 * i, 10 * i + 100, 10, 5) for i in range(10, 14)]
    assert [(steps.from_ms, steps.step_ms, steps.count) for steps in over] == [
        (90, 30, 4), (90, 30, 4), (120, 30, 4), (120, 30, 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("most", "expected"),
    [
        (10, Timeline(from_ms=100, to_ms=150, step_ms=10, posts=[1, 2, 0, 0, 5])),
        (3, Timeline(from_ms=100, to_ms=150, step_ms=20, posts=[3, 0, 5])),
        (2, Timeline(from_ms=80, to_ms=150, step_ms=40, posts=[3, 5])),
    ],
)
def test_a_timeline_adds_panes_up_and_is_0_where_none_is_kept(most: int, expected: Timeline) -> None:
    assert timeline([pane(100, 1), pane(110, 2), pane(140, 5)], most) == expected


def test_without_panes_a_timeline_has_no_time() -> None:
    assert timeline([], 360) == Timeline(from_ms=None, to_ms=None, step_ms=0, posts=[])
