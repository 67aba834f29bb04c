"""Two executors of a cluster read a topic over TLS: each partition is counted exactly, and the password is nowhere."""

import time
from pathlib import Path

from tests.conftest import ON_THE_NEWEST_SPARK
from tests.kafka.broker import Broker
from tests.kafka.server_settings import PASSWORD, USER
from tests.processes import wait_until
from tests.spark_job.support.fake_dashboard import FakeDashboard
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.job_process import JobProcess
from tests.spark_job.support.standalone_cluster import StandaloneCluster
from tests.spark_job.support.topic import Topic
from tests.spark_job.test_secure_topic import files_with, secure, total_posts

WAIT_SECONDS = 120.0
PARTITIONS, POSTS = 4, 3_000


@ON_THE_NEWEST_SPARK
def test_two_executors_count_four_partitions_exactly(kafka_broker: Broker, tmp_path: Path, python: Path) -> None:
    at_ms = time.time_ns() // 1_000_000
    topic = Topic(kafka_broker, PARTITIONS)
    for partition in range(PARTITIONS):
        # Each partition has another number of posts, and a tag of its own.
        topic.write(partition, *[post([f"p{partition}", "all"], at_ms)] * (POSTS + partition))
    expected = {"all": 4 * POSTS + 6} | {f"p{partition}": POSTS + partition for partition in range(PARTITIONS)}
    settings = secure(kafka_broker, topic.name, USER, PASSWORD, "PLAIN")

    def write_one_more() -> None:
        for partition in range(PARTITIONS):
            topic.write(partition, post([f"p{partition}", "all"], at_ms))

    with StandaloneCluster(tmp_path / "cluster", workers=2) as cluster, FakeDashboard() as dashboard:

        def both_had_tasks() -> bool:
            """An executor that starts late gets those of later posts."""
            if len(cluster.tasks()) == 2:
                return True
            write_one_more()
            return False

        settings |= cluster.variables | {"DASHBOARD_URL": dashboard.url}
        with JobProcess(python, tmp_path / "job", **settings) as job:
            wait_until(lambda: total_posts(dashboard) == expected["all"], "all posts are counted", WAIT_SECONDS)
            found = {tag["key"]: tag["posts"] for tag in dashboard.snapshots[-1]["total"]["top"]}
            # One more post for each, while everything runs.
            write_one_more()
            wait_until(lambda: total_posts(dashboard) == expected["all"] + 4, "all posts are counted", WAIT_SECONDS)
            health = dashboard.snapshots[-1]["health"]
            shown = [each for each in {*job.arguments(), *cluster.arguments()} if PASSWORD in each]
            wait_until(both_had_tasks, "both executors had tasks", WAIT_SECONDS)
    assert found == expected
    assert (health["skipped"], health["lost"], health["lag_posts"]) == (0, 0, 0)
    assert shown == []
    # Spark's event log has what its pages show: the environment, and the plan of each query.
    assert len(list((tmp_path / "cluster" / "events").iterdir())) == 1
    assert files_with(tmp_path, PASSWORD) == []
