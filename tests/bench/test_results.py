from pathlib import Path

from bench.finding import Finding, Target
from bench.results import Results, Row
from bench.spread import Spread

from bench import page

MACHINE = {"processor": "some, 2 cores", "memory": "8 GiB", "system": "Linux", "pyspark": "4.3.0"}


def row(name: str, day: str = "2026-11-20") -> Row:
    return Row([Finding(name, "s", Spread(1, 1, 2), Target(3, at_most=True))], day, 12.0, MACHINE)


def test_a_file_gives_back_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    assert Results.read(path).rows == {}
    results = Results({"start": row("start"), "rest": row("at rest")})
    results.write(path)
    assert Results.read(path) == results


def test_the_page_has_the_newest_table_and_keeps_the_words_around_it(tmp_path: Path) -> None:
    path = tmp_path / "benchmarks.md"
    path.write_text(f"# Head\n\n{page.BEGIN}\nold\n{page.END}\n\nTail\n")
    results = Results({"start": row("start"), "bursts": row("C: 5 posts at once")})
    for _ in range(2):
        page.write(results, ["start", "bursts"], path)
    lines = path.read_text().splitlines()
    assert (lines[0], lines[-1]) == ("# Head", "Tail")
    assert "Measured on 2026-11-20: some, 2 cores; 8 GiB; Linux; pyspark 4.3.0." in lines
    assert len([line for line in lines if line.startswith("| start")]) == 1
    assert not [line for line in lines if "old" in line or "at once" in line]


def test_rows_of_another_day_are_named() -> None:
    results = Results({"start": row("start"), "rest": row("at rest", "2026-11-21")})
    assert page.measured(results) == [
        "- start: 2026-11-20, some, 2 cores; 8 GiB; Linux; pyspark 4.3.0.",
        "- rest: 2026-11-21, some, 2 cores; 8 GiB; Linux; pyspark 4.3.0.",
    ]
