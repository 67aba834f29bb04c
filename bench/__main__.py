"""`make bench`: measure, print one table, write results and docs.

    python -m bench            every row, half an hour on two cores
    python -m bench --quick    the ratios to A and C, with few posts; exit code 1 if one is below half of its target
    python -m bench --only latency,rest

Each row is written as soon as it is measured, so a stopped run can be continued with `--only`.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench import machine, page, picture, table
from bench.finding import Finding
from bench.results import Results, Row
from bench.rows import (
    away,
    bursts,
    cluster,
    file,
    growth,
    intake,
    kafka,
    kafka_latency,
    latency,
    lesson,
    rest,
    scale,
    search,
    socket_source,
    start,
    throughput,
    viewers,
)
from bench.spread import Spread
from bench.workshop import Workshop

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results.json"

ROWS: dict[str, Callable[[Workshop], list[Finding]]] = {
    "throughput": throughput.measure,
    "file": file.measure,
    "socket_source": socket_source.measure,
    "growth": growth.measure,
    "search": search.measure,
    "latency": latency.measure,
    "away": away.measure,
    "intake": intake.measure,
    "kafka": kafka.measure,
    "kafka_latency": kafka_latency.measure,
    "rest": rest.measure,
    "lesson": lesson.measure,
    "start": start.measure,
    "viewers": viewers.measure,
    "cluster": cluster.measure,
    "scale": scale.measure,
    "bursts": bursts.measure,
}
QUICK_ROWS = ("throughput", "socket_source")


def run(names: Sequence[str], shop: Workshop, done: Callable[[str, Row], None]) -> list[Finding]:
    """Measure the rows of these names; `done` is called after each."""
    facts = machine.facts()
    found: list[Finding] = []
    for name in names:
        shop.say(f"--- {name}")
        since = time.monotonic()
        findings = ROWS[name](shop)
        found += findings
        done(name, Row(findings, datetime.now(UTC).date().isoformat(), time.monotonic() - since, facts))
    return found


def quick() -> int:
    """Measure the ratios to A and C. Return 1 if one of them is below half of its target."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = run(QUICK_ROWS, Workshop(Path(folder), quick=True), lambda *_: None)
    halved = [at_best_against_half(finding) for finding in found]
    print("\n".join(table.lines(halved)))
    return 1 if any(finding.met is False for finding in halved) else 0


def at_best_against_half(finding: Finding) -> Finding:
    """Compare the best of the few rounds with half of the target: a machine may have been busy for a moment."""
    if finding.target is None or finding.value is None:
        return finding
    best = finding.value.low if finding.target.at_most else finding.value.high
    return replace(finding, value=Spread.of([best]), target=finding.target.halved(), note=f"best; {finding.note}")


def full(names: Sequence[str], folder: Path) -> int:
    """Measure, and write the results after each row."""
    results = Results.read(RESULTS)

    def keep(name: str, row: Row) -> None:
        results.rows[name] = row
        results.write(RESULTS)

    run(names, Workshop(folder), keep)
    picture.draw(results)
    page.write(results, list(ROWS))
    print("\n".join(table.lines(page.shown(results, list(ROWS)))))
    return 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="How fast it is, beside the classic ways.")
    parser.add_argument("--quick", action="store_true", help="two minutes; fails if it has become much slower")
    parser.add_argument("--only", default="", metavar="ROWS", help=f"with commas, of {', '.join(ROWS)}")
    parser.add_argument("--folder", type=Path, default=ROOT / ".bench", help="where the made-up posts are kept")
    given = parser.parse_args()
    names = [name for name in given.only.split(",") if name] or list(ROWS)
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        parser.error(f"there is no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    return quick() if given.quick else full(names, given.folder)


if __name__ == "__main__":
    sys.exit(main())
