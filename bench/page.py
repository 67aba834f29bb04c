"""The table of docs/benchmarks.md, between two marks. The text around it is written by hand."""

from collections.abc import Sequence
from pathlib import Path

from bench import table
from bench.finding import Finding
from bench.results import Results, Row

PAGE = Path(__file__).resolve().parents[1] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- written by `make bench` -->", "<!-- by hand -->"
# The row that is in the picture and not in the table.
DRAWN = "bursts"


def shown(results: Results, names: Sequence[str]) -> list[Finding]:
    """The findings in the table, in the order of `names`."""
    return [one for name in names if name in results.rows and name != DRAWN for one in results.rows[name].findings]


def write(results: Results, names: Sequence[str], path: Path = PAGE) -> None:
    """Write the newest findings into the page."""
    text = "\n".join([*measured(results), "", *table.lines(shown(results, names))])
    path.write_text(between(path.read_text(), BEGIN, END, text))


def between(page: str, begin: str, end: str, text: str) -> str:
    """Replace what is between two marks of a page."""
    head, _, rest = page.partition(begin)
    _, _, tail = rest.partition(end)
    return f"{head}{begin}\n\n{text}\n\n{end}{tail}"


def measured(results: Results) -> list[str]:
    """The machine and the day; rows of another day or machine are named."""
    by_place: dict[tuple[str, str], list[str]] = {}
    for name, row in results.rows.items():
        by_place.setdefault((row.day, _machine(row)), []).append(name)
    if len(by_place) == 1:
        ((day, place),) = by_place
        return [f"Measured on {day}: {place}."]
    return [f"- {', '.join(names)}: {day}, {place}." for (day, place), names in by_place.items()]


def _machine(row: Row) -> str:
    place = dict(row.machine)
    hardware = [place.pop(name) for name in ("processor", "memory", "system")]
    return "; ".join([*hardware, ", ".join(f"{name} {version}" for name, version in place.items())])
