"""Posts a second of each way, all posts at once."""

import json
import subprocess
import sys

from bench.baseline import ROOT
from bench.contender import is_leading
from bench.finding import Finding, Target
from bench.material import Material
from bench.race import CLASSICS, try_seconds_for
from bench.spread import Spread
from bench.workshop import LOCAL_CORES, Workshop

POSTS, QUICK_POSTS = 2_000_000, 500_000
TIMEOUT_SECONDS = 120.0
# Even a machine that has something else to do gives one fair pair out of so many.
QUICK_TRIES = 3
TARGET = Target(500_000)
AGAINST_A = Target(2.5)
AGAINST_LIMIT = Target(0.2)

Seconds = dict[str, list[float]]


def measure(shop: Workshop) -> list[Finding]:
    """One round after the other, in each of them every way once."""
    posts = QUICK_POSTS if shop.quick else POSTS
    material = shop.material(posts)
    seconds: Seconds = {}
    wrong: dict[str, str] = {}
    for _ in range(QUICK_TRIES if shop.quick else shop.repeats):
        for way in ("ours", "A") if shop.quick else ("ours", *(way for way in CLASSICS if way != "C"), "limit"):
            took = _limit(material, posts) if way == "limit" else try_seconds_for(way, material, posts, TIMEOUT_SECONDS)
            if isinstance(took, str):
                wrong[way] = took
            else:
                seconds.setdefault(way, []).append(took)
            shop.say(f"{way}: {posts:,} posts: {took if isinstance(took, str) else f'{took:.2f} s'}")
        if shop.quick and AGAINST_A.halved().is_met(_ratios(seconds, "A", "ours")[-1]):
            break
    if "ours" in wrong:
        return [Finding("throughput", "posts/s", target=TARGET, note=wrong["ours"])]
    return [_against_a(seconds, wrong)] if shop.quick else _findings(posts, seconds, wrong, material)


def _findings(posts: int, seconds: Seconds, wrong: dict[str, str], material: Material) -> list[Finding]:
    size = f"{posts:,} posts of {material.average_bytes()} bytes at once"
    rates = {way: [posts / each for each in taken] for way, taken in seconds.items()}
    found = [Finding("throughput", "posts/s", Spread.of(rates["ours"]), TARGET, size, samples=rates["ours"])]
    found += [_ratio("part of the limit", seconds, "limit", AGAINST_LIMIT), _against_a(seconds, wrong)]
    for way, name in (
        *((way, CLASSICS[way][0]) for way in CLASSICS if way != "C"),
        ("limit", "limit: DuckDB, one query"),
    ):
        value = Spread.of(rates[way]) if way in rates else None
        note = f"failed: {wrong[way]}" if way in wrong else ""
        found.append(Finding(name, "posts/s", value, note=note, samples=rates.get(way, [])))
    return [*found, _ratio("against D", seconds, "D", None)]


def _against_a(seconds: Seconds, wrong: dict[str, str]) -> Finding:
    if "A" in wrong:
        return Finding("against A", "x", note=f"A failed: {wrong['A']}")
    return _ratio("against A", seconds, "A", AGAINST_A)


def _ratio(what: str, seconds: Seconds, other: str, target: Target | None) -> Finding:
    ratios = _ratios(seconds, other, "ours")
    return Finding(what, "x", Spread.of(ratios) if ratios else None, target, "same round", 2, ratios)


def _ratios(seconds: Seconds, slower: str, faster: str) -> list[float]:
    """How many times as long one took, round by round."""
    pairs = zip(seconds.get(slower, []), seconds.get(faster, []), strict=False)
    return [one / other for one, other in pairs]


def _limit(material: Material, posts: int) -> float | str:
    done = subprocess.run(
        [sys.executable, "-m", "bench.baselines.limit", str(material.path("posts")), str(LOCAL_CORES)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    answer = json.loads(done.stdout)
    return float(answer["seconds"]) if is_leading(answer["top"], material.counts(posts)) else "counted wrong"
