from bench.finding import Finding, Target
from bench.spread import Spread

from bench import table

FINDINGS = [
    Finding("throughput", "posts/s", Spread(512_345.6, 500_000, 530_000), Target(500_000), "at once"),
    Finding("latency", "s", Spread(0.917, 0.5, 1), Target(0.8, at_most=True), digits=2),
    Finding("B", "posts/s", note="failed: showed nothing within 60 s"),
]


def test_a_row_says_what_how_much_and_whether_that_is_enough() -> None:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.lines(FINDINGS)]
    assert rows[0] == ["what", "median", "least to greatest", "target", "met", "how"]
    assert rows[2] == ["throughput", "512,346 posts/s", "500,000 to 530,000", "≥ 500,000", "yes", "at once"]
    assert rows[3] == ["latency", "0.92 s", "0.50 to 1.00", "≤ 0.8", "**no**", ""]
    assert rows[4] == ["B", "—", "—", "", "", "failed: showed nothing within 60 s"]


def test_columns_have_one_width() -> None:
    assert len({len(line) for line in table.lines(FINDINGS)}) == 1
