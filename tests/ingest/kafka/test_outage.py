"""The broker is killed while ingest writes: the sources wait, STATUS says why, and each post is there once."""

import json
import os
import signal
import threading
from pathlib import Path

import pytest
from tests.ingest.kafka.conftest import stored_ids
from tests.ingest.kafka.test_process import write_posts
from tests.ingest.support.process import Start, request, wait_for
from tests.kafka.broker import Broker
from tests.kafka.server_settings import USER

pytestmark = pytest.mark.timeout(300)
POSTS = 40_000
#: So many of them come when the broker is killed: ingest may have written all others by then.
LATE_POSTS = 4_000


@pytest.mark.usefixtures("kafka_jars")
def test_ingest_waits_for_a_broker_that_was_killed_and_for_one_that_is_not_there_yet(
    start: Start, tmp_path: Path
) -> None:
    (tmp_path / "broker").mkdir()
    with Broker(tmp_path / "broker") as broker:
        path, killed = tmp_path / "posts.jsonl", threading.Event()
        os.mkfifo(path)
        # Without a writer, the pipe would be at its end.
        pipe = os.open(path, os.O_RDWR)

        def write() -> None:
            write_posts(path, POSTS - LATE_POSTS)
            killed.wait()
            write_posts(path, LATE_POSTS, POSTS - LATE_POSTS)

        writing = threading.Thread(target=write, daemon=True)
        writing.start()
        given = {"SOURCE": "replay", "REPLAY_FILE": "posts.jsonl", "REPLAY_SPEED": "0"}
        given |= {"LOG_URL": f"kafka://{broker.address}/posts", "KAFKA_CREATE_PARTITIONS": "4"}
        port, _ = start(**given).ports()
        wait_for(port, lambda status: status["sources"][0]["accepted"] >= POSTS // 10)
        broker.kill()
        killed.set()
        # Sooner than a commit fails, the offsets of the topic can't be asked: then the notice says only that.
        sentence = f"the log on Kafka can't be written, so the sources wait: Kafka at {broker.address} can't be used ("
        waiting = wait_for(port, lambda status: (status["notice"] or "").startswith(sentence))
        assert waiting["sources"][0]["error"].startswith(sentence)
        late = start(**{**given, "KAFKA_TRANSACTIONAL_ID": "late", "SOURCE": "demo"})
        assert late.process.stderr is not None
        said = late.process.stderr.readline()
        why = f"the log can't be opened, so ingest waits: Kafka at {broker.address} can't be used ("
        assert why in said
        late_port, _ = late.ports()
        (early,) = [json.loads(line) for line in request(late_port, "STATUS")]
        assert early["notice"].startswith(why)
        assert (early["log"], early["first"], early["end"], early["kafka"]["partitions"]) == ("kafka:", 0, 0, 0)
        (demo,) = early["sources"]
        assert (demo["state"], demo["accepted"], demo["error"]) == ("starting", 0, early["notice"])
        login = {"KAFKA_SECURITY": "sasl_plaintext", "KAFKA_USERNAME": USER, "KAFKA_PASSWORD": "wrong-password"}
        url = f"kafka://{broker.address_of('SASL_PLAINTEXT')}/posts"
        refused = start(**{**given, **login, "LOG_URL": url, "KAFKA_TRANSACTIONAL_ID": "refused"})
        refused.ports()
        stopped = start(**{**given, "KAFKA_TRANSACTIONAL_ID": "stopped"})
        stopped.ports()
        assert stopped.end(signal.SIGTERM)[0] == 0
        broker.start()
        code, _, err = refused.end()
        assert (code, err.splitlines()[-1].partition(" (")[0]) == (
            2,
            f"ingest: KAFKA_USERNAME and KAFKA_PASSWORD must be those of a user of Kafka at {url[8:-6]}",
        )
        found = wait_for(late_port, lambda status: status["sources"][0]["accepted"] > 0)
        assert (found["notice"], found["sources"][0]["error"], found["kafka"]["partitions"]) == (None, None, 4)
        assert found["log"].startswith("kafka:")
        assert len(found["log"]) > len("kafka:")
        assert late.end(signal.SIGTERM)[0] == 0
        writing.join()
        os.close(pipe)
        status = wait_for(port, lambda status: status["sources"][0]["state"] == "finished" and not status["notice"])
        assert status["sources"][0]["accepted"] == POSTS
        ids = [each for each in stored_ids(broker.address, "posts") if each.startswith("t:")]
        assert len(ids) == len(set(ids)) == POSTS
