"""A topic of a real broker is counted exactly, with all that can be in it."""

import json

import pytest
from tests.kafka.broker import Broker
from tests.spark_job.support.fake_ingest import post
from tests.spark_job.support.topic import Topic, counted_of, posts_of

from spark_job.executor import kafka_source
from spark_job.executor.data_source import LogReplacedError
from spark_job.executor.kafka_deletions import TakenBackPost
from spark_job.executor.kafka_errors import NoTopicError
from spark_job.executor.kafka_slices import CountedSlice, KafkaSlice
from spark_job.executor.topic_ends import TopicEnds

T = 1_795_176_000_000


def test_committed_posts_are_counted_and_aborted_ones_are_not(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker)
    topic.write(0, post(["a"], T), post(["a", "b"], T + 1))
    topic.write(1, post(["c"], T + 2), abort=True)
    topic.write(1, post(["b"], T + 3), abort=False)
    counted = topic.count()
    assert posts_of(counted) == {"": 3, "a": 2, "b": 2}
    # Behind each transaction there is a marker with an offset of its own.
    assert counted.slices == [
        CountedSlice(0, 0, 3, posts=2, newest_at_ms=T + 1),
        CountedSlice(1, 0, 4, posts=1, newest_at_ms=T + 3),
    ]


def test_messages_that_are_no_posts_are_counted_as_skipped_and_deletions_as_deleted(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker)
    topic.write(0, post(["a"], T), b"no post", b"\x00\xff", post(["a"], T), None)
    counted = topic.count()
    assert posts_of(counted) == {"": 2, "a": 2}
    (found,) = counted.slices
    assert (found.posts, found.skipped, found.deleted, [*found.deleted_ids]) == (2, 2, 1, ["demo:4"])


def test_a_header_stands_for_the_value_and_other_headers_for_nothing(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker)
    line = json.dumps(post(["value"], T)).encode()
    row = f"{T}\tdemo\ten\tann\t7\theader\tHeader".encode()
    topic.write_with_headers(0, line, [("columns", row)])
    topic.write_with_headers(0, line, [("traceparent", b"00-1"), ("columns", row)])
    topic.write_with_headers(0, line, [("traceparent", b"00-1"), ("columns", None)])
    topic.write_with_headers(0, line, [("columns", b"no row")])
    # A post that was deleted is not there, whatever headers the message has.
    topic.write_with_headers(0, None, [("columns", row)])
    counted = topic.count()
    assert posts_of(counted) == {"": 3, "header": 2, "value": 1}
    (found,) = counted.slices
    assert (found.posts, found.skipped, found.deleted) == (3, 1, 1)


def test_copies_of_a_text_are_known_by_the_fingerprint_in_the_header(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker)
    for author in ("ann", "bob"):
        row = f"{T}\tdemo\ten\t{author}\t7\ta\tA".encode()
        topic.write_with_headers(0, b"{}", [("columns", row)])
    topic.write(0, post(["a"], T, author="eve"))
    uses = [use for use in topic.count().uses.to_pylist() if use["key"]]
    assert len({use["author"] for use in uses}) == 3
    # A post without a header has a text of its own.
    (own,) = {use["text"] for use in uses} - {7}
    assert [use["text"] for use in uses].count(7) == 2
    assert own in {use["author"] for use in uses}


def test_tombstones_say_what_was_counted_of_their_posts(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker, 1)
    said = (f"{T}\tdemo\tes\tcup\x1fgol", f"{T}\tx\ten\t", f"{T}\tx\ten", "-1\tx\ten\ta", "1e9\tx\ten\ta", "\xff")
    for number, row in enumerate(said):
        topic.delete(0, f"demo:{number}", row.encode("latin-1"))
    topic.delete(0, "demo:none", None)
    (found,) = topic.count().slices
    assert (found.deleted, len(found.deleted_ids), found.skipped) == (7, 7, 0)
    assert found.taken_back == (TakenBackPost(T, "demo", "es", ("cup", "gol")), TakenBackPost(T, "x", "en", ()))


def test_a_topic_of_nothing_but_markers_moves_the_position(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker, 1)
    topic.write(0, post(["a"], T), abort=True)
    counted = topic.count()
    assert (len(counted.counts), counted.slices) == (0, [CountedSlice(0, 0, 2)])


def test_slices_of_small_micro_batches_join_without_a_gap(
    kafka_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_source, "MIN_POSTS_PER_PARTITION", 3)
    topic = Topic(kafka_broker)
    for number in range(10):
        topic.write(number % 2, *[post([f"t{number}"], T + number) for _ in range(number)])
    stream = topic.stream(most=7, tasks=2)
    found: dict[str, int] = {}
    at = stream.initialOffset()
    while (until := stream.latestOffset()) != at:
        tasks = stream.partitions(at, until)
        assert sum(each.end - each.start for task in tasks for each in task.slices) <= 7
        for key, posts in posts_of(counted_of(stream, tasks)).items():
            found[key] = found.get(key, 0) + posts
        at = until
    assert found == {"": 45} | {f"t{number}": number for number in range(1, 10)}
    assert until == {str(partition): end for partition, end in topic.ends().ends.items()}


def test_what_retention_has_removed_is_lost_and_the_rest_is_counted(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker)
    topic.write(0, *[post(["a"], T + each) for each in range(10)])
    topic.write(1, post(["b"], T))
    topic.remove_before(0, 4)
    counted = topic.count({0: 1, 1: 0})
    assert posts_of(counted) == {"": 7, "a": 6, "b": 1}
    assert [each.lost for each in counted.slices] == [3, 0]
    topic.remove_before(1, 2)
    assert [each.lost for each in topic.count({0: 11, 1: 0}).slices] == [2]


def test_a_partition_that_is_added_is_counted_from_its_beginning(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker, 1)
    topic.write(0, post(["a"], T))
    stream = topic.stream({0: 0})
    at = stream.latestOffset()
    topic.add_partition(2)
    topic.write(1, post(["b"], T), post(["b"], T))
    until = stream.latestOffset()
    assert (at, until) == ({"0": 2}, {"0": 2, "1": 3})
    (task,) = stream.partitions(at, until)
    assert task.slices == (KafkaSlice(1, 0, 3),)
    assert posts_of(counted_of(stream, [task])) == {"": 2, "b": 2}


def test_a_topic_that_is_made_anew_ends_the_query(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker, 1)
    topic.write(0, post(["a"], T))
    stream, before = topic.stream(), topic.ends().log
    kafka_broker.delete_topic(topic.name)
    assert stream.latestOffset() == {}
    kafka_broker.create_topic(topic.name, 1)
    assert topic.ends().log != before
    with pytest.raises(LogReplacedError):
        stream.latestOffset()


def test_a_topic_that_ends_before_the_position_ends_the_query(kafka_broker: Broker) -> None:
    topic = Topic(kafka_broker, 1)
    with pytest.raises(LogReplacedError):
        topic.stream({0: 5}).latestOffset()


def test_a_missing_topic_and_a_missing_broker_are_one_sentence(kafka_broker: Broker) -> None:
    with pytest.raises(NoTopicError, match=r"^Kafka at [0-9.:]+ has no topic nothing$"):
        TopicEnds({"bootstrap.servers": kafka_broker.address}, "nothing").ask()
    with pytest.raises(OSError, match=r"^Kafka at 127\.0\.0\.1:1 can't be reached \(.+\)$"):
        TopicEnds({"bootstrap.servers": "127.0.0.1:1"}, "nothing", 0.3).ask()
