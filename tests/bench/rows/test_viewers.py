from bench.rows.viewers import findings
from bench.spread import Spread


def row(p50_ms: int, p99_ms: int, missed: int = 0) -> dict[str, int]:
    return {"p50 ms": p50_ms, "p99 ms": p99_ms, "missed": missed}


def test_the_crowd_is_served_when_99_of_100_have_it_in_time() -> None:
    p50, p99 = findings([row(40, 90), row(50, 100), row(45, 240)])
    assert (p50.what, p50.value, p50.met) == ("2,000 viewers, p50", Spread(45.0, 40.0, 50.0), None)
    assert (p99.what, p99.value, p99.met) == ("2,000 viewers, p99", Spread(100.0, 90.0, 240.0), True)


def test_a_delivery_that_was_missed_meets_no_target() -> None:
    (p99,) = findings([row(40, 90), row(40, 90, missed=3)])
    assert (p99.value, p99.met, p99.note) == (None, False, "3 deliveries were missed")
