"""The broker is killed while ingest writes: the sources wait, STATUS says why, and each post is there once."""

import signal
from pathlib import Path

import pytest
from tests.ingest.kafka.conftest import stored_ids
from tests.ingest.kafka.test_process import write_posts
from tests.ingest.support.process import Start, wait_for
from tests.kafka.broker import Broker

pytestmark = pytest.mark.timeout(120)
POSTS = 40_000


@pytest.mark.usefixtures("kafka_jars")
def test_ingest_waits_for_a_broker_that_was_killed_and_for_one_that_is_not_there_yet(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "broker").mkdir()
    with Broker(tmp_path / "broker") as broker:
        write_posts(tmp_path / "posts.jsonl", POSTS)
        given = {"SOURCE": "replay", "REPLAY_FILE": "posts.jsonl", "REPLAY_SPEED": "0"}
        given |= {"LOG_URL": f"kafka://{broker.address}/posts", "KAFKA_CREATE_PARTITIONS": "4"}
        port, _ = start(**given).ports()
        wait_for(port, lambda status: status["sources"][0]["accepted"] >= POSTS // 10)
        broker.kill()
        waiting = wait_for(port, lambda status: status["notice"])
        sentence = f"the log on Kafka can't be written, so the sources wait: Kafka at {broker.address} can't be used ("
        assert waiting["notice"].startswith(sentence)
        assert waiting["sources"][0]["error"].startswith(sentence)
        late = start(**{**given, "KAFKA_TRANSACTIONAL_ID": "late", "SOURCE": "demo"})
        assert late.process.stderr is not None
        said = late.process.stderr.readline()
        assert f"the log can't be opened, so ingest waits: Kafka at {broker.address} can't be used (" in said
        broker.start()
        late.ports()
        assert late.end(signal.SIGTERM)[0] == 0
        status = wait_for(port, lambda status: status["sources"][0]["state"] == "finished" and not status["notice"])
        assert status["sources"][0]["accepted"] == POSTS
        ids = [each for each in stored_ids(broker.address, "posts") if each.startswith("t:")]
        assert len(ids) == len(set(ids)) == POSTS
