"""The time of a snapshot to 2,000 open pages. `make viewers` measures more, also with 5,000."""

from collections.abc import Mapping, Sequence
from typing import Any

from scripts.viewers import COLUMNS, SPARE_FILES
from scripts.viewers import measure as serve

from bench.finding import Finding, Target
from bench.spread import Spread
from bench.workshop import Workshop
from dashboard.server.gunicorn_app import raise_file_limit

PAGES, SNAPSHOTS = 2_000, 10
P50, P99 = "2,000 viewers, p50", "2,000 viewers, p99"
TARGET = Target(250, at_most=True)


def measure(shop: Workshop) -> list[Finding]:
    """Measure with a new dashboard and new pages for each repeat."""
    try:
        raise_file_limit(PAGES + SPARE_FILES)
    except ValueError as error:
        return [Finding(P99, "ms", target=TARGET, note=str(error))]
    rounds = [dict(zip(COLUMNS, serve(PAGES, SNAPSHOTS), strict=True)) for _ in range(shop.repeats)]
    for each in rounds:
        shop.say(f"viewers: {each}")
    return findings(rounds)


def findings(rounds: Sequence[Mapping[str, Any]]) -> list[Finding]:
    """The findings of values with the names of `COLUMNS`. A missed delivery takes for ever."""
    missed = sum(each["missed"] for each in rounds)
    if missed:
        return [Finding(P99, "ms", target=TARGET, note=f"{missed} deliveries were missed")]
    p50, p99 = ([float(each[column]) for each in rounds] for column in ("p50 ms", "p99 ms"))
    note = f"a snapshot a second, {SNAPSHOTS} of them"
    return [
        Finding(P50, "ms", Spread.of(p50), note=note, samples=p50),
        Finding(P99, "ms", Spread.of(p99), TARGET, note, samples=p99),
    ]
