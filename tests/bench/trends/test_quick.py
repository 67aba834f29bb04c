"""The quick run, which CI starts: it fails if it misses one of its bounds."""

from dataclasses import replace

import pytest
from bench.trends.marks import Marks
from bench.trends.measuring import OURS

from bench.trends import __main__ as trends

GOOD = Marks(hours=24.0, right=40, false=0, delays_ms=(("sudden", 60_000),) * 40, missed=())


class Measured:
    """Stands for a measurement with given marks."""

    def __init__(self, marks: Marks) -> None:
        self.marks = marks

    def run(self, pane_ms: int, *, with_rivals: bool) -> dict[str, Marks]:
        assert (pane_ms, with_rivals) == (trends.QUICK_PANE_MS, False)
        return {OURS: self.marks}

    def false(self) -> list[object]:
        return []


@pytest.mark.parametrize(
    ("marks", "code"),
    [
        (GOOD, 0),
        (replace(GOOD, right=10, false=2), 1),
        (replace(GOOD, right=120, false=4), 1),
        (replace(GOOD, missed=("small",) * 8), 1),
        (replace(GOOD, delays_ms=(("sudden", 76_000),) * 40), 1),
        (Marks(hours=24.0, missed=("sudden",) * 40), 1),
    ],
    ids=["good", "precision", "false alarms", "recall", "delay", "nothing found"],
)
def test_it_fails_if_it_misses_a_bound(monkeypatch: pytest.MonkeyPatch, marks: Marks, code: int) -> None:
    monkeypatch.setattr(trends, "Measurement", lambda *_: Measured(marks))
    assert trends.quick() == code
