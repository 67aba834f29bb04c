from bench.race import FLINK, Run
from bench.rows.throughput import AGAINST_A, GIB, Round, findings, ratio
from bench.spread import Spread


def run(seconds: float, memory_gib: float = 0.0) -> Run:
    return Run(seconds, int(memory_gib * GIB))


ROUNDS: list[Round] = [
    {"ours": run(4, 1.25), "A": run(10), "B": "showed nothing within 180 s", "D": run(5), "E": run(8), "limit": run(1)},
    {"ours": run(5, 1.5), "A": run(10), "B": run(50), "D": run(5), "E": run(9, 2), "limit": run(1)},
    {"ours": run(4, 1), "A": run(12), "B": run(40), "D": run(4), "E": run(8, 2), "limit": run(0.8)},
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
    assert found["throughput"].note == "at once; memory 1.25 GiB"
    assert (found["against E"].value, found["against E"].met) == (Spread(2.0, 1.8, 2.0), True)
    failed = found["B: DStream, sliding window"]
    assert failed.value == Spread(45_000, 40_000, 50_000)
    assert failed.note == "1 of 3 failed: showed nothing within 180 s"


def test_nothing_of_ours_is_a_target_that_is_not_met() -> None:
    rounds: list[Round] = [{**ROUNDS[0], "ours": "ended by itself: an error"}]
    found = {finding.what: finding for finding in findings(2_000_000, rounds, "at once")}
    assert (found["throughput"].met, found["against A"].met) == (False, False)


def test_a_machine_without_flink_has_no_ratio_to_it() -> None:
    rounds: list[Round] = [{way: run for way, run in each.items() if way != "E"} for each in ROUNDS]
    names = {finding.what for finding in findings(2_000_000, rounds, "at once")}
    assert "against D" in names
    assert not {"against E", FLINK} & names
