"""The stack of docker-compose.small.yml, for a machine with 2 GB of memory: Spark within the job's own container."""

import json
from collections.abc import Iterator

import pytest
from tests.compose.docs import code_block
from tests.compose.engine import run
from tests.compose.outside import check_confinement
from tests.compose.stack import ComposeStack

pytestmark = pytest.mark.timeout(1200)

SERVICES = {"ingest", "spark-job", "dashboard"}
MEBIBYTES = {"KiB": 1 / 1024, "MiB": 1.0, "GiB": 1024.0}
#: What the three containers have together. Two more make it 1,900.
MOST_MEBIBYTES = 1000


@pytest.fixture(scope="module")
def small(images: None, figures: list[str]) -> Iterator[ComposeStack]:
    stack = ComposeStack("hashtags-small", COMPOSE_FILE="docker-compose.yml:docker-compose.small.yml")
    with stack.running() as seconds:
        figures.append(f"small, up --wait to the first bars: {seconds:.1f} s")
        yield stack


def mebibytes(stack: ComposeStack) -> dict[str, float]:
    """The memory of each container, as `docker stats` says it."""
    ids = [one["Id"] for one in stack.containers()]
    lines = run("docker", "stats", "--no-stream", "--format", "json", *ids).splitlines()
    used = {json.loads(line)["Name"]: json.loads(line)["MemUsage"].split(" / ")[0] for line in lines}
    return {name.split("-", 2)[2]: float(size[:-3]) * MEBIBYTES[size[-3:]] for name, size in used.items()}


def test_it_counts_without_master_and_worker_in_half_the_memory(small: ComposeStack, figures: list[str]) -> None:
    newest = small.snapshot_where(
        lambda now: now["batch_id"] is not None and now["batch_id"] >= 5, "five micro-batches"
    )
    assert newest["health"]["lost"] == 0
    assert {one["Config"]["Labels"]["com.docker.compose.service"] for one in small.containers()} == SERVICES
    used = mebibytes(small)
    figures.append("small, memory: " + ", ".join(f"{name} {size:.0f} MiB" for name, size in sorted(used.items())))
    assert sum(used.values()) < MOST_MEBIBYTES
    assert "differences: 0" in small.audit()


def test_its_job_is_as_confined_as_in_the_large_one(small: ComposeStack) -> None:
    (job,) = small.containers("spark-job")
    check_confinement(job)
    assert job["HostConfig"]["Memory"] < 2 * 2**30


def test_the_docs_start_it_with_these_two_files() -> None:
    assert code_block("A VM with 2 GB", 0) == (
        "docker compose -f docker-compose.yml -f docker-compose.small.yml up --wait\n\n"
    )
