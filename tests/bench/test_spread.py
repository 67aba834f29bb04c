import pytest
from bench.spread import Spread, percentile


def test_a_spread_has_the_middle_and_both_ends() -> None:
    assert Spread.of([3, 1, 10]) == Spread(3, 1, 10)
    assert Spread.of([4]) == Spread(4, 4, 4)


@pytest.mark.parametrize(("part", "value"), [(0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1, 100)])
def test_a_percentile_is_one_of_the_values(part: float, value: int) -> None:
    assert percentile(list(range(100, 0, -1)), part) == value
