"""The answer of /trace has posts of a topic of a real broker, as far as they may be shown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.kafka.broker import Broker
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import FakeIngest, post
from tests.spark_job.support.topic import Topic

from spark_job.executor.ingest_client import IngestClient
from spark_job.kafka.counted_topic import CountedTopic
from spark_job.kafka.topic_watch import Asked
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.samples import topic_pieces
from spark_job.samples.topic_pieces import TopicPieces
from spark_job.state.store import State
from spark_job.topic_coordinator import TopicCoordinator
from spark_job.trace.answers import NO_POSTS, TraceAnswers
from spark_job.trace.batch_posts import topic_batch_posts
from spark_job.trace.book import TraceBook

pytestmark = pytest.mark.usefixtures("patient_readers")

Json = dict[str, Any]


class Desk:
    """Counts a topic without Spark, and answers."""

    def __init__(self, folder: Path, topic: Topic, ingest: FakeIngest) -> None:
        self.topic, self.asked = topic, 0
        self.state = State(folder / "counts.duckdb", PANE_MS, WINDOW_MS)
        self.book = TraceBook(lambda: T, lambda: 0)
        self.counted = CountedTopic(lambda: 0)
        snapshots = Snapshots(self.state, Pace(10, 30, 1.0, 10), self.state.next_seq_block())
        self.counting = TopicCoordinator(
            self.state, snapshots, lambda _: None, lambda: T, self.book, counted=self.counted
        )
        self.counting.resume_topic(topic.ends())
        self.pieces = TopicPieces(topic.client, topic.name, lambda: T)
        self.answers = TraceAnswers(
            self.book,
            lambda: IngestClient("127.0.0.1", ingest.port),
            topic_batch_posts(self.pieces, self.counted),
            lambda source: source != "x",
            lambda key: key == "hush",
        )

    def count(self) -> None:
        self.asked += 1
        self.counting.note_topic(Asked(self.asked, self.topic.ends(), T, None))
        self.counting.count(self.topic.count({**self.counting.positions()}), self.asked, T)

    def answer(self) -> Json:
        found: Json = msgspec.to_builtins(self.answers.newest({}))
        return found


@pytest.fixture
def desk(tmp_path: Path, kafka_broker: Broker, ingest: FakeIngest) -> Iterator[Desk]:
    desk = Desk(tmp_path, Topic(kafka_broker), ingest)
    desk.answer()
    yield desk
    desk.pieces.close()
    desk.counting.close()


def test_posts_of_all_partitions_are_shown_in_the_order_of_their_times(desk: Desk) -> None:
    desk.topic.write(0, post(["a"], T + 1), b"no post", post(["b"], T + 3))
    desk.topic.write(1, post(["c"], T + 2, source="x"), post(["hush"], T + 2))
    desk.count()
    found = desk.answer()
    assert (found["error"], found["trace"]["posts"]) == (None, 4)
    assert [(each["partition"], each["offset"], each["text"]) for each in found["trace"]["posts_shown"]] == [
        (0, 0, "#a"),
        (1, 0, None),
        (0, 2, "#b"),
    ]


def test_at_most_forty_posts_are_shown_of_each_partition_about_as_many(desk: Desk) -> None:
    desk.topic.write(0, *(post(["a"], T + n) for n in range(100)))
    desk.topic.write(1, *(post(["b"], T + n) for n in range(30)))
    desk.count()
    shown = desk.answer()["trace"]["posts_shown"]
    assert [sum(each["text"] == text for each in shown) for text in ("#a", "#b")] == [20, 20]


def test_a_post_that_was_deleted_has_no_text(desk: Desk) -> None:
    desk.topic.write(0, post(["a"], T), None, post(["b"], T), post(["c"], T))
    desk.count()
    assert [each["text"] for each in desk.answer()["trace"]["posts_shown"]] == [None, "#b", "#c"]
    # A micro-batch of tombstones alone is not shown, so the posts are those of before.
    desk.topic.delete(0, "demo:3")
    desk.count()
    assert [each["text"] for each in desk.answer()["trace"]["posts_shown"]] == [None, "#b", None]


def test_without_the_broker_the_counts_are_shown_and_a_sentence(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_pieces, "PATIENCE_SECONDS", 1.5)
    desk.topic.write(0, post(["a"], T))
    desk.count()
    desk.pieces._client = {"bootstrap.servers": "127.0.0.1:1"}
    found = desk.answer()
    assert (found["error"], found["trace"]["posts_shown"], found["trace"]["posts"]) == (NO_POSTS, [], 1)
