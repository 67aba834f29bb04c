"""A pane counted again from a topic of a real broker, beside what was counted."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.kafka.broker import Broker
from tests.spark_job.conftest import PANE_MS, WINDOW_MS, T
from tests.spark_job.support.fake_ingest import varied_posts
from tests.spark_job.support.topic import Topic

from spark_job.ingest_watch import not_requested_yet
from spark_job.kafka.topic_watch import Asked
from spark_job.publish.snapshot import Pace, Snapshots
from spark_job.query_server import pane_log, topic_pane
from spark_job.query_server.recount import LATE, Numbers, Recounter
from spark_job.query_server.server import RefusedError
from spark_job.query_server.topic_pane import TopicPane
from spark_job.state.store import State
from spark_job.topic_coordinator import TopicCoordinator

pytestmark = pytest.mark.usefixtures("patient_readers")

POSTS = varied_posts(300)
LAST_MS = POSTS[-1]["at_ms"]


class Job:
    """Counts a topic without Spark."""

    def __init__(self, folder: Path, topic: Topic) -> None:
        self.topic, self.asked = topic, 0
        self.state = State(folder / "counts.duckdb", PANE_MS, WINDOW_MS)
        snapshots = Snapshots(self.state, Pace(10, 30, 1.0, 10), self.state.next_seq_block())
        self.counting = TopicCoordinator(self.state, snapshots, lambda _: None, lambda: T)
        self.counting.resume_topic(topic.ends())
        self.recounter = Recounter(
            lambda: TopicPane(topic.client, topic.name, lambda: LAST_MS), self.state.reader, PANE_MS
        )

    def count(self, closed_ms: int) -> None:
        """All is counted, and no post before this time comes any more."""
        self.asked += 1
        self.counting.note_topic(Asked(self.asked, self.topic.ends(), closed_ms, None))
        self.counting.count(self.topic.count({**self.counting.positions()}, 1_000_000), 0, T)
        self.counting.tick(not_requested_yet(T), 0)

    def refusal(self, from_ms: int) -> str:
        with pytest.raises(RefusedError) as raised:
            self.recounter.recount(from_ms, None)
        return str(raised.value)


@pytest.fixture
def job(tmp_path: Path, kafka_broker: Broker) -> Iterator[Job]:
    topic = Topic(kafka_broker)
    job = Job(tmp_path, topic)
    # Two partitions, several transactions, an aborted one, a message that is no post, a deletion.
    topic.write(0, *POSTS[:100:2])
    topic.write(1, *POSTS[1:100:2])
    topic.write(0, *POSTS[100:150], abort=True)
    topic.write(1, b"no post")
    topic.write(1, *POSTS[100:200])
    topic.write(0, *POSTS[200:])
    topic.delete(0, "demo:1")
    job.count(T + 4 * PANE_MS)
    yield job
    job.counting.close()


def inside(from_ms: int, key: str | None = None) -> int:
    posts: list[dict[str, Any]] = [one for one in POSTS if from_ms <= one["at_ms"] < from_ms + PANE_MS]
    return len([one for one in posts if key is None or any(tag["key"] == key for tag in one["tags"])])


def test_both_numbers_of_a_pane_and_of_a_tag_agree(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_pane, "AT_ONCE", 10)
    for from_ms in (T, T + PANE_MS, T + 3 * PANE_MS):
        found = job.recounter.recount(from_ms, "日本1")
        posts, tagged = inside(from_ms), inside(from_ms, "日本1")
        assert (found.posts, found.tag) == (Numbers(posts, posts), Numbers(tagged, tagged))
        # More is read: clocks of producers may differ, and the ends of transactions here are newer than their posts.
        assert posts <= found.read_posts < len(POSTS)
        assert tagged > 0
    assert job.recounter.recount(T, None).tag is None


def test_a_wrong_count_is_seen(job: Job) -> None:
    job.state.db.execute("UPDATE pane_counts SET posts = posts + 1 WHERE hash IS NULL AND pane_ms = ?", [T])
    posts = job.recounter.recount(T, None).posts
    assert posts.counted is not None
    assert posts.counted > posts.recounted == inside(T)


def test_posts_that_were_written_after_those_of_the_next_pane_count(job: Job) -> None:
    # The clock of another producer is a second behind.
    begin = T + 5 * PANE_MS
    job.topic.write(0, POSTS[0] | {"at_ms": begin}, POSTS[0] | {"at_ms": begin + PANE_MS + 500})
    job.topic.write(0, POSTS[0] | {"at_ms": begin + PANE_MS - 500})
    job.count(begin + PANE_MS)
    assert job.recounter.recount(begin, None).posts == Numbers(2, 2)


def test_of_a_pane_whose_posts_were_late_there_is_a_sentence(job: Job) -> None:
    job.topic.write(0, POSTS[0])
    job.count(T + 5 * PANE_MS)
    assert job.refusal(T) == LATE
    # Other panes can be compared all the same.
    assert job.recounter.recount(T + PANE_MS, None).posts == Numbers(inside(T + PANE_MS), inside(T + PANE_MS))


def test_what_can_not_be_counted_again_is_refused_with_a_sentence(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    assert job.refusal(T + 1) == "no pane begins at this time"
    assert job.refusal(T + 4 * PANE_MS) == "this pane is not closed yet"
    monkeypatch.setattr(pane_log, "MOST_POSTS", 50)
    assert job.refusal(T + PANE_MS) == "the pane has more than 50 posts"
    monkeypatch.undo()
    job.topic.remove_before(0, 10)
    assert job.refusal(T) == "Kafka does not store all posts of this pane any more"
    assert job.recounter.recount(T + PANE_MS, None).posts == Numbers(inside(T + PANE_MS), inside(T + PANE_MS))
    job.topic.broker.delete_topic(job.topic.name)
    assert job.refusal(T + PANE_MS) == "Kafka can't give the posts now"
    job.topic.broker.create_topic(job.topic.name, 2)
    assert job.refusal(T + PANE_MS) == "the job counts another log than the one that Kafka has now"
