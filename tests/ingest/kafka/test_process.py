"""`python -m ingest` with its log on Kafka, in its own process: kills, its two ports, what a broker can refuse."""

import json
import signal
import socket
from contextlib import closing
from pathlib import Path

import pytest
from confluent_kafka import Producer
from tests.ingest.kafka.conftest import messages_of, stored_ids
from tests.ingest.support.process import Start, request, wait_for
from tests.kafka.broker import Broker
from tests.kafka.server_settings import PASSWORD, USER
from tests.processes import wait_until

pytestmark = pytest.mark.timeout(300)
POSTS = 60_000


def write_posts(path: Path, count: int, first: int = 0) -> None:
    with path.open("a") as file:
        for number in range(first, first + count):
            file.write(json.dumps({"id": f"t:{number:06}", "text": f"post {number} #cup", "source": "t"}) + "\n")


def test_a_process_that_is_killed_again_and_again_neither_loses_nor_doubles_a_post(
    start: Start, kafka_broker: Broker, topic: str, tmp_path: Path
) -> None:
    write_posts(tmp_path / "posts.jsonl", POSTS)
    given = {"SOURCE": "replay", "REPLAY_FILE": "posts.jsonl", "REPLAY_SPEED": "0"}
    given["LOG_URL"] = f"kafka://{kafka_broker.address}/{topic}"
    for part in (1, 2, 3):
        ingest = start(**given)
        port, _ = ingest.ports()
        wait_for(port, lambda status, part=part: status["sources"][0]["accepted"] >= part * POSTS // 5)  # type: ignore[misc]
        ingest.process.kill()
        ingest.process.wait()
    port, _ = start(**given).ports()
    status = wait_for(port, lambda status: status["sources"][0]["state"] == "finished")
    assert status["sources"][0]["accepted"] == POSTS
    ids = stored_ids(kafka_broker.address, topic)
    assert len(ids) == len(set(ids)) == POSTS


def test_status_says_where_the_log_is_and_requests_for_posts_get_a_sentence(
    start: Start, kafka_broker: Broker, topic: str
) -> None:
    # Another program writes the topic too.
    producer = Producer({"bootstrap.servers": kafka_broker.address, "log_level": 0})
    for number in range(10):
        producer.produce(topic, b"no post", str(number))
    producer.flush(20)
    ingest = start(LOG_URL=f"kafka://{kafka_broker.address}/{topic}", SOURCE="demo", DEMO_RATE="200")
    port, tail_port = ingest.ports()
    with closing(socket.create_connection(("127.0.0.1", tail_port), timeout=30)) as connection:
        post = json.loads(connection.makefile().readline())
    status = wait_for(port, lambda status: status["sources"][0]["accepted"] and status["end"] > 30)
    assert status["kafka"] == {"topic": topic, "partitions": 4}
    assert (status["first"], status["acked"], status["trimmed_unread"], status["notice"]) == (0, 0, 0, None)
    assert not {"columns", "changes"} & status.keys()
    (error,) = request(port, "READ 0 10")
    sentence = f"the log is on Kafka: read the topic {topic} of {kafka_broker.address}"
    assert json.loads(error) == {"error": sentence}
    assert json.loads(request(port, "CHANGES 0 10")[0]) == {"error": sentence}
    assert json.loads(request(port, f"ACK {status['log']} 1")[0]) == {"error": sentence}
    assert json.loads(request(port, "DROPPED 0 10")[0])["log"] == status["log"]
    assert ingest.end(signal.SIGTERM)[0] == 0
    stored = {message.key(): message.value() for message in messages_of(kafka_broker.address, topic)}
    assert json.loads(stored[post["id"].encode()] or b"") == post


def test_a_post_that_comes_again_after_a_restart_is_a_duplicate(
    start: Start, kafka_broker: Broker, topic: str, tmp_path: Path
) -> None:
    write_posts(tmp_path / "posts.jsonl", 100)
    given = {"SOURCE": "replay", "REPLAY_FILE": "posts.jsonl", "REPLAY_SPEED": "0"}
    given["LOG_URL"] = f"kafka://{kafka_broker.address}/{topic}"
    ingest = start(**given)
    wait_for(ingest.ports()[0], lambda status: status["sources"][0]["state"] == "finished")
    assert ingest.end(signal.SIGTERM)[0] == 0
    write_posts(tmp_path / "posts.jsonl", 60, first=50)
    port, _ = start(**given).ports()
    status = wait_for(port, lambda status: status["sources"][0]["state"] == "finished")
    assert (status["sources"][0]["accepted"], status["sources"][0]["duplicate"]) == (110, 50)
    assert len(stored_ids(kafka_broker.address, topic)) == 110


def test_what_no_waiting_ends_is_one_sentence_and_exit_code_2(start: Start, kafka_broker: Broker, topic: str) -> None:
    addresses = {name: f"kafka://{kafka_broker.address_of(name)}/{topic}" for name in ("SSL", "SASL_PLAINTEXT")}
    login = {"KAFKA_SECURITY": "sasl_plaintext", "KAFKA_USERNAME": USER, "KAFKA_PASSWORD": "wrong-password"}
    for given, beginning in (
        ({"LOG_URL": f"kafka://{kafka_broker.address}/none"}, "LOG_URL must have a topic that exists, not 'none': "),
        ({"LOG_URL": addresses["SSL"], "KAFKA_SECURITY": "tls"}, "KAFKA_SECURITY and KAFKA_CA_FILE must fit Kafka at "),
        (
            {"LOG_URL": addresses["SASL_PLAINTEXT"], **login},
            "KAFKA_USERNAME and KAFKA_PASSWORD must be those of a user of Kafka at ",
        ),
    ):
        code, _, err = start(**given).end()
        assert (code, err.count("\n")) == (2, 1), err
        assert err.startswith(f"ingest: {beginning}")
        assert "wrong-password" not in err


def test_tls_and_login_together(start: Start, kafka_broker: Broker, topic: str, tmp_path: Path) -> None:
    write_posts(tmp_path / "posts.jsonl", 10)
    ingest = start(
        LOG_URL=f"kafka://{kafka_broker.address_of('SASL_SSL')}/{topic}",
        KAFKA_SECURITY="sasl_tls",
        KAFKA_CA_FILE=str(kafka_broker.ca_file),
        KAFKA_USERNAME=USER,
        KAFKA_PASSWORD=PASSWORD,
        KAFKA_COMPRESSION="zstd",
        SOURCE="replay",
        REPLAY_FILE="posts.jsonl",
    )
    wait_for(ingest.ports()[0], lambda status: status["sources"][0]["state"] == "finished")
    wait_until(lambda: len(stored_ids(kafka_broker.address, topic)) == 10, "the posts", 60)
