"""A cluster of two workers in containers, against the same job with Spark in its own container, on one machine.

Both count the same log of the same ingest, one after the other, each from the beginning.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from tests.compose import engine
from tests.compose.stack import ComposeStack
from tests.processes import wait_until

from bench.finding import Finding, Target
from bench.material import Material
from bench.spread import Spread
from bench.workshop import LOCAL_CORES, Workshop
from spark_job.executor.ingest_client import IngestClient

# A part of the material of other rows.
MATERIAL_POSTS, POSTS = 2_000_000, 1_000_000
INGEST_PORT = 9009
FILL_SECONDS, COUNT_SECONDS = 120.0, 120.0
CLUSTER, LOCAL = "spark://spark-master:7077", f"local[{LOCAL_CORES}]"
# The job's log line when it starts the query, a moment before it requests the first slice.
BEGUN = "counting from offset 0 of log"
WHAT = "Compose, two workers / local[2]"
# Within 40 percent.
TARGET = Target(0.6)
WORKERS, WORKERS_TARGET = "two workers", Target(450_000)


def measure(shop: Workshop) -> list[Finding]:
    """Measure both ways in each round. Without a Docker Engine, a finding says so."""
    reason = engine.why_not()
    if reason is not None:
        shop.say(f"cluster: {reason}")
        return [Finding(WHAT, "x", note=f"not measured: {reason}")]
    with full_stack(shop, LOCAL_CORES) as stack:
        rounds = []
        for _ in range(shop.repeats):
            rounds.append((stack.posts_per_second(CLUSTER), stack.posts_per_second(LOCAL)))
            shop.say(f"posts/s on two workers and on {LOCAL}: {[round(rate) for rate in rounds[-1]]}")
    return findings(rounds)


def findings(rounds: Sequence[tuple[float, float]]) -> list[Finding]:
    """The findings of rounds with the posts per second of the cluster and of `local[2]`."""
    ratios = [cluster / local for cluster, local in rounds]
    size = f"{POSTS:,} posts at once"
    rates = [
        Finding(f"Compose: {name}", "posts/s", Spread.of(samples), target, size, samples=samples)
        for name, target, samples in zip(
            (WORKERS, LOCAL), (WORKERS_TARGET, None), map(list, zip(*rounds, strict=True)), strict=True
        )
    ]
    return [Finding(WHAT, "x", Spread.of(ratios), TARGET, "same round", 2, ratios), *rates]


class ClusterStack(ComposeStack):
    """The stack with an ingest that has accepted all posts, and a job that can count them again."""

    def __init__(self, material: Material) -> None:
        material.folder.chmod(0o755)
        super().__init__(
            "hashtags-bench",
            SOURCE="replay",
            INPUT_DIR=str(material.folder.resolve()),
            REPLAY_FILE=f"/input/{material.path('untagged').name}",
            REPLAY_SPEED="0",
            LIMIT=str(POSTS),
            SPARK_WORKER_CORES="1",
            TRIGGER_SECONDS="0",
        )

    def wait_until_full(self) -> None:
        """Wait until ingest has all posts."""
        with IngestClient(self.address_of("ingest"), INGEST_PORT) as client:
            wait_until(lambda: client.status()["end"] == POSTS, "all posts in the log", FILL_SECONDS)

    def posts_per_second(self, master: str) -> float:
        """How fast a new job counts all posts with Spark on `master`, from its query's start to the last snapshot."""
        before = self.snapshot()
        self.compose("rm", "--stop", "--force", "spark-job")
        engine.run("docker", "volume", "rm", f"{self.project}_counts")
        self.settings["SPARK_MASTER"] = master
        self.compose("up", "--detach", "--no-build", "--no-deps", "spark-job")
        epoch = before["epoch"] if before is not None else 0
        counted: dict[str, Any] = self.snapshot_where(
            lambda snapshot: snapshot["epoch"] > epoch and snapshot["health"]["offset"] == POSTS,
            f"all posts counted on {master}",
            COUNT_SECONDS,
        )
        return POSTS / (float(counted["produced_at_ms"]) / 1000 - self._begun_at())

    def _begun_at(self) -> float:
        """When the job started its query, by the clock that the containers share."""
        (job,) = self.containers("spark-job")
        lines = engine.run("sh", "-c", f"docker logs --timestamps {job['Id']} 2>&1").splitlines()
        (begun,) = [line.partition(" ")[0] for line in lines if BEGUN in line]
        return datetime.fromisoformat(begun).timestamp()


@contextmanager
def full_stack(shop: Workshop, workers: int) -> Iterator[ClusterStack]:
    """Build the images, and start the stack with so many workers. All posts are in the log."""
    material = shop.material(MATERIAL_POSTS)
    engine.build()
    stack = ClusterStack(material)
    with stack.running("--scale", f"spark-worker={workers}"):
        stack.wait_until_full()
        yield stack
    engine.remove_leftovers()
