"""The job counts from a topic of a real broker, and goes on where it stopped when it was killed."""

import signal
import time
from pathlib import Path

from tests.conftest import ON_THE_NEWEST_SPARK
from tests.kafka.broker import Broker
from tests.processes import wait_until
from tests.spark_job.support.fake_dashboard import FakeDashboard
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.topic import PatientJob, Topic

WAIT_SECONDS = 120.0


def reaches(dashboard: FakeDashboard, posts: int) -> None:
    def reached() -> bool:
        return bool(dashboard.snapshots) and dashboard.snapshots[-1]["total"]["posts"] == posts

    wait_until(reached, f"{posts} posts are counted", WAIT_SECONDS)


@ON_THE_NEWEST_SPARK
def test_each_post_is_counted_once_though_the_job_is_killed(kafka_broker: Broker, tmp_path: Path, python: Path) -> None:
    # The job's clock closes the panes here, so the posts are of now.
    at_ms = time.time_ns() // 1_000_000
    topic = Topic(kafka_broker)
    topic.write(0, post(["a"], at_ms), post(["a"], at_ms), b"no post")
    settings: dict[str, object] = {"LOG_URL": topic.url, "INGEST_PORT": 1, "SPARK_MASTER": "local[1]"}
    with FakeDashboard() as dashboard:
        settings["DASHBOARD_URL"] = dashboard.url
        with PatientJob(python, tmp_path / "job", **settings) as job:
            reaches(dashboard, 2)
            job.signal_group(signal.SIGKILL)
        topic.write(1, post(["b"], at_ms))
        topic.write(0, post(["a"], at_ms))
        with PatientJob(python, tmp_path / "job", **settings) as job:
            reaches(dashboard, 4)
            newest = dashboard.snapshots[-1]
            assert (newest["health"]["skipped"], newest["health"]["lost"], newest["health"]["lag_posts"]) == (1, 1, 0)
            assert {tag["key"]: tag["posts"] for tag in newest["total"]["top"]} == {"a": 3, "b": 1}
            assert newest["health"]["ingest"]["error"] == "nothing listens at 127.0.0.1:1"
            assert newest["health"]["epoch_reason"] == "first start"
            said = job.said
    for word in ("sample posts", "did not give", "Traceback"):
        assert word not in said
