"""The job on a broker that encrypts, asks for a password and gives few rights, from the start to the position."""

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from confluent_kafka import ConsumerGroupTopicPartitions
from confluent_kafka.admin import AclOperation, ResourceType
from tests.conftest import ON_THE_NEWEST_SPARK
from tests.kafka import rights
from tests.kafka.broker import Broker
from tests.kafka.rights import Rule
from tests.kafka.server_settings import PASSWORD, USER
from tests.processes import wait_until
from tests.spark_job.support.fake_dashboard import FakeDashboard
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.job_process import JobProcess
from tests.spark_job.support.topic import PatientJob, Topic

WAIT_SECONDS = 120.0
START_SECONDS = 90.0
GROUP, ADA, SECRET = "trends-job", "ada", "pw-of-ada-4711"
READ, DESCRIBE = AclOperation.READ, AclOperation.DESCRIBE


def secure(broker: Broker, topic: str, user: str, password: str, mechanism: str) -> dict[str, object]:
    """The settings of a job that reads the topic."""
    return {
        "LOG_URL": f"kafka://{broker.address_of('SASL_SSL')}/{topic}",
        "KAFKA_CLIENT_ID": GROUP,
        "KAFKA_SECURITY": "sasl_tls",
        "KAFKA_CA_FILE": broker.ca_file,
        "KAFKA_SASL_MECHANISM": mechanism,
        "KAFKA_USERNAME": user,
        "KAFKA_PASSWORD": password,
        "INGEST_PORT": 1,
        "SPARK_MASTER": "local[1]",
    }


def rules(topic: str, of_topic: Sequence[AclOperation], of_group: Sequence[AclOperation]) -> tuple[Rule, ...]:
    return (ResourceType.TOPIC, topic, of_topic), (ResourceType.GROUP, GROUP, of_group)


def total_posts(dashboard: FakeDashboard) -> int:
    return dashboard.snapshots[-1]["total"]["posts"] if dashboard.snapshots else 0


def told(broker: Broker, topic: str) -> dict[int, int]:
    """The position that the group has of the topic."""
    admin = broker.admin()
    (asked,) = admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(GROUP)]).values()
    return {place.partition: place.offset for place in asked.result(20).topic_partitions if place.topic == topic}


@pytest.mark.parametrize(
    ("user", "password", "mechanism"),
    [(USER, PASSWORD, "PLAIN"), (ADA, SECRET, "SCRAM-SHA-512")],
    ids=["PLAIN", "SCRAM"],
)
@ON_THE_NEWEST_SPARK
def test_each_post_is_counted_with_read_alone_and_no_secret_is_shown(
    kafka_broker: Broker, tmp_path: Path, python: Path, user: str, password: str, mechanism: str
) -> None:
    rights.add_user(kafka_broker, ADA, SECRET)
    at_ms = time.time_ns() // 1_000_000
    topic = Topic(kafka_broker)
    topic.write(0, post(["a"], at_ms), post(["a", "b"], at_ms))
    topic.write(1, post(["b"], at_ms))
    settings = secure(kafka_broker, topic.name, user, password, mechanism)
    with (
        rights.only(kafka_broker, user, *rules(topic.name, [READ], [READ])),
        FakeDashboard() as dashboard,
        JobProcess(python, tmp_path / "job", **settings, DASHBOARD_URL=dashboard.url, LOG_LEVEL="DEBUG") as job,
    ):
        wait_until(lambda: total_posts(dashboard) == 3, "3 posts are counted", WAIT_SECONDS)
        assert {tag["key"]: tag["posts"] for tag in dashboard.snapshots[-1]["total"]["top"]} == {"a": 2, "b": 2}
        wait_until(lambda: told(kafka_broker, topic.name) == {0: 3, 1: 2}, "the position is told", WAIT_SECONDS)
        assert not [argument for argument in job.arguments() if password in argument]
        said = job.said
    assert password not in said
    assert "Traceback" not in said
    assert files_with(tmp_path, password) == []


def files_with(folder: Path, text: str) -> list[Path]:
    """The files below a folder that have this text."""
    return [file for file in folder.rglob("*") if file.is_file() and text.encode() in file.read_bytes()]


@pytest.mark.parametrize(
    ("changed", "of_topic", "of_group", "sentence"),
    [
        ({"KAFKA_PASSWORD": "wrong-password"}, [READ], [READ], "KAFKA_USERNAME and KAFKA_PASSWORD must be those of a "),
        ({"KAFKA_USERNAME": "nobody"}, [READ], [READ], "KAFKA_USERNAME and KAFKA_PASSWORD must be those of a user of "),
        ({"KAFKA_CA_FILE": ""}, [READ], [READ], "KAFKA_SECURITY and KAFKA_CA_FILE must fit Kafka at "),
        ({}, [], [READ], "LOG_URL must have a topic that the job may read, not "),
        ({}, [DESCRIBE], [READ], "LOG_URL must have a topic that the job may read, not "),
        ({}, [READ], [], "KAFKA_CLIENT_ID must be a consumer group that the job may read, not 'trends-job' of "),
    ],
    ids=["password", "user", "authority", "no right", "describe alone", "no group"],
)
@ON_THE_NEWEST_SPARK
def test_what_no_waiting_ends_is_one_sentence_and_exit_code_2(
    kafka_broker: Broker,
    tmp_path: Path,
    python: Path,
    changed: dict[str, object],
    of_topic: Sequence[AclOperation],
    of_group: Sequence[AclOperation],
    sentence: str,
) -> None:
    rights.add_user(kafka_broker, ADA, SECRET)
    topic = kafka_broker.new_topic(2)
    settings = secure(kafka_broker, topic, ADA, SECRET, "SCRAM-SHA-512") | changed
    of_others = ((ResourceType.TOPIC, topic, [READ]), (ResourceType.GROUP, GROUP, [READ]))
    with (
        rights.only(kafka_broker, "somebody-else", *of_others),
        rights.only(kafka_broker, ADA, *rules(topic, of_topic, of_group)),
        PatientJob(python, tmp_path / "job", **settings) as job,
    ):
        code = job.ends(START_SECONDS)
    assert (code, job.said.count("\n")) == (2, 1), job.said
    assert job.said.startswith(f"spark-job: {sentence}")
    assert kafka_broker.address_of("SASL_SSL") in job.said
    assert "wrong-password" not in job.said
    assert SECRET not in job.said


@pytest.mark.usefixtures("kafka_jars")
@ON_THE_NEWEST_SPARK
def test_a_broker_that_was_away_at_the_start_and_refuses_later_is_one_sentence_and_exit_code_2(
    tmp_path: Path, python: Path
) -> None:
    (tmp_path / "broker").mkdir()
    with Broker(tmp_path / "broker") as broker:
        broker.kill()
        settings = secure(broker, "posts", USER, "wrong-password", "PLAIN")
        with (
            FakeDashboard() as dashboard,
            JobProcess(python, tmp_path / "job", **settings, DASHBOARD_URL=dashboard.url) as job,
        ):
            wait_until(lambda: "the topic can't be read: " in job.said, "the job waits for the broker", WAIT_SECONDS)
            assert job.process.poll() is None
            broker.start()
            assert job.ends(WAIT_SECONDS) == 2
            said = job.said
    sentence = "KAFKA_USERNAME and KAFKA_PASSWORD must be those of a user of Kafka at"
    assert said.splitlines()[-1].startswith(f"spark-job: {sentence} {broker.address_of('SASL_SSL')}"), said
    assert "Traceback" not in said
    assert "wrong-password" not in said
