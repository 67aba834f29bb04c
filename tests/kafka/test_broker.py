"""The broker of the tests is Apache Kafka itself: it keeps what it has committed, and ends with its test process."""

import subprocess
import sys
import textwrap
from pathlib import Path

import psutil
import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from tests.kafka.broker import Broker
from tests.kafka.committed import committed, wait_until_readable
from tests.kafka.server_settings import PASSWORD, USER
from tests.processes import wait_until

ROOT = Path(__file__).resolve().parents[2]
QUIET = {"log_level": 0}
READ_SECONDS = 20.0


def produce(broker: Broker, topic: str, *values: str, commit: bool = True) -> None:
    """In one transaction."""
    producer = Producer({"bootstrap.servers": broker.address, "transactional.id": "test", **QUIET})
    producer.init_transactions(READ_SECONDS)
    producer.begin_transaction()
    for value in values:
        producer.produce(topic, value=value)
    if commit:
        producer.commit_transaction(READ_SECONDS)
    else:
        producer.flush(READ_SECONDS)
        producer.abort_transaction(READ_SECONDS)


def values(topic: str, count: int, **settings: str) -> list[str]:
    """The first `count` committed messages of the topic's only partition."""
    consumer = Consumer({"group.id": "test", "isolation.level": "read_committed", **QUIET, **settings})
    consumer.assign([TopicPartition(topic, 0, 0)])
    messages = consumer.consume(count, READ_SECONDS)
    consumer.close()
    return [(message.value() or b"").decode() for message in messages]


def test_a_reader_gets_what_was_committed_and_not_what_was_aborted(kafka_broker: Broker) -> None:
    topic = kafka_broker.new_topic()
    produce(kafka_broker, topic, "one")
    produce(kafka_broker, topic, "aborted", commit=False)
    produce(kafka_broker, topic, "two")
    wait_until_readable(kafka_broker.address, topic)
    assert [message.value() for message in committed(kafka_broker.address, topic)] == [b"one", b"two"]


def test_a_topic_has_its_partitions_and_settings_and_can_be_deleted(kafka_broker: Broker) -> None:
    topic = kafka_broker.new_topic(3, retention_ms=1234)
    assert len(kafka_broker.admin().list_topics(timeout=READ_SECONDS).topics[topic].partitions) == 3
    kafka_broker.delete_topic(topic)
    assert topic not in kafka_broker.admin().list_topics(timeout=READ_SECONDS).topics


@pytest.mark.parametrize("listener", ["SASL_PLAINTEXT", "SSL", "SASL_SSL"])
def test_it_serves_clients_that_log_in_and_those_that_encrypt(kafka_broker: Broker, listener: str) -> None:
    topic = kafka_broker.new_topic()
    produce(kafka_broker, topic, "one")
    login = {"sasl.mechanism": "PLAIN", "sasl.username": USER, "sasl.password": PASSWORD} if "SASL" in listener else {}
    authority = {"ssl.ca.location": str(kafka_broker.ca_file)} if "SSL" in listener else {}
    address = {"bootstrap.servers": kafka_broker.address_of(listener), "security.protocol": listener}
    assert values(topic, 1, **address, **login, **authority) == ["one"]


def test_a_broker_ends_when_the_tests_are_killed(kafka_jars: None, tmp_path: Path) -> None:
    code = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from tests.kafka.broker import Broker

        broker = Broker(Path(sys.argv[1]))
        broker.start()
        print(broker.process.pid, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    pid = int(done.stdout)
    wait_until(lambda: not psutil.pid_exists(pid), "the broker has ended", 60)
