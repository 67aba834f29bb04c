"""The other methods, against numbers that were worked out by hand from their descriptions."""

from math import sqrt

import pytest
from bench.trends.marks import Marks
from bench.trends.methods import GNIP, MASTODON, PUBLISHED, SIGNITREND, best, variants
from bench.trends.rivals.bins import Bin, Count
from bench.trends.rivals.gnip import Gnip, interval_width
from bench.trends.rivals.mastodon import Mastodon
from bench.trends.rivals.signitrend import SigniTrend
from bench.trends.stream import DAY_MS, HOUR_MS

MINUTE_MS = 60_000


def one(until_ms: int, **counts: int) -> Bin:
    return Bin(until_ms, {key: Count(count, count, count, count) for key, count in counts.items()})


def test_mastodon_compares_the_accounts_of_today_with_those_of_yesterday() -> None:
    method = Mastodon()
    assert method.scores(one(DAY_MS, a=4, b=3)) == {}
    scores = method.scores(one(DAY_MS + MINUTE_MS, a=16, b=4, new=8))
    # Fewer than five accounts do not trend. Without accounts yesterday, one is expected.
    assert scores == {"a": 36.0, "new": 49.0}
    # The accounts of a day add up.
    assert method.scores(one(DAY_MS + 2 * MINUTE_MS, a=4, b=2))["a"] == 64.0


def test_a_score_of_mastodon_halves_in_four_hours() -> None:
    method = Mastodon()
    method.scores(one(DAY_MS, other=1))
    method.scores(one(DAY_MS + MINUTE_MS, a=9))
    assert method.scores(one(DAY_MS + MINUTE_MS + 4 * HOUR_MS))["a"] == 32.0
    # The least that trends is 1: 64 halves six times.
    assert "a" not in method.scores(one(DAY_MS + 2 * MINUTE_MS + 24 * HOUR_MS))


def test_the_interval_of_a_poisson_distribution_has_99_percent() -> None:
    # Of a mean of 10: P(X <= 2) = 0.0028, P(X <= 3) = 0.0103; P(X <= 18) = 0.9928, P(X <= 19) = 0.9965.
    assert interval_width(10) == 19 - 3
    assert interval_width(2500) == pytest.approx(2 * 2.5758 * 50, rel=1e-4)


def test_gnip_compares_a_bin_with_the_one_before() -> None:
    method = Gnip("last count")
    assert method.scores(one(HOUR_MS, a=10)) == {}
    assert method.scores(one(2 * HOUR_MS, a=42, b=5)) == {"a": pytest.approx(2.0, rel=0.01)}
    assert method.scores(one(3 * HOUR_MS, a=42)) == {}


def test_gnip_compares_a_bin_with_those_of_the_same_hour() -> None:
    method = Gnip("same hour")
    for day in range(3):
        assert method.scores(one(day * DAY_MS + HOUR_MS, a=8)) == {}
    # The program adds a count before it compares: the mean of 8, 8, 8 and 16 is 10.
    scores = method.scores(one(3 * DAY_MS + HOUR_MS, a=16))
    assert scores == {"a": pytest.approx(6 / 16, rel=0.01)}


def test_signitrend_weighs_mean_and_variance() -> None:
    method = SigniTrend(bin_ms=MINUTE_MS, half_life_ms=MINUTE_MS, bias=1.0)
    assert method.scores(one(MINUTE_MS, a=4)) == {"a": 3.0}
    # mean 2, variance 0.5 * (0 + 0.5 * 16) = 4.
    assert method.scores(one(2 * MINUTE_MS, a=8)) == {"a": pytest.approx((8 - 2) / (2 + 1))}
    # mean 5, variance 0.5 * (4 + 0.5 * 36) = 11. Then two bins without the tag.
    mean, variance = 5.0, 11.0
    for _ in range(2):
        delta = 0 - mean
        mean, variance = mean + 0.5 * delta, 0.5 * (variance + 0.5 * delta**2)
    assert method.scores(one(5 * MINUTE_MS, a=9)) == {"a": pytest.approx((9 - mean) / (sqrt(variance) + 1))}


def test_the_best_setting_is_the_one_with_the_greatest_balance() -> None:
    good, bad = (
        Marks(hours=1, right=9, false=1, delays_ms=(("x", 1),)),
        Marks(hours=1, right=1, false=9, delays_ms=(("x", 1),)),
    )
    assert best({"Mastodon, 1": bad, "Mastodon, 2": good, "SigniTrend": good}, MASTODON) == "Mastodon, 2"


def test_each_method_is_tried_as_published() -> None:
    labels = {variant.label(threshold) for variant in variants() for threshold in variant.thresholds}
    assert {variant.method for variant in variants()} == {MASTODON, GNIP, SIGNITREND}
    assert PUBLISHED in labels
