"""How improbable a number of voices is, if nothing unusual happens.

The rates of real hashtags wander, so a Poisson distribution would call each popular hashtag a trend. A negative
binomial distribution with the variance `mean + (spread * mean)**2` allows for that.
"""

from math import lgamma, log, log1p

#: Terms of the tail that are less than this part of its sum are left out.
_PRECISION = 1e-9
_MOST_TERMS = 10_000
_LOG_10 = log(10)


def surprise(voices: int, mean: float, spread: float) -> float:
    """Return -log10 of the probability of `voices` or more, when `mean` are usual.

    Args:
        voices: How many voices were counted.
        mean: How many are expected; greater than 0.
        spread: The standard deviation of the usual rate, as a part of its mean; greater than 0.

    Raises:
        ValueError: `mean` or `spread` is not greater than 0.

    """
    if mean <= 0 or spread <= 0:
        raise ValueError(f"a mean and a spread must be greater than 0, not {mean} and {spread}")
    if voices <= mean:
        # The approximation below is for the upper tail only. Nothing below the mean is a surprise.
        return 0.0
    # The number of successes of the distribution: its variance is `mean + mean**2 / size`.
    size = 1 / spread**2
    # The first term is the probability of exactly `voices`. Each next one is the term before times `factor`.
    logarithm = (
        lgamma(voices + size)
        - lgamma(size)
        - lgamma(voices + 1)
        - size * log1p(mean / size)
        + voices * (log(mean) - log(mean + size))
    )
    total = term = 1.0
    for count in range(voices, voices + _MOST_TERMS):
        term *= (count + size) / (count + 1) * mean / (mean + size)
        total += term
        if term < total * _PRECISION:
            break
    return max(0.0, -(logarithm + log(total)) / _LOG_10)
