"""The log on a broker in containers: docker compose --profile kafka, as docs/deploy.md shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.compose import engine
from tests.compose.outside import check_confinement
from tests.compose.stack import SERVICES, ComposeStack
from tests.kafka import image

pytestmark = pytest.mark.timeout(1200)
LOG_URL = "kafka://kafka:9092/posts"
#: The user of the image.
KAFKA_UID = "1000"


@pytest.fixture(scope="module")
def kafka_stack(images: None, figures: list[str]) -> Iterator[ComposeStack]:
    reason = image.get()
    if reason is not None:
        pytest.skip(reason)
    stack = ComposeStack("hashtags-kafka", DEMO_RATE="500", COMPOSE_PROFILES="kafka", LOG_URL=LOG_URL)
    with stack.running() as seconds:
        figures.append(f"up --wait with the log on Kafka: {seconds:.1f} s")
        yield stack


# Counts the committed messages of the topic, until no more comes for a while.
COUNT = """
from confluent_kafka import Consumer, TopicPartition
settings = {"bootstrap.servers": "kafka:9092", "group.id": "a-stranger", "isolation.level": "read_committed"}
consumer = Consumer(settings)
consumer.assign([TopicPartition("posts", number, 0) for number in range(8)])
count = 0
while some := consumer.consume(100_000, 5.0):
    count += sum(message.error() is None for message in some)
print(count)
"""


def counted(stack: ComposeStack) -> int:
    """How many posts are counted, once all are."""
    health = stack.snapshot_where(lambda snapshot: snapshot["health"]["lag_posts"] == 0, "no lag")
    return int(health["total"]["posts"])


def test_demo_posts_are_counted_from_the_broker_and_a_killed_one_comes_back(kafka_stack: ComposeStack) -> None:
    stack = kafka_stack
    assert {one["Config"]["Labels"]["com.docker.compose.service"] for one in stack.containers()} == SERVICES | {"kafka"}
    before = stack.snapshot_where(lambda snapshot: snapshot["window"]["top"], "the first bars")
    (broker,) = stack.containers("kafka")
    check_confinement(broker, uid=KAFKA_UID)
    stack.kill(broker)
    offset = before["health"]["offset"] + 5000
    after = stack.snapshot_where(
        lambda snapshot: snapshot["health"]["offset"] > offset and snapshot["health"]["lag_ms"] < 5000,
        "counting after the broker was killed",
    )
    assert after["epoch"] == before["epoch"]
    assert after["health"]["lost"] == 0
    stack.compose("stop", "ingest")
    stored = int(stack.run_in("spark-job", "python", "-c", COUNT))
    assert stored > 0
    assert counted(stack) == stored


def test_the_docs_start_it_with_this_setting() -> None:
    deploy = (Path(engine.ROOT) / "docs" / "deploy.md").read_text()
    assert f"LOG_URL={LOG_URL} docker compose --profile kafka up --wait" in deploy
