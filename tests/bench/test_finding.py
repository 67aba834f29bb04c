import json

import pytest
from bench.finding import Finding, Target
from bench.spread import Spread


@pytest.mark.parametrize(
    ("target", "value", "met", "half"),
    [
        (Target(10), 10, True, True),
        (Target(10), 9, False, True),
        (Target(10), 4.9, False, False),
        (Target(10, at_most=True), 10, True, True),
        (Target(10, at_most=True), 11, False, True),
        (Target(10, at_most=True), 21, False, False),
    ],
)
def test_a_target_is_a_bound_from_above_or_below(target: Target, value: float, met: bool, half: bool) -> None:
    assert (target.is_met(value), target.halved().is_met(value)) == (met, half)


def test_the_median_decides_and_nothing_measured_is_not_met() -> None:
    assert Finding("speed", value=Spread(10, 1, 12), target=Target(10)).met is True
    assert Finding("speed", target=Target(10), note="counted wrong").met is False
    assert Finding("speed", value=Spread(10, 1, 12)).met is None


def test_json_gives_it_back() -> None:
    finding = Finding("speed", "posts/s", Spread(10, 9, 11), Target(8), "so", 1, [9, 10, 11])
    assert Finding.from_json(json.loads(json.dumps(finding.as_json()))) == finding
    failed = Finding("speed", note="counted wrong")
    assert Finding.from_json(json.loads(json.dumps(failed.as_json()))) == failed
