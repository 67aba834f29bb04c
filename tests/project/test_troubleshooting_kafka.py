"""Each sentence about Kafka that docs/troubleshooting.md quotes is what ingest or the job says to a real broker."""

import re
from pathlib import Path

import pytest
from confluent_kafka.admin import AclOperation, ResourceType
from scripts import configuration
from tests.ingest.kafka.conftest import open_kafka_log
from tests.kafka import rights
from tests.kafka.broker import Broker
from tests.kafka.server_settings import PASSWORD, USER
from tests.processes import free_ports

from ingest.kafka.errors import KafkaStartError
from spark_job import settings
from spark_job.executor.kafka_errors import BrokerError
from spark_job.executor.topic_ends import TopicEnds

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "troubleshooting.md").read_text()
TOPIC, GROUP = "posts", "hashtags-live"
READ = AclOperation.READ


@pytest.fixture(autouse=True)
def no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in configuration.fields():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PUSH_TOKEN", "0123456789abcdef")
    monkeypatch.chdir(tmp_path)


def quoted() -> set[str]:
    section = TEXT.partition("## 11. ")[2].partition("## Uninstall")[0]
    return set(re.findall(r"^ {4}(\S.*)$", section, re.MULTILINE))


def of_ingest(address: str, **given: str) -> str:
    """Why ingest does not start, or why it waits."""
    try:
        log = open_kafka_log(f"kafka://{address}/{TOPIC}", **given)
    except KafkaStartError as refused:
        return neutral(str(refused), address)
    log.close()
    return neutral(log.notice or "", address)


def of_job(address: str, **given: str) -> str:
    """Why the job does not start, or why it waits."""
    client = settings.Settings(log_url=f"kafka://{address}/{TOPIC}", **given).kafka_client()  # type: ignore[arg-type]
    with pytest.raises(BrokerError) as refused:
        TopicEnds(client, TOPIC, 3.0).check_rights(GROUP)
    return neutral(str(refused.value), address)


def neutral(sentence: str, address: str) -> str:
    """The sentence with the address of the documentation."""
    port = address.rpartition(":")[2]
    return sentence.replace(f"ipv4#127.0.0.1:{port}", "ipv4#127.0.0.1:9092").replace(address, "broker:9092")


def test_every_sentence_about_kafka_is_said(kafka_broker: Broker) -> None:
    address, tls = kafka_broker.address_of("SASL_PLAINTEXT"), kafka_broker.address_of("SSL")
    login = {"kafka_security": "sasl_plaintext", "kafka_username": USER, "kafka_password": PASSWORD}
    wrong = login | {"kafka_password": "wrong-password"}
    said = {of_ingest(kafka_broker.address)}
    kafka_broker.create_topic(TOPIC)
    kafka_broker.create_topic(f"{TOPIC}-sources")
    try:
        for each in (of_ingest, of_job):
            said |= {each(address, **wrong), each(tls, kafka_security="tls")}
        readable = (ResourceType.TOPIC, TOPIC, [READ])
        with rights.only(kafka_broker, USER, readable):
            said.add(of_ingest(address, **login))
            with rights.only(kafka_broker, "somebody-else", (ResourceType.GROUP, GROUP, [READ])):
                said.add(of_job(address, **login))
        with rights.only(kafka_broker, USER, (ResourceType.TOPIC, TOPIC, [AclOperation.DESCRIBE])):
            said.add(of_job(address, **login))
        older = open_kafka_log(f"kafka://{kafka_broker.address}/{TOPIC}")
        said.add(older.connection.sentences.fenced())
        older.close()
    finally:
        kafka_broker.delete_topic(TOPIC)
        kafka_broker.delete_topic(f"{TOPIC}-sources")
    (port,) = free_ports(1)
    said |= {of_ingest(f"127.0.0.1:{port}"), of_job(f"127.0.0.1:{port}")}
    assert said == quoted()
