from math import comb, log10

import pytest

from spark_job.rising.surprise import surprise


def exact(voices: int, mean: float, size: int) -> float:
    """By the definition of the distribution, for a whole number of successes."""
    p = size / (size + mean)
    below = sum(comb(count + size - 1, count) * p**size * (1 - p) ** count for count in range(voices))
    return -log10(1 - below)


@pytest.mark.parametrize(("voices", "mean"), [(8, 3.0), (30, 20.0), (60, 30.0), (55, 30.0)])
def test_it_is_the_tail_of_a_negative_binomial_distribution(voices: int, mean: float) -> None:
    assert surprise(voices, mean, 0.2) == pytest.approx(exact(voices, mean, 25), rel=1e-6)


def test_small_means_are_as_with_poisson() -> None:
    # P(X >= 8) of a Poisson distribution with a mean of 0.5 is 6.2e-8.
    assert surprise(8, 0.5, 0.1) == pytest.approx(7.2, abs=0.1)


def test_what_wanders_more_surprises_less() -> None:
    scores = [surprise(200, 100.0, spread) for spread in (0.1, 0.2, 0.4)]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 8 > scores[1] > 3 > scores[2]


@pytest.mark.parametrize("voices", [0, 10])
def test_no_more_than_expected_is_no_surprise(voices: int) -> None:
    assert surprise(voices, 10.0, 0.2) == 0.0


@pytest.mark.parametrize(("mean", "spread"), [(0.0, 0.2), (-1.0, 0.2), (1.0, 0.0)])
def test_a_mean_and_a_spread_are_needed(mean: float, spread: float) -> None:
    with pytest.raises(ValueError, match="must be greater than 0"):
        surprise(5, mean, spread)
