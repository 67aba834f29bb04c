"""The same 200,000 posts on every Spark from 4.0 to the newest, each on another Python where this machine has it."""

import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest
from tests.conftest import NEWEST_SPARK, WORTH_SAYING
from tests.faults.load import Load, write_load
from tests.ingest.support.process import Ingest, wait_for_end
from tests.spark_job.support.fake_dashboard import TOKEN, FakeDashboard
from tests.spark_job.support.job_process import JobProcess

ENVIRONMENTS = Path(__file__).resolve().parents[3] / ".venv-sparks"
SPARKS = {name: ENVIRONMENTS / name / "bin" / "python" for name in ("4.0", "4.1", "4.2")} | {"4.3": NEWEST_SPARK}
POSTS = 200_000
START_SECONDS = 200.0
WHICH = "import platform, pyspark; print(pyspark.__version__, platform.python_version())"


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Load:
    """The recorded file, with its planned counts."""
    return write_load(tmp_path_factory.mktemp("load") / "posts.jsonl", 1, POSTS, 1000)


@pytest.fixture(scope="module")
def port(load: Load, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """An ingest that has the whole file in its log."""
    settings = {"SOURCE": "replay", "REPLAY_FILE": str(load.path), "REPLAY_SPEED": "0", "PUSH_TOKEN": TOKEN}
    ingest = Ingest(tmp_path_factory.mktemp("ingest"), [], settings)
    try:
        port, _ = ingest.ports()
        wait_for_end(port, POSTS)
        yield port
    finally:
        ingest.end(signal.SIGTERM)


@pytest.mark.parametrize("python", SPARKS.values(), ids=SPARKS)
def test_every_spark_counts_all_posts_of_a_file_once(
    python: Path, load: Load, port: int, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    if not python.exists():
        pytest.skip(f"there is no {python.relative_to(ENVIRONMENTS.parent)}; `make test` installs it")
    spark, version = subprocess.run([python, "-c", WHICH], capture_output=True, text=True, check=True).stdout.split()
    assert spark.startswith(f"{python_name(python)}.")
    with FakeDashboard() as dashboard:
        settings = {"INGEST_PORT": port, "DASHBOARD_URL": dashboard.url, "MAX_POSTS_PER_BATCH": 80_000}
        with JobProcess(python, tmp_path / "run", **settings) as job:
            newest = dashboard.wait_for(lambda now: now["total"]["posts"] >= POSTS, START_SECONDS)
            job.signal(signal.SIGTERM)
            assert job.ends(10) == 0, job.said
            assert "Traceback" not in job.said
    assert (newest["total"]["posts"], newest["health"]["lost"]) == (POSTS, 0)
    assert counted(tmp_path / "run" / "data") == load.tags
    record_property(WORTH_SAYING, f"Spark {spark} on Python {version} counts {POSTS:,} posts")


def python_name(python: Path) -> str:
    return next(name for name, path in SPARKS.items() if path == python)


def counted(data: Path) -> Counter[str]:
    """The total of each tag, as the job has stored it."""
    with duckdb.connect(str(data / "counts" / "counts.duckdb"), read_only=True) as stored:
        return Counter(dict(stored.execute("SELECT key, posts FROM totals").fetchall()))
