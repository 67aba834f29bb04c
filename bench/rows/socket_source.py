"""Against Structured Streaming's socket source, whose time grows with the square of the waiting posts."""

from bench.finding import Finding, Target
from bench.material import Material
from bench.race import CLASSICS, try_seconds_for
from bench.spread import Spread
from bench.workshop import Workshop

POSTS, ALL_POSTS, MATERIAL_POSTS = 50_000, 1_000_000, 2_000_000
# In addition to the time that a start may take.
TIMEOUT_SECONDS, ALL_TIMEOUT_SECONDS = 90.0, 30.0
QUICK_TRIES = 2
TARGET = Target(15)


def measure(shop: Workshop) -> list[Finding]:
    """Measure with the same 50,000 posts, then with a million."""
    material = shop.material(POSTS if shop.quick else MATERIAL_POSTS)
    pairs: list[tuple[float, float]] = []
    for _ in range(QUICK_TRIES if shop.quick else shop.repeats):
        took = {way: try_seconds_for(way, material, POSTS, TIMEOUT_SECONDS) for way in ("ours", "C")}
        shop.say(f"{POSTS:,} posts, seconds: {took}")
        ours, theirs = took["ours"], took["C"]
        if isinstance(ours, str):
            return [Finding("against C", "x", target=TARGET, note=ours)]
        if isinstance(theirs, str):
            return [Finding("against C", "x", note=f"C failed: {theirs}")]
        pairs.append((ours, theirs))
        if shop.quick and TARGET.halved().is_met(theirs / ours):
            break
    ratios = [theirs / ours for ours, theirs in pairs]
    size = f"the same {POSTS:,} posts at once"
    found = [Finding("against C", "x", Spread.of(ratios), TARGET, size, 1, ratios)]
    if shop.quick:
        return found
    rates = [POSTS / theirs for _, theirs in pairs]
    found.append(Finding(CLASSICS["C"][0], "posts/s", Spread.of(rates), note=size, samples=rates))
    return [*found, *_all(shop, material)]


def _all(shop: Workshop, material: Material) -> list[Finding]:
    found = []
    for way, name in (("ours", "all of 1,000,000 posts"), ("C", "C: all of 1,000,000 posts")):
        took = try_seconds_for(way, material, ALL_POSTS, ALL_TIMEOUT_SECONDS)
        shop.say(f"{way}: {ALL_POSTS:,} posts: {took}")
        value = None if isinstance(took, str) else Spread.of([took])
        target = Target(ALL_TIMEOUT_SECONDS, at_most=True) if way == "ours" else None
        found.append(Finding(name, "s", value, target, took if isinstance(took, str) else "", 1))
    return found
