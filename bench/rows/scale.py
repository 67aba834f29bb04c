"""One job on 1, 2 and 4 executors in containers: each worker has one core and one executor.

All count the same log of the same ingest, from the beginning. The cores of the machine are the same, so the table shows
what more executors bring where there is a core for each, and what they cost where there is none.
"""

from collections.abc import Sequence

from tests.compose import engine

from bench.finding import Finding
from bench.rows.cluster import CLUSTER, POSTS, ClusterStack, full_stack
from bench.spread import Spread
from bench.workshop import Workshop

EXECUTORS = (1, 2, 4)
ONE, MORE = "Compose: one executor", "Compose: {} executors"


def measure(shop: Workshop) -> list[Finding]:
    """Measure each number of executors in each round. Without a Docker Engine, a finding says so."""
    reason = engine.why_not()
    if reason is not None:
        shop.say(f"scale: {reason}")
        return [Finding(ONE, "posts/s", note=f"not measured: {reason}")]
    with full_stack(shop, 1) as stack:
        rounds = []
        for _ in range(shop.repeats):
            rounds.append([_posts_per_second(stack, executors) for executors in EXECUTORS])
            shop.say(f"posts/s on {EXECUTORS} executors: {[round(rate) for rate in rounds[-1]]}")
    return findings(rounds)


def _posts_per_second(stack: ClusterStack, executors: int) -> float:
    stack.compose("up", "--detach", "--wait", "--no-build", "--no-deps", "--scale", f"spark-worker={executors}",
                  "spark-worker")  # fmt: skip
    return stack.posts_per_second(CLUSTER)


def findings(rounds: Sequence[Sequence[float]]) -> list[Finding]:
    """The findings of rounds with the posts per second on each number of executors."""
    found = []
    for place, executors in enumerate(EXECUTORS):
        samples = [rates[place] for rates in rounds]
        name = ONE if executors == 1 else MORE.format(executors)
        note = f"{POSTS:,} posts at once; a core for each, as far as the machine has them"
        found.append(Finding(name, "posts/s", Spread.of(samples), note=note, samples=samples))
    return found
