from bench.__main__ import ROWS, at_best_against_half
from bench.finding import Finding, Target
from bench.spread import Spread


def test_a_quick_run_takes_the_best_round_and_half_of_the_target() -> None:
    slow = at_best_against_half(Finding("against A", "x", Spread(1, 0.9, 1.2), Target(2.5)))
    fast = at_best_against_half(Finding("against A", "x", Spread(1, 0.9, 1.3), Target(2.5)))
    assert (slow.met, fast.met) == (False, True)
    low = at_best_against_half(Finding("start", "s", Spread(40, 29, 50), Target(15, at_most=True)))
    assert low.met is True


def test_what_was_not_measured_is_not_met_and_what_has_no_target_is_not_asked_for() -> None:
    assert at_best_against_half(Finding("against A", "x", target=Target(2.5), note="ended by itself")).met is False
    assert at_best_against_half(Finding("against A", "x", note="A failed")).met is None


def test_a_row_is_asked_for_by_the_name_of_its_file() -> None:
    assert {name: measure.__module__ for name, measure in ROWS.items()} == {name: f"bench.rows.{name}" for name in ROWS}
