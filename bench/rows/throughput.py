"""Posts per second of each way, with all posts at once."""

import json
import subprocess
import sys
from statistics import median

from bench import flink
from bench.baseline import ROOT
from bench.contender import is_leading
from bench.finding import Finding, Target
from bench.material import Material
from bench.race import CLASSICS, FLINK, Run, try_run
from bench.spread import Spread
from bench.workshop import LOCAL_CORES, Workshop

POSTS, QUICK_POSTS = 2_000_000, 500_000
TIMEOUT_SECONDS = 120.0
# Even a busy machine gives one fair pair in this many rounds.
QUICK_TRIES = 3
TARGET = Target(800_000)
AGAINST_A = Target(5)
AGAINST_D = Target(2)
AGAINST_E = Target(2)
AGAINST_LIMIT = Target(0.2)
NAMES = {way: name for way, (name, *_) in CLASSICS.items() if way != "C"} | {
    "E": FLINK,
    "limit": "limit: DuckDB, one query",
}
GIB = 1 << 30

# What each way needed, or what was wrong.
Round = dict[str, Run | str]


def measure(shop: Workshop) -> list[Finding]:
    """Measure round by round. Each round runs every way once."""
    posts = QUICK_POSTS if shop.quick else POSTS
    material = shop.material(posts)
    if shop.quick:
        return [_quick(shop, material, posts)]
    missing = flink.why_not()
    ways = ["ours", *(way for way in NAMES if way != "E" or missing is None)]
    rounds = [_round(shop, material, posts, ways) for _ in range(shop.repeats)]
    found = findings(posts, rounds, f"{posts:,} posts of {material.average_bytes()} bytes at once")
    return found if missing is None else [*found, Finding(FLINK, "posts/s", note=f"not measured: {missing}")]


def _quick(shop: Workshop, material: Material, posts: int) -> Finding:
    rounds: list[Round] = []
    while len(rounds) < QUICK_TRIES:
        rounds.append(_round(shop, material, posts, ["ours", "A"]))
        against_a = ratio("against A", rounds, "A", AGAINST_A)
        if against_a.value is not None and AGAINST_A.halved().is_met(against_a.value.high):
            break
    return against_a


def _round(shop: Workshop, material: Material, posts: int, ways: list[str]) -> Round:
    took: Round = {}
    for way in ways:
        measured = _limit(material, posts) if way == "limit" else try_run(way, material, posts, TIMEOUT_SECONDS)
        took[way] = measured
        shop.say(f"{way}: {posts:,} posts: {measured if isinstance(measured, str) else measured.seconds}")
    return took


def findings(posts: int, rounds: list[Round], size: str) -> list[Finding]:
    """The findings: ours, the ratios with a target, and the others."""
    found = [_rate("throughput", posts, rounds, "ours", TARGET, size)]
    found += [ratio("share of the limit", rounds, "limit", AGAINST_LIMIT), ratio("against A", rounds, "A", AGAINST_A)]
    found += [ratio("against D", rounds, "D", AGAINST_D)]
    if "E" in rounds[0]:
        found.append(ratio("against E", rounds, "E", AGAINST_E))
    return [*found, *(_rate(name, posts, rounds, way, None, "") for way, name in NAMES.items() if way in rounds[0])]


def _rate(what: str, posts: int, rounds: list[Round], way: str, target: Target | None, note: str) -> Finding:
    runs = [each[way] for each in rounds]
    rates = [posts / run.seconds for run in runs if isinstance(run, Run)]
    memory = [run.memory_bytes / GIB for run in runs if isinstance(run, Run)]
    wrong = [run for run in runs if isinstance(run, str)]
    notes = [note] if note else []
    if wrong:
        notes = [f"{len(wrong)} of {len(rounds)} failed: {wrong[-1]}"]
    if memory and max(memory) > 0:
        notes.append(f"memory {median(memory):.2f} GiB")
    return Finding(what, "posts/s", Spread.of(rates) if rates else None, target, "; ".join(notes), samples=rates)


def ratio(what: str, rounds: list[Round], other: str, target: Target | None) -> Finding:
    """The time of the other way divided by ours, for each round."""
    ratios, wrong = [], ""
    for each in rounds:
        ours, theirs = each["ours"], each[other]
        if isinstance(ours, Run) and isinstance(theirs, Run):
            ratios.append(theirs.seconds / ours.seconds)
        else:
            wrong = f"; left out: {ours if isinstance(ours, str) else theirs}"
    return Finding(what, "x", Spread.of(ratios) if ratios else None, target, f"same round{wrong}", 2, ratios)


def _limit(material: Material, posts: int) -> Run | str:
    done = subprocess.run(
        [sys.executable, "-m", "bench.baselines.limit", str(material.path("posts")), str(LOCAL_CORES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    # It has no process any more when it has answered.
    return Run(float(answer["seconds"]), 0) if is_leading(answer["top"], material.counts(posts)) else "counted wrong"
