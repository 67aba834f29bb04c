"""`scripts/audit.py` on a topic of Kafka: it recounts what the job's group has counted, and nothing else."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from scripts import audit_topic
from tests.faults.supervisor import ROOT
from tests.faults.test_audit import POSTS, Handler, Page, T, tag
from tests.kafka.broker import Broker
from tests.spark_job.support.fake_ingest import post

GROUP = "audited"
PARTITIONS = 2
WAIT_SECONDS = 60.0


class TopicScene:
    """`POSTS` in two partitions, and the position of the group behind them."""

    def __init__(self, broker: Broker, page: Page, port: int) -> None:
        self.broker, self.page, self.port = broker, page, port
        self.topic = broker.new_topic(PARTITIONS)
        self.produce(*(json.dumps({"id": f"t:{number}", **one}) for number, one in enumerate(POSTS)))
        self.commit()

    def produce(self, *values: str) -> None:
        producer = Producer({"bootstrap.servers": self.broker.address, "log_level": 0})
        for number, value in enumerate(values):
            producer.produce(self.topic, value, partition=number % PARTITIONS)
        assert producer.flush(WAIT_SECONDS) == 0

    def commit(self) -> None:
        """As the job does when it has counted all."""
        consumer = Consumer({"bootstrap.servers": self.broker.address, "group.id": GROUP, "log_level": 0})
        parts = [TopicPartition(self.topic, number) for number in range(PARTITIONS)]
        ends = [consumer.get_watermark_offsets(part, WAIT_SECONDS)[1] for part in parts]
        places = [TopicPartition(self.topic, number, end) for number, end in enumerate(ends)]
        consumer.commit(offsets=places, asynchronous=False)
        consumer.close()
        self.page.snapshot["health"]["offset"] = sum(ends)

    def audit(self) -> tuple[int, list[str]]:
        """Exit code, and what it said."""
        log = f"kafka://{self.broker.address}/{self.topic}"
        command = [sys.executable, str(ROOT / "scripts" / "audit.py"), "--log", log, "--group", GROUP]
        command += ["--dashboard", f"http://127.0.0.1:{self.port}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
        return done.returncode, (done.stdout + done.stderr).splitlines()


@pytest.fixture
def scene(kafka_broker: Broker) -> Iterator[TopicScene]:
    page = Page("kafka:any")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("PageHandler", (Handler,), {"page": page}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield TopicScene(kafka_broker, page, server.server_address[1])
    server.shutdown()
    server.server_close()


COMPARED = "compared: 6 posts, 3 closed panes, the window, the totals; 0 lost before they were counted"


def test_all_partitions_are_counted_up_to_the_position_of_the_group(scene: TopicScene) -> None:
    scene.produce(json.dumps({"id": "t:new", **post(["news"], T + 30_500)}))
    assert scene.audit() == (0, [COMPARED, "differences: 0"])


def test_what_is_no_post_is_left_out(scene: TopicScene) -> None:
    scene.produce("no JSON", "[1]", '{"id": "x"}')
    scene.commit()
    assert scene.audit() == (0, [COMPARED, "differences: 0"])


def test_a_tag_counted_twice_is_a_difference(scene: TopicScene) -> None:
    scene.page.panes[2]["top"] = [tag("goal", "Goal", 3)]
    code, said = scene.audit()
    assert code == 1
    assert said[0].endswith("#goal: 2 held, 3 shown")


def test_after_posts_that_came_late_only_the_totals_are_compared(scene: TopicScene) -> None:
    scene.page.panes[2]["top"] = [tag("goal", "Goal", 3)]
    scene.page.snapshot["health"]["late"] = 1
    assert scene.audit() == (
        0,
        ["compared: 6 posts, 0 closed panes, the totals; 0 lost before they were counted", "differences: 0"],
    )


def test_the_last_post_of_a_partition_is_read_however_few_messages_come_at_once(
    scene: TopicScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_topic, "MESSAGES_PER_READ", 1)
    topic = audit_topic.Topic(f"kafka://{scene.broker.address}/{scene.topic}", GROUP)
    found = sorted(post["id"] for post in topic.posts(topic.positions()))
    assert found == [f"t:{number}" for number in range(len(POSTS))]
