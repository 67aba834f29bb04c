from bench.rows.throughput import AGAINST_A, Round, findings, ratio
from bench.spread import Spread

ROUNDS: list[Round] = [
    {"ours": 4.0, "A": 10.0, "B": "showed nothing within 180 s", "D": 5.0, "limit": 1.0},
    {"ours": 5.0, "A": 10.0, "B": 50.0, "D": 5.0, "limit": 1.0},
    {"ours": 4.0, "A": 12.0, "B": 40.0, "D": 4.0, "limit": 0.8},
]


def test_ratios_are_of_the_same_round() -> None:
    assert ratio("against A", ROUNDS, "A", AGAINST_A).value == Spread(2.5, 2.0, 3.0)


def test_a_round_that_failed_has_no_ratio_and_says_why() -> None:
    against_b = ratio("against B", ROUNDS, "B", None)
    assert against_b.samples == [10.0, 10.0]
    assert against_b.note == "same round; left out: showed nothing within 180 s"


def test_the_table_has_the_rates_and_what_failed() -> None:
    found = {finding.what: finding for finding in findings(2_000_000, ROUNDS, "at once")}
    assert found["throughput"].value == Spread(500_000, 400_000, 500_000)
    assert (found["throughput"].met, found["share of the limit"].met) == (False, True)
    failed = found["B: DStream, sliding window"]
    assert failed.value == Spread(45_000, 40_000, 50_000)
    assert failed.note == "1 of 3 failed: showed nothing within 180 s"


def test_nothing_of_ours_is_a_target_that_is_not_met() -> None:
    rounds: list[Round] = [{**ROUNDS[0], "ours": "ended by itself: an error"}]
    found = {finding.what: finding for finding in findings(2_000_000, rounds, "at once")}
    assert (found["throughput"].met, found["against A"].met) == (False, False)
