from pathlib import Path

import pytest
from bench.rows.scale import findings, measure
from bench.spread import Spread
from bench.workshop import Workshop
from tests.compose import engine


def test_each_number_of_executors_is_a_line_of_the_table() -> None:
    one, two, four = findings([(100_000.0, 190_000.0, 200_000.0), (120_000.0, 210_000.0, 180_000.0)])
    assert (one.what, one.value) == ("Compose: one executor", Spread(110_000.0, 100_000.0, 120_000.0))
    assert (two.what, two.value) == ("Compose: 2 executors", Spread(200_000.0, 190_000.0, 210_000.0))
    assert (four.what, four.value) == ("Compose: 4 executors", Spread(190_000.0, 180_000.0, 200_000.0))


def test_without_an_engine_the_row_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(engine, "why_not", lambda: "there is no docker on this machine")
    (finding,) = measure(Workshop(tmp_path))
    assert (finding.value, finding.note) == (None, "not measured: there is no docker on this machine")
