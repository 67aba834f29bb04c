"""Sample posts of a topic of a real broker: the same rules as for the spool, and few messages are read."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from tests.kafka.broker import Broker
from tests.spark_job.conftest import Rig, T
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.snapshots import QUIET
from tests.spark_job.support.topic import Topic

from spark_job.executor.kafka_slices import PARTITIONS_AT_MOST, CountedSlice
from spark_job.kafka.counted_topic import CountedTopic
from spark_job.kafka.topic_watch import Asked
from spark_job.mute.mute_file import MuteFile
from spark_job.samples import sampler, topic_pieces
from spark_job.samples.newest_posts import NewestPosts, by_time
from spark_job.samples.sampler import Sampler
from spark_job.samples.topic_pieces import TopicPieces
from spark_job.samples.topic_posts import MOST_BEHIND_MS, MOST_DEAF_MS, TopicPosts
from spark_job.settings import Settings

pytestmark = pytest.mark.usefixtures("patient_readers")


class Job:
    """Counts a topic without Spark, and samples it without a thread."""

    def __init__(self, rig: Rig, topic: Topic, most: int = 3, sources: str = "") -> None:
        self.rig, self.topic = rig, topic
        self.now_ms, self.asked = 10_000, 0
        self.mute = MuteFile(None)
        self.counted = CountedTopic(lambda: self.now_ms)
        self.positions: dict[int, int] = topic.ends().begins
        self.counted.begin(topic.ends(), self.positions)
        settings = Settings(push_token="a-token-of-the-tests", sample_sources=sources)
        self.pieces = TopicPieces(topic.client, topic.name, lambda: T)
        self.posts = TopicPosts(self.pieces, self.counted, lambda: self.now_ms)
        newest = NewestPosts(most, settings.shows_posts_of, self.mute.hides, by_time)
        self.sampler = Sampler(self.posts, newest, lambda: self.now_ms)
        self.counted.on_deleted(self.sampler.deleted, self.sampler.missed)

    def write(self, partition: int, *posts: dict[str, Any]) -> None:
        """Write posts, and count them."""
        self.topic.write(partition, *posts)
        self.rig.count(*posts)
        self.count()

    def ask(self) -> None:
        """The broker says where the partitions end."""
        self.asked += 1
        self.counted.note_asked(Asked(self.asked, self.topic.ends(), 0, None))

    def count(self) -> None:
        """All that the topic has is counted."""
        self.ask()
        if self.topic.ends().ends == self.positions:
            self.counted.note_positions(self.positions)
            return
        slices = self.topic.count(self.positions, 1_000_000).slices
        self.counted.note_slices(slices)
        self.positions = {**self.positions, **{each.partition: each.end for each in slices}}
        self.counted.note_positions(self.positions)

    def read(self, times: int = 1) -> None:
        for _ in range(times):
            snapshot = self.rig.make(T + 1_000)
            self.sampler.note(msgspec.structs.replace(snapshot, health=QUIET))
            self.sampler.read()

    def texts(self, key: str) -> list[str]:
        samples = self.sampler._made.samples
        return [samples.posts[place].text for place in samples.of.get(key, [])]


@pytest.fixture
def job(rig: Rig, kafka_broker: Broker) -> Iterator[Job]:
    job = Job(rig, Topic(kafka_broker))
    yield job
    job.pieces.close()


@pytest.fixture(autouse=True)
def names_of_authors(monkeypatch: pytest.MonkeyPatch) -> None:
    """The counts of these tests need numbers as authors, and the log has names."""
    monkeypatch.setattr("tests.spark_job.support.tally.author_of", lambda one, offset: hash(one.get("author")) % 2**63)


def said(text: str, tag: str, at_ms: int, author: str, **fields: Any) -> dict[str, Any]:
    return post([tag], at_ms, text=text, author=author, **fields)


def test_the_newest_posts_of_different_authors_are_sent_from_all_partitions(job: Job) -> None:
    # The partition 0 has more messages, so its offsets are greater, and its posts are older.
    job.write(0, *(said(f"old {n}", "A", T + n, f"author {n}") for n in range(5)))
    job.write(1, said("newest", "A", T + 20, "author 1"), said("another", "A", T + 10, "b"))
    job.read()
    assert job.texts("a") == ["newest", "another", "old 4"]
    first = msgspec.to_builtins(job.sampler._made.samples.posts[0])
    assert (first["offset"], first["id"], first["at_ms"]) == (0 * PARTITIONS_AT_MOST + 1, "demo:6", T + 20)
    job.write(1, said("newer", "A", T + 30, "b"))
    job.read()
    assert job.texts("a") == ["newer", "newest", "old 4"]


def test_messages_that_are_no_posts_or_of_the_future_or_given_up_are_no_samples(job: Job) -> None:
    job.topic.write(0, b"no post", b'{"at_ms": 1}', said("of a given up transaction", "A", T, "1"), abort=True)
    job.topic.write(0, b"no post", b'{"id": "demo:1", "at_ms": 1}', said("tomorrow", "A", T + 86_400_000, "2"))
    job.write(0, said("a post", "A", T, "3"))
    job.read(2)
    assert job.texts("a") == ["a post"]


def test_a_message_with_the_header_that_is_counted_has_its_text_all_the_same(job: Job) -> None:
    one = said("text", "A", T, "1", id="demo:1")
    job.topic.write_with_headers(0, json.dumps(one).encode(), [("columns", b"not read")])
    job.write(1, said("another", "A", T + 1, "2"))
    job.read()
    assert job.texts("a") == ["another", "text"]


def test_a_tombstone_takes_the_post_away_at_once_and_it_never_comes_back(job: Job) -> None:
    job.write(0, *(said(f"text {n}", "A", T + n, f"author {n}") for n in range(5)))
    job.read()
    assert job.texts("a") == ["text 4", "text 3", "text 2"]
    job.topic.delete(0, "demo:4")
    job.count()
    assert job.texts("a") == ["text 4", "text 2"]
    samples = job.sampler.samples()
    assert samples is not None
    assert "text 3" not in msgspec.json.encode(samples).decode()
    # An older post takes its place, and what was read before is read again.
    job.read(2)
    assert job.texts("a") == ["text 4", "text 2", "text 1"]
    job.sampler.missed()
    job.read(3)
    assert job.texts("a") == ["text 4", "text 2", "text 1"]


def test_after_a_restart_a_deleted_post_does_not_come_back(rig: Rig, kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker)
    posts = [said(f"text {n}", "A", T + n, f"author {n}") for n in range(3)]
    topic.write(0, *posts)
    topic.delete(0, "demo:2")
    rig.count(*posts)
    job = Job(rig, topic)
    job.positions = topic.ends().ends
    job.counted.begin(topic.ends(), job.positions)
    job.ask()
    job.read(3)
    assert job.texts("a") == ["text 2", "text 0"]
    job.pieces.close()


def test_while_the_broker_does_not_answer_the_samples_are_forgotten(job: Job) -> None:
    job.write(0, said("text", "A", T, "1"))
    job.read()
    job.now_ms += MOST_DEAF_MS
    job.read()
    assert job.texts("a") == ["text"]
    job.now_ms += 1
    job.read()
    assert job.texts("a") == []
    assert job.sampler.samples() is not None
    job.count()
    job.read(2)
    assert job.texts("a") == ["text"]


def test_while_counting_is_behind_nobody_knows_what_was_deleted(job: Job) -> None:
    job.write(0, said("text", "A", T, "1"))
    job.read()
    job.topic.delete(0, "demo:1")
    for _ in range(8):
        job.now_ms += 1_000
        job.ask()
    assert job.now_ms - 10_000 > MOST_BEHIND_MS
    job.read()
    assert job.texts("a") == []
    job.count()
    job.read(3)
    assert job.texts("a") == []


def test_nothing_is_read_before_all_is_counted_that_the_topic_had_at_the_start(rig: Rig, kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker)
    topic.write(0, said("text", "A", T, "1"))
    rig.count(said("text", "A", T, "1"))
    job = Job(rig, topic)
    job.ask()
    job.read(2)
    assert job.texts("a") == []
    job.count()
    job.read(2)
    assert job.texts("a") == ["text"]
    job.pieces.close()


def test_more_deletions_than_a_task_can_name_take_all_samples_away(job: Job) -> None:
    job.write(0, *(said(f"text {n}", "A", T + n, f"author {n}") for n in range(3)))
    job.read()
    for number in (1, 2):
        job.topic.delete(0, f"demo:{number}")
    job.ask()
    end = job.topic.ends().ends[0]
    job.counted.note_slices([CountedSlice(0, end - 4, end, deleted=2, deleted_ids=("demo:1",))])
    assert job.texts("a") == []
    job.positions = job.topic.ends().ends
    job.counted.note_positions(job.positions)
    # The tombstones of the topic say it again.
    job.read(3)
    assert job.texts("a") == ["text 2"]


def test_of_a_fast_topic_few_messages_are_read(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "NEW_POSTS", 10)
    monkeypatch.setattr(sampler, "OLDER_AT_ONCE", 20)
    read: list[int] = []
    original = job.pieces.read

    def noted(slices: Any) -> Any:
        slices = [*slices]
        read.append(sum(each.end - each.start for each in slices))
        return original(slices)

    monkeypatch.setattr(job.pieces, "read", noted)
    for second in range(5):
        for partition in (0, 1):
            at_ms = T + second * 100
            job.write(partition, *(said(f"{second} {partition} {n}", "A", at_ms + n, f"{n}") for n in range(50)))
        job.read()
    assert max(read) <= 20
    assert sum(read) <= 5 * 30
    # Both partitions have a post of the newest time.
    assert job.texts("a")[0] == "4 1 49"


def test_a_tag_that_begins_to_lead_gets_older_posts(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "NEW_POSTS", 10)
    monkeypatch.setattr(sampler, "OLDER_AT_ONCE", 20)
    job.write(0, said("the only one", "Rare", T, "1"), *(said(f"{n}", "A", T + n, f"{n}") for n in range(40)))
    job.write(1, *(said(f"{n}", "A", T + n, f"{n}") for n in range(40)))
    job.read()
    assert job.texts("rare") == []
    job.read(6)
    assert job.texts("rare") == ["the only one"]


def test_posts_that_retention_has_removed_are_gone(job: Job) -> None:
    job.write(0, *(said(f"text {n}", "A", T + n, f"author {n}") for n in range(3)))
    job.read()
    job.topic.remove_before(0, 2)
    job.ask()
    job.read()
    assert job.texts("a") == ["text 2"]
    # Those that were in the index are not read again.
    job.write(1, said("more", "A", T + 9, "author 9"))
    job.read(2)
    assert job.texts("a") == ["more", "text 2"]


def test_a_partition_that_is_added_has_samples(job: Job) -> None:
    job.write(0, said("text", "A", T, "1"))
    job.read()
    job.topic.add_partition(3)
    job.write(2, said("of the new one", "A", T + 1, "2"))
    job.read()
    assert job.texts("a") == ["of the new one", "text"]


def test_x_is_off_and_muted_tags_are_hidden(job: Job) -> None:
    muted = said("muted #Bad", "A", T + 1, "2")
    job.write(0, said("of x", "A", T, "1", source="x"), muted, said("of the demo", "A", T, "3"))
    job.mute.muted = type(job.mute.muted)(("bad",))
    job.read()
    assert job.texts("a") == ["of the demo"]


def test_a_broker_that_is_away_is_an_error_in_time(
    kafka_broker: Broker, rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = Topic(kafka_broker)
    job = Job(rig, topic)
    job.write(0, said("text", "A", T, "1"))
    job.pieces._client = {"bootstrap.servers": "127.0.0.1:1"}
    with monkeypatch.context() as patch:
        patch.setattr(topic_pieces, "PATIENCE_SECONDS", 1.5)
        with pytest.raises(OSError, match="did not send the messages"):
            job.read()
    job.pieces._client = topic.client
    job.read()
    assert job.texts("a") == ["text"]
    job.pieces.close()
