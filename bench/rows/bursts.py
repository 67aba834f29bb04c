"""The picture: how long a warm process takes to show a number of posts that arrive at once."""

import threading

from bench.contender import WrongCountError
from bench.finding import Finding
from bench.race import CLASSICS, START_SECONDS, contender
from bench.spread import Spread
from bench.workshop import Workshop

WARM_POSTS, MATERIAL_POSTS = 20_000, 2_000_000
SIZES = (1_000, 5_000, 20_000, 50_000, 100_000, 500_000)
TIMEOUT_SECONDS = 45.0
# C's time grows with the square of the posts.
MOST_POSTS = {"C": 20_000}
# While Java is cold, a batch of a second of posts takes longer than a second, and batches queue up.
SETTLE_SECONDS = {"A": 12.0}
WAYS = ("ours", "A", "C", "D")


def measure(shop: Workshop) -> list[Finding]:
    """A finding for each way and size, without a target."""
    seconds: dict[tuple[str, int], list[float]] = {}
    for _ in range(shop.repeats):
        for way in WAYS:
            for size, took in _series(shop, way):
                seconds.setdefault((way, size), []).append(took)
            shop.say(f"bursts: {way}")
    names = {"ours": "this project"} | {way: name for way, (name, *_) in CLASSICS.items()}
    return [
        Finding(f"{names[way]}: {size:,} posts at once", "s", Spread.of(took), digits=2, samples=[size, *took])
        for (way, size), took in seconds.items()
    ]


def _series(shop: Workshop, way: str) -> list[tuple[int, float]]:
    """Sizes and seconds, up to the first size that is not shown in time."""
    found = []
    with contender(way, shop.material(MATERIAL_POSTS)) as racer:
        racer.feed(WARM_POSTS)
        racer.wait_for(WARM_POSTS, START_SECONDS)
        threading.Event().wait(SETTLE_SECONDS.get(way, 0.0))
        fed = WARM_POSTS
        for size in SIZES:
            if size > MOST_POSTS.get(way, size):
                break
            fed += size
            since = racer.feed(fed)
            try:
                found.append((size, racer.wait_for(fed, TIMEOUT_SECONDS) - since))
            except WrongCountError as error:
                shop.say(f"bursts: {way}, {size:,} posts: {error}")
                break
    return found
