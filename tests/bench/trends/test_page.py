from pathlib import Path

import pytest
from bench.page import END
from bench.trends.marks import Marks
from bench.trends.measuring import OURS
from bench.trends.methods import PUBLISHED
from bench.trends.results import Results, SeedResult

from bench.trends import page, picture

OURS_MARKS = Marks(hours=24, right=19, false=1, delays_ms=(("sudden", 20_000), ("short", 40_000)), missed=("small",))
OTHER = Marks(hours=24, right=1, false=1, delays_ms=(("sudden", 90_000),), missed=("short", "small"))
NONE = Marks(hours=24, false=5, missed=("sudden", "short", "small"))
MARKS = {
    OURS: OURS_MARKS,
    PUBLISHED: NONE,
    "Mastodon, half-life 5 min, threshold 400": OTHER,
    "Gnip's Poisson, last count, threshold 2": OTHER,
    "Gnip's Poisson, last count, threshold 4": NONE,
    "SigniTrend, half-life 1 h, threshold 3": OTHER,
}


@pytest.fixture
def results() -> Results:
    return Results({1: SeedResult(MARKS, 140.4), 2: SeedResult(MARKS, 150.6)})


def test_the_page_has_the_best_setting_of_each_method(results: Results) -> None:
    lines = page.lines(results)
    assert lines[0] == "Seeds 1, 2, a marked day of 40 posts/s each. The detector takes 151 s of one core for a day."
    methods = [line.split("|")[1].strip() for line in lines[4:9]]
    assert methods == [
        OURS,
        "Mastodon, half-life 5 min, threshold 400",
        "Gnip's Poisson, last count, threshold 2",
        "SigniTrend, half-life 1 h, threshold 3",
        PUBLISHED,
    ]
    cells = [cell.strip() for cell in lines[4].split("|")[2:7]]
    assert cells == ["0.95", "0.67", "0.04", "30 s", "20 s"]
    assert [cell.strip() for cell in lines[-1].split("|")[1:4]] == ["sudden", "100 %", "20 s"]


def test_the_text_around_the_tables_stays(results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Results] = []
    monkeypatch.setattr("bench.trends.picture.draw", drawn.append)
    path = tmp_path / "page.md"
    path.write_text(f"# Head\n\n{END}\n\n{page.BEGIN}\n\nstale words\n\n{END}\n\nTail\n")
    page.write(results, path)
    text = path.read_text()
    assert text.startswith(f"# Head\n\n{END}\n\n{page.BEGIN}\n\nSeeds 1, 2")
    assert text.endswith(f"\n\n{END}\n\nTail\n")
    assert "stale words" not in text
    assert drawn == [results]


def test_each_method_is_a_line_and_bars(results: Results) -> None:
    figure = picture.figure_of(results.together())
    traces = [(trace.type, trace.name, list(trace.x), list(trace.y)) for trace in figure.data]
    assert traces[:4] == [
        ("scatter", OURS, [pytest.approx(2 / 3)], [0.95]),
        ("bar", OURS, ["short", "small", "sudden"], [1.0, 0.0, 1.0]),
        ("scatter", "Mastodon", [pytest.approx(1 / 3)], [0.5]),
        ("bar", "Mastodon", ["short", "small", "sudden"], [0.0, 0.0, 1.0]),
    ]
    assert len(traces) == 8
