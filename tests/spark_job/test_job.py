"""The job as its real process, on both Spark versions, between an ingest and a dashboard that the test holds."""

import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.conftest import ON_THE_NEWEST_SPARK
from tests.processes import wait_until
from tests.spark_job.conftest import T
from tests.spark_job.support import snapshot_checks as shape
from tests.spark_job.support.fake_dashboard import FakeDashboard
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.support.job_process import LEFT_SECONDS, JobProcess
from tests.spark_job.support.recount import Recount

from spark_job.spark.planners import PLANNERS

CREATE = "pyspark.sql.worker.create_data_source"
# How long a test waits for what must come: beside others, Spark alone may need half of it to start.
START_SECONDS = 120.0


@pytest.fixture
def dashboard() -> Iterator[FakeDashboard]:
    with FakeDashboard() as fake:
        yield fake


class Scene:
    """The job's surroundings, the posts that were streamed, and processes made for them."""

    def __init__(self, python: Path, folder: Path, ingest: FakeIngest, dashboard: FakeDashboard) -> None:
        self.python, self.folder, self.ingest, self.dashboard = python, folder, ingest, dashboard
        self.posts: list[dict[str, Any]] = []
        self.later_ms = 0

    def job(self, **settings: object) -> JobProcess:
        addresses = {"INGEST_PORT": self.ingest.port, "DASHBOARD_URL": self.dashboard.url}
        return JobProcess(self.python, self.folder / "run", **(addresses | settings))

    def stream(self, count: int) -> None:
        """Post n is made at n tenths of a second; its tags tell n modulo 2, 3 and 10."""
        for n in range(len(self.posts), len(self.posts) + count):
            labels = [f"Two{n % 2}", f"three{n % 3}", f"日本{n % 10}"][: n % 4]
            self.posts.append(
                post(labels, T + self.later_ms + n * 100, lang=["en", "ja"][n % 2], source=["demo", "x"][n % 3 == 0])
            )
            self.ingest.append(self.posts[-1])

    def counted(self, seconds: float = START_SECONDS) -> dict[str, Any]:
        """The first snapshot that has all posts, checked against a recount."""
        snapshot = self.dashboard.wait_for(
            lambda newest: newest["total"]["posts"] == len(self.posts) and newest["health"]["lag_posts"] == 0, seconds
        )
        shape.check(snapshot)
        recount = Recount(self.posts, snapshot["window"]["to_ms"], 10_000, 300_000)
        # A thread of its own finds topics, of the window before.
        topics = {"topics": snapshot["window"]["topics"]} if "topics" in snapshot["window"] else {}
        assert snapshot["window"] == recount.window() | {"to_ms": self.posts[-1]["at_ms"]} | topics
        assert snapshot["facets"] == recount.facets()
        for leader, expected in zip(snapshot["total"]["top"], recount.total(), strict=True):
            assert leader == expected | {"label": leader["label"]}
        return snapshot


@pytest.fixture
def scene(python: Path, tmp_path: Path, ingest: FakeIngest, dashboard: FakeDashboard) -> Scene:
    return Scene(python, tmp_path, ingest, dashboard)


def ended_well(job: JobProcess) -> None:
    assert job.ends(5) == 0
    assert "Traceback" not in job.said
    assert " ERROR " not in job.said
    wait_until(lambda: not job.left(), f"an end of {job.left()}", 5)


def test_spark_makes_our_data_source_without_a_search_for_others(scene: Scene) -> None:
    with scene.job() as job:
        # The job ends the process of this errand when it has counted a post.
        wait_until(lambda: CREATE in job.arguments(), "our data source is made", START_SECONDS)
        assert "pyspark.sql.worker.lookup_data_sources" not in job.arguments()
        scene.stream(20)
        scene.counted()
        assert "pyspark.sql.worker.lookup_data_sources" not in job.arguments()
        assert "spark_job.executor.worker_daemon" in job.arguments()
        job.signal(signal.SIGTERM)
        ended_well(job)


def test_processes_that_only_planned_are_ended_and_start_again_with_the_next_query(scene: Scene) -> None:
    def planners(job: JobProcess) -> frozenset[str]:
        return PLANNERS & job.arguments()

    with scene.job() as job:
        scene.stream(20)
        first = scene.counted()
        wait_until(lambda: not planners(job), "an end of the planners", START_SECONDS)
        scene.stream(20)
        scene.counted()

        scene.ingest.replace_log("log-b")
        scene.posts.clear()
        scene.stream(30)
        second = scene.counted()
        assert second["epoch"] > first["epoch"]
        assert (second["health"]["query_error"], second["health"]["query_failures"]) == (None, 0)
        wait_until(lambda: not planners(job), "an end of the planners", START_SECONDS)
        job.signal(signal.SIGTERM)
        ended_well(job)


def test_spark_writes_no_checksums_of_its_notes(scene: Scene) -> None:
    with scene.job() as job:
        for _ in range(3):
            scene.stream(20)
            scene.counted()
        checkpoint = scene.folder / "run" / "data" / "scratch" / "checkpoint-1"
        names = [path.name for folder in ("offsets", "commits") for path in (checkpoint / folder).iterdir()]
        # Hadoop would write checksums beside each file, and start a process for that.
        assert [name for name in names if name.isdigit()]
        assert not [name for name in names if name.endswith(".crc")]
        job.signal(signal.SIGTERM)
        ended_well(job)


def test_posts_are_counted_through_faults_of_ingest_until_sigterm(scene: Scene) -> None:
    with scene.job() as job:
        scene.stream(250)
        first = scene.counted()
        assert (first["health"]["offset"], first["health"]["lost"], first["health"]["query_error"]) == (250, 0, None)
        wait_until(lambda: scene.ingest.acked == 250, "an acknowledgement of all 250 posts", START_SECONDS)
        wait_until(lambda: len(scene.dashboard.panes) == 2, "two closed panes", START_SECONDS)
        assert [pane["posts"] for pane in scene.dashboard.panes.values()] == [100, 100]

        scene.ingest.leave()
        scene.dashboard.wait_for(lambda newest: not newest["health"]["ingest"]["reachable"], START_SECONDS)
        scene.ingest.come_back()
        scene.stream(50)
        again = scene.counted()
        assert (again["epoch"], again["health"]["query_failures"]) == (first["epoch"], 0)
        assert again["batch_id"] > first["batch_id"]
        assert job.said.count("counting from offset") == 1

        # An ingest with yesterday's spool: the same log, which has grown past the counted offset with other posts.
        scene.ingest.leave()
        scene.ingest.put_back(200)
        del scene.posts[200:]
        scene.later_ms = 100_000
        scene.stream(150)
        scene.ingest.come_back()
        # Until the last counted post was compared, the old epoch may go on for a moment, with as many posts.
        scene.dashboard.wait_for(lambda newest: newest["epoch"] > again["epoch"], START_SECONDS)
        copy = scene.counted()
        assert copy["epoch"] > again["epoch"]
        assert copy["health"]["epoch_reason"] == "ingest's log is an older copy that went on, so counting began again"

        scene.ingest.replace_log("log-b")
        scene.posts.clear()
        scene.stream(30)
        anew = scene.counted()
        assert anew["epoch"] > copy["epoch"]
        assert anew["seq"] > again["seq"]
        assert anew["health"]["epoch_reason"] == "ingest has another log, so counting began again"
        assert anew["health"]["query_error"] is None

        job.signal(signal.SIGTERM)
        ended_well(job)


def test_what_could_not_be_stored_is_counted_when_there_is_room_though_nothing_more_comes(scene: Scene) -> None:
    # So each micro-batch is full, and Spark doesn't wait for it.
    with scene.job(MAX_POSTS_PER_BATCH=1) as job:
        scene.stream(40)
        scene.counted()
        log = scene.folder / "run" / "data" / "counts" / "counts.duckdb.wal"
        process = psutil.Process(job.process.pid)
        before = process.rlimit(psutil.RLIMIT_FSIZE)
        # As on a full disk: no file grows beyond what this one has.
        process.rlimit(psutil.RLIMIT_FSIZE, (log.stat().st_size, before[1]))
        scene.stream(1)
        newest = scene.dashboard.wait_for(lambda newest: newest["health"]["query_error"] is not None, START_SECONDS)
        assert newest["health"]["query_error"].startswith("the counts can't be stored: ")
        assert newest["total"]["posts"] == 40
        process.rlimit(psutil.RLIMIT_FSIZE, before)
        assert scene.counted()["health"]["lost"] == 0
        scene.dashboard.wait_for(lambda newest: newest["health"]["query_error"] is None, START_SECONDS)
        job.signal(signal.SIGTERM)
        assert job.ends(5) == 0


def test_a_killed_job_loses_nothing_and_counts_nothing_twice(scene: Scene) -> None:
    scene.stream(400)
    # So few that most are left when it is killed, also if this process stands still for a while.
    with scene.job(MAX_POSTS_PER_BATCH=10) as job:
        before = scene.dashboard.wait_for(lambda newest: newest["health"]["offset"] >= 60, START_SECONDS)
        job.signal(signal.SIGKILL)
        job.ends()
        wait_until(lambda: not job.left(), f"an end of {job.left()} after the job was killed", LEFT_SECONDS)
    assert before["total"]["posts"] == before["health"]["offset"] < 400
    scene.stream(100)
    with scene.job() as job:
        after = scene.counted()
        assert (after["epoch"], after["health"]["lost"], after["health"]["offset"]) == (before["epoch"], 0, 500)
        assert after["seq"] > before["seq"]
        wait_until(lambda: len(scene.dashboard.panes) == 4, "four closed panes", START_SECONDS)
        assert [pane["posts"] for _, pane in sorted(scene.dashboard.panes.items())] == [100, 100, 100, 100]
        job.signal_group(signal.SIGTERM)
        ended_well(job)


def test_a_dead_java_ends_the_job_with_one_sentence(scene: Scene) -> None:
    scene.stream(10)
    with scene.job() as job:
        scene.counted()
        java = job.java()
        assert java is not None
        java.kill()
        assert job.ends(10) == 1
        assert only_error(job) == "spark_job.job: counting stopped: Spark's Java process has ended"
        wait_until(lambda: not job.left(), f"an end of {job.left()}", LEFT_SECONDS)


def only_error(job: JobProcess) -> str:
    assert "Traceback" not in job.said
    (line,) = [line for line in job.said.splitlines() if " ERROR " in line]
    return line.partition(" ERROR ")[2]


def test_a_java_that_dies_while_ingest_is_away_ends_the_job(scene: Scene) -> None:
    scene.stream(10)
    with scene.job() as job:
        scene.counted()
        job.signal(signal.SIGTERM)
        ended_well(job)
    scene.ingest.leave()
    with scene.job() as job:
        # It pushes when Spark has started. No query is started, because there is nothing to count.
        scene.dashboard.wait_for(lambda newest: not newest["health"]["ingest"]["reachable"], START_SECONDS)
        java = job.java()
        assert java is not None
        java.kill()
        assert job.ends(10) == 1
        assert only_error(job) == "spark_job.job: counting stopped: Spark's Java process has ended"


def kill_java(job: JobProcess) -> bool:
    """Whether there is a Java, which is then killed. The first one may have ended just before."""
    java = job.java()
    if java is None:
        return False
    try:
        java.kill()
    except psutil.NoSuchProcess:
        return False
    return True


@pytest.mark.parametrize("tenths", range(0, 24, 3))
def test_a_java_that_is_killed_while_spark_starts_ends_the_job_with_one_sentence(scene: Scene, tenths: int) -> None:
    scene.ingest.leave()
    with scene.job() as job:
        wait_until(job.java, "a start of Java", START_SECONDS)
        threading.Event().wait(tenths / 10)
        # A first, short Java only works out the command line of the second.
        wait_until(lambda: kill_java(job), "a kill of a Java", START_SECONDS)
        assert job.ends(10) == 1
        assert only_error(job).startswith(("spark_job: Spark did not start on local[2]: ", "spark_job.job: counting"))


def test_a_sigterm_to_the_group_while_spark_starts_ends_all(scene: Scene) -> None:
    with scene.job() as job:
        wait_until(lambda: job.java() is not None, "a start of Java", START_SECONDS)
        job.signal_group(signal.SIGTERM)
        assert job.ends(10) == 0
        assert "Traceback" not in job.said
        wait_until(lambda: not job.left(), f"an end of {job.left()}", 15)


def refusal(job: JobProcess) -> str:
    """The only line that is said."""
    with job:
        assert job.ends(START_SECONDS) == 2, job.said
    (line,) = job.said.splitlines()
    return line


@ON_THE_NEWEST_SPARK
@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("INGEST_PORT", "many", "INGEST_PORT must be a whole number from 1 to 65535, not 'many'"),
        ("SPARK_MASTER", "nonsense", "SPARK_MASTER must be something like local[*], "),
        ("PUSH_TOKEN", "", "PUSH_TOKEN must be set"),
        ("WINDOW_SECONDS", "305", "WINDOW_SECONDS must be 1 to 1440 times PANE_SECONDS=10, not 305"),
        ("DATA_DIR", "/dev/null", "DATA_DIR must be a folder that the job can use, not '/dev/null' ("),
    ],
)
def test_a_bad_setting_is_refused_in_one_sentence(scene: Scene, setting: str, value: str, sentence: str) -> None:
    assert refusal(scene.job(**{setting: value})).startswith(f"spark-job: {sentence}")


@ON_THE_NEWEST_SPARK
def test_a_second_job_on_the_same_folder_is_refused_in_one_sentence(scene: Scene) -> None:
    with scene.job() as first:
        wait_until(lambda: "starting Spark" in first.said, "the first job's state", START_SECONDS)
        assert refusal(scene.job()) == "spark-job: DATA_DIR must be a folder that no other job uses, not 'data'"


def test_a_spark_that_is_not_there_ends_the_job_with_one_sentence(scene: Scene) -> None:
    with scene.job(SPARK_MASTER="yarn") as job:
        assert job.ends(START_SECONDS) == 1
        assert "Traceback" not in job.said
        said = [line for line in job.said.splitlines() if " ERROR spark_job" in line]
        cause = "[JAVA_GATEWAY_EXITED] Java gateway process exited before sending its port number."
        assert [line.partition("spark_job: ")[2] for line in said] == [f"Spark did not start on yarn: {cause}"]


def test_no_post_that_ingest_accepted_ends_the_job(scene: Scene) -> None:
    """One of 6 MB, as older logs have them, is counted; those that can't be read are skipped, once."""
    scene.stream(40)
    unreadable = [b"GARBAGE\n", b"null\n", scene.ingest.lines[11].replace(b'"offset"', b'"tags": [7], "offset"')]
    for offset, line in zip((7, 8, 11), unreadable, strict=True):
        scene.ingest.lines[offset] = line
    tags = [f"abc{n}" for n in range(100_000)]
    scene.ingest.append(post(tags, T + 4_000))
    with scene.job() as job:
        first = scene.dashboard.wait_for(lambda newest: newest["health"]["offset"] == 41, START_SECONDS)
        assert (first["total"]["posts"], first["health"]["lost"], first["health"]["skipped"]) == (38, 3, 3)
        shape.check(first)
        scene.ingest.lines.append(b"GARBAGE\n")
        scene.dashboard.wait_for(lambda newest: newest["health"]["skipped"] == 4, START_SECONDS)
        job.signal(signal.SIGTERM)
        ended_well(job)
        assert "the post at offset 7 is skipped" in job.said
    with scene.job() as job:
        scene.ingest.append(post(["late"], T + 5_000))
        last = scene.dashboard.wait_for(lambda newest: newest["health"]["offset"] == 43, START_SECONDS)
        assert (last["epoch"], last["total"]["posts"]) == (first["epoch"], 39)
        assert (last["health"]["lost"], last["health"]["skipped"]) == (4, 4)
        assert last["health"]["query_failures"] == 0
        job.signal(signal.SIGTERM)
        ended_well(job)
