"""`make trends`: how well rises are found, beside other methods.

python -m bench.trends                   five seeds; writes bench/trends/results.json, the table and the picture
python -m bench.trends --seeds 3,4       only these seeds; the results of the others stay
python -m bench.trends --quick           one seed, without the other methods; exit code 1 if it misses a bound
python -m bench.trends --bounds          what the detector costs when its tables are full; a minute
"""

import argparse
import sys

from bench.trends import bounds as full_tables
from bench.trends import page, stream
from bench.trends.marks import SUDDEN, table
from bench.trends.measuring import OURS, Measurement
from bench.trends.results import RESULTS, Results, SeedResult

SEEDS = (1, 2, 3, 4, 5)
WARM_DAYS = 1
#: The bounds of a quick run. They are wider than the targets, because one seed decides.
QUICK_PRECISION, QUICK_RECALL, QUICK_FALSE_PER_HOUR, QUICK_DELAY_SECONDS = 0.9, 0.85, 0.15, 75.0
QUICK_TRAFFIC = stream.Traffic(seed=1, posts_per_second=10.0)
QUICK_PANE_MS = 60_000


def say(line: str) -> None:
    """Write a line to the terminal."""
    print(line, file=sys.stderr, flush=True)


def quick() -> int:
    """One seed with few posts and long panes. Return 1 if it misses a bound."""
    measurement = Measurement(QUICK_TRAFFIC, WARM_DAYS, say)
    marks = measurement.run(QUICK_PANE_MS, with_rivals=False)[OURS]
    print("\n".join(table({OURS: marks})))
    print(f"missed: {', '.join(marks.missed) or 'none'}")
    print(f"false: {', '.join(entry.key for entry in measurement.false()) or 'none'}")
    bounds = (
        marks.precision >= QUICK_PRECISION,
        marks.recall >= QUICK_RECALL,
        marks.false_per_hour <= QUICK_FALSE_PER_HOUR,
        marks.delay_seconds(SUDDEN) <= QUICK_DELAY_SECONDS,
    )
    return 0 if all(bounds) else 1


def full(seeds: tuple[int, ...]) -> int:
    """Measure these seeds, write the results after each, then the page."""
    results = Results.read(RESULTS)
    for seed in seeds:
        measurement = Measurement(stream.Traffic(seed), WARM_DAYS, say)
        marks = measurement.run()
        results.seeds[seed] = SeedResult(marks, measurement.seconds)
        results.write(RESULTS)
        ours = marks[OURS]
        print("\n".join(table({f"seed {seed}": ours})))
        print(f"missed: {', '.join(ours.missed) or 'none'}")
        print(f"false: {', '.join(entry.key for entry in measurement.false()) or 'none'}")
    page.write(results)
    print("\n".join(page.lines(results)))
    return 0


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="How well rises are found, beside other methods.")
    parser.add_argument("--quick", action="store_true", help="one seed; fails if it misses a bound")
    parser.add_argument(
        "--seeds", default=",".join(map(str, SEEDS)), help="with commas; none: only write the page again"
    )
    parser.add_argument("--bounds", action="store_true", help="what the detector costs when its tables are full")
    given = parser.parse_args()
    if given.bounds:
        print("\n".join(full_tables.measure()))
        return 0
    return quick() if given.quick else full(tuple(int(seed) for seed in given.seeds.split(",") if seed))


if __name__ == "__main__":
    sys.exit(main())
