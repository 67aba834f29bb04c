"""The log on a broker in containers: docker compose --profile kafka, as docs/deploy.md shows it."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.compose import engine
from tests.compose.outside import check_confinement
from tests.compose.stack import SERVICES, ComposeStack
from tests.faults import contract
from tests.kafka import image
from tests.processes import wait_until

pytestmark = pytest.mark.timeout(1200)
LOG_URL = "kafka://kafka:9092/posts"
ARCHIVE = "/data/archive"
HOUR_MS = 3_600_000
#: What ARCHIVE_MIN_POSTS is by default.
MIN_POSTS = 5
#: The user of the image.
KAFKA_UID = "1000"


@pytest.fixture(scope="module")
def kafka_stack(images: None, figures: list[str]) -> Iterator[ComposeStack]:
    reason = image.get()
    if reason is not None:
        pytest.skip(reason)
    # The made-up past of the demo has a whole hour, so there is an archived one from the beginning.
    archive = {"DEMO_PAST_MINUTES": "120", "ARCHIVE_DIR": ARCHIVE}
    stack = ComposeStack("hashtags-kafka", DEMO_RATE="500", COMPOSE_PROFILES="kafka", LOG_URL=LOG_URL, **archive)
    with stack.running() as seconds:
        figures.append(f"up --wait with the log on Kafka: {seconds:.1f} s")
        yield stack


# Counts the committed posts of the topic, until no more comes for a while. A message without a value deletes a post.
COUNT = """
from confluent_kafka import Consumer, TopicPartition
settings = {"bootstrap.servers": "kafka:9092", "group.id": "a-stranger", "isolation.level": "read_committed"}
consumer = Consumer(settings)
consumer.assign([TopicPartition("posts", number, 0) for number in range(8)])
count = 0
while some := consumer.consume(100_000, 10.0):
    count += sum(message.error() is None and message.value() is not None for message in some)
print(count)
"""


# Counts the posts with each hashtag that the topic has of one hour. Each partition has later posts, too.
RECOUNT = """
import json, sys
from collections import Counter
from confluent_kafka import Consumer, TopicPartition
first = int(sys.argv[1])
settings = {"bootstrap.servers": "kafka:9092", "group.id": "a-stranger", "isolation.level": "read_committed"}
consumer = Consumer(settings)
left = set(range(8))
consumer.assign([TopicPartition("posts", number, 0) for number in left])
found = Counter()
while left:
    for message in consumer.consume(10_000, 1.0):
        at_ms = message.timestamp()[1]
        if message.error() is None and at_ms >= first + 3_600_000:
            left.discard(message.partition())
        elif message.error() is None and message.value() and at_ms >= first:
            found.update({tag["key"] for tag in json.loads(message.value())["tags"]})
print(json.dumps(found))
"""
# The same of the file of that hour.
ARCHIVED = """
import duckdb, json, sys
rows = duckdb.sql(f"SELECT tag, sum(posts)::INT FROM read_parquet('{sys.argv[1]}') GROUP BY tag").fetchall()
print(json.dumps(dict(rows)))
"""


def counted(stack: ComposeStack, stored: int) -> int:
    """How many posts are counted, once all are. The job learns of the last ones a moment after they are stored."""
    newest = stack.snapshot_where(
        lambda snapshot: snapshot["total"]["posts"] >= stored and snapshot["health"]["lag_posts"] == 0, "no lag"
    )
    return int(newest["total"]["posts"])


def test_an_hour_is_archived_exactly_and_the_page_can_ask_for_it(kafka_stack: ComposeStack) -> None:
    """Runs before the test that stops ingest."""
    stack, now_ms = kafka_stack, time.time_ns() // 1_000_000

    def hours() -> list[tuple[int, int]]:
        answer = contract.get(f"{stack.address}/api/archive?from_ms={now_ms - 3 * HOUR_MS}&to_ms={now_ms}")
        found: list[tuple[int, int]] = answer["hours"] if answer else []
        return found

    *_, (hour, posts) = wait_until(lambda: hours() or None, "an hour is archived", 120)
    at = datetime.fromtimestamp(hour / 1000, UTC)
    path = f"{ARCHIVE}/date={at:%Y-%m-%d}/hour-{at:%H}.parquet"
    in_file = json.loads(stack.run_in("spark-job", "python", "-c", ARCHIVED, path))
    in_topic = json.loads(stack.run_in("spark-job", "python", "-c", RECOUNT, str(hour)))
    assert in_file == {tag: number for tag, number in in_topic.items() if number >= MIN_POSTS}
    assert len(in_file) > 20
    assert posts == sum(in_file.values())
    leaders = contract.get(f"{stack.address}/api/archive/leaders?at_ms={hour}&step=hour")
    assert leaders is not None
    assert [tag["posts"] for tag in leaders["top"]] == [in_file[tag["key"]] for tag in leaders["top"]]
    assert leaders["top"][0]["posts"] == max(in_file.values())


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
    assert counted(stack, stored) == stored


def test_the_docs_start_it_with_this_setting() -> None:
    deploy = (Path(engine.ROOT) / "docs" / "deploy.md").read_text()
    assert f"LOG_URL={LOG_URL} docker compose --profile kafka up --wait" in deploy
