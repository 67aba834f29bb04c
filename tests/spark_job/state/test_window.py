import pytest

from spark_job.state.window import Window

T = 1_795_176_000_000


@pytest.mark.parametrize(
    ("to_ms", "open_ms"),
    [(T, T), (T + 1, T), (T + 9_999, T), (T + 10_000, T + 10_000), (T - 1, T - 10_000)],
)
def test_the_open_pane_holds_the_end_of_the_window(to_ms: int, open_ms: int) -> None:
    window = Window.ending(to_ms, 10_000, 300_000)
    assert window.open_ms == open_ms
    assert window.from_ms == open_ms - 290_000


def test_panes_are_aligned_and_make_up_the_window() -> None:
    window = Window.ending(T + 5, 10_000, 30_000)
    assert list(window.panes) == [T - 20_000, T - 10_000, T]
    assert window.before_ms == T - 50_000


def test_a_window_may_be_one_pane() -> None:
    window = Window.ending(T + 59_999, 60_000, 60_000)
    assert (window.from_ms, list(window.panes), window.before_ms) == (T, [T], T - 60_000)
