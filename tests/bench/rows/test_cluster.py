from pathlib import Path

import pytest
from bench.rows.cluster import WHAT, findings, measure
from bench.spread import Spread
from bench.workshop import Workshop
from tests.compose import engine


def test_each_round_compares_the_two_ways_that_were_measured_in_it() -> None:
    ratio, workers, local = findings([(60_000.0, 100_000.0), (90_000.0, 120_000.0), (40_000.0, 80_000.0)])
    assert (ratio.what, ratio.value, ratio.met) == (WHAT, Spread(0.6, 0.5, 0.75), True)
    assert (workers.what, workers.value, workers.met) == (
        "Compose: two workers",
        Spread(60_000.0, 40_000.0, 90_000.0),
        False,
    )
    assert (local.what, local.value) == ("Compose: local[2]", Spread(100_000.0, 80_000.0, 120_000.0))


def test_without_an_engine_the_row_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "why_not", lambda: "there is no docker on this machine")
    (finding,) = measure(Workshop(tmp_path))
    assert (finding.value, finding.note) == (None, "not measured: there is no docker on this machine")
