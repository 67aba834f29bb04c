"""How long a snapshot takes to 2,000 open pages; `make viewers` says more of them, and of 5,000."""

from collections.abc import Sequence
from typing import Any

from scripts.viewers import COLUMNS, SPARE_FILES, TooFewFilesError, raise_file_limit
from scripts.viewers import measure as serve

from bench.finding import Finding, Target
from bench.spread import Spread
from bench.workshop import Workshop

PAGES, SNAPSHOTS = 2_000, 10
TARGET = Target(250, at_most=True)


def measure(shop: Workshop) -> list[Finding]:
    """A dashboard and a crowd of its own for each repeat."""
    try:
        raise_file_limit(PAGES + SPARE_FILES)
    except TooFewFilesError as error:
        return [Finding("2,000 viewers, p99", "ms", target=TARGET, note=str(error))]
    rounds = [serve(PAGES, SNAPSHOTS) for _ in range(shop.repeats)]
    for row in rounds:
        shop.say(f"viewers: {dict(zip(COLUMNS, row, strict=True))}")
    return findings(rounds)


def findings(rounds: Sequence[Sequence[Any]]) -> list[Finding]:
    """Of rows with a value for each of `COLUMNS`. A delivery that was missed is no delivery within any time."""
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in rounds]
    missed = sum(row["missed"] for row in rows)
    if missed:
        return [Finding("2,000 viewers, p99", "ms", target=TARGET, note=f"{missed} deliveries were missed")]
    note = f"a snapshot a second, {SNAPSHOTS} of them"
    return [
        Finding(f"2,000 viewers, {part}", "ms", Spread.of(samples), target, note, 0, samples)
        for part, target in (("p50", None), ("p99", TARGET))
        for samples in ([float(row[f"{part} ms"]) for row in rows],)
    ]
