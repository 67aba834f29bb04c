"""The log on Kafka, on a real broker: each run is committed once, with its cursors, whatever happens in between."""

import json
import threading
import time
from collections.abc import Sequence

import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, Producer, TopicCollection
from tests.ingest.kafka.conftest import (
    INGEST,
    PARTITIONS,
    OpenLog,
    messages_of,
    open_kafka_log,
    stored_ids,
    stored_posts,
    wall_ms,
)
from tests.ingest.support.posts import plain_post
from tests.kafka.broker import Broker
from tests.processes import wait_until

from ingest.intake.dedup import Deduplicator
from ingest.intake.log import UnwritableError
from ingest.intake.progress import Progress
from ingest.kafka import known_ids, watch
from ingest.kafka.errors import KafkaEndedError, KafkaStartError
from ingest.posts.change import WantedChange
from ingest.posts.post import Post, Tag
from ingest.spool.apply import Applied
from ingest.spool.clock import Clock


def posts(*numbers: int) -> list[Post]:
    return [plain_post(f"text {number}", f"t:{number}") for number in numbers]


def test_a_post_is_a_message_with_its_id_its_line_and_its_time(
    kafka_broker: Broker, topic: str, open_log: OpenLog
) -> None:
    at_ms = wall_ms()
    log = open_log(None, Clock(lambda: at_ms, lambda: 0.0))
    log.append([plain_post("straße \n 🚋", "t:ñ")], {"t": b"{}"})
    (message,) = messages_of(kafka_broker.address, topic)
    assert message.timestamp() == (TIMESTAMP_CREATE_TIME, at_ms)
    assert message.key() == "t:ñ".encode()
    assert message.headers() == [("columns", f"{at_ms}\tt\tund\t\t\t\t".encode())]
    line = {"id": "t:ñ", "at_ms": at_ms, "created_at": None, "author": None, "text": "straße \n 🚋", "tags": []}
    assert json.loads(message.value() or b"") == {**line, "lang": "und", "source": "t", "url": None}
    assert (message.value() or b"").startswith(b'{"id":')


def test_posts_lie_where_every_client_with_the_usual_partitioner_would_put_them(
    kafka_broker: Broker, topic: str, open_log: OpenLog
) -> None:
    open_log().append(posts(*range(100)), {"t": b"{}"})
    placed = {message.key(): message.partition() for message in messages_of(kafka_broker.address, topic)}
    other = kafka_broker.new_topic(PARTITIONS)
    producer = Producer({"bootstrap.servers": kafka_broker.address, "partitioner": "murmur2_random", "log_level": 0})
    for key in placed:
        producer.produce(other, b"", key)
    producer.flush(20)
    assert {message.key(): message.partition() for message in messages_of(kafka_broker.address, other)} == placed
    assert len(set(placed.values())) == PARTITIONS


def test_a_restart_finds_the_cursors_of_the_last_commit(kafka_broker: Broker, topic: str, open_log: OpenLog) -> None:
    log = open_log()
    assert log.progress() == {}
    log.append(posts(1), {"t": b"one", "u": b"u"})
    log.append(posts(2), {"t": b"two"})
    assert open_log().progress() == {"t": b"two", "u": b"u"}
    other = open_kafka_log(f"kafka://{kafka_broker.address}/{topic}", kafka_transactional_id="another")
    assert other.progress() == {}
    other.close()
    keys = [message.key() for message in messages_of(kafka_broker.address, f"{topic}-sources")]
    assert keys == [f"{INGEST}/t".encode(), f"{INGEST}/u".encode(), f"{INGEST}/t".encode()]


def test_an_ingest_that_was_killed_in_a_transaction_leaves_nothing_of_it(
    kafka_broker: Broker, topic: str, open_log: OpenLog
) -> None:
    log = open_log()
    log.append(posts(1), {"t": b"one"})
    producer = log._writer._producer
    assert producer is not None
    producer.begin_transaction()
    producer.produce(topic, b'{"id":"t:2"}', "t:2")
    producer.flush(20)
    again = open_log()
    assert again.progress() == {"t": b"one"}
    again.append(posts(3), {"t": b"three"})
    assert stored_ids(kafka_broker.address, topic) == ["t:1", "t:3"]


def test_a_second_ingest_of_the_same_name_ends_the_first_with_a_sentence(
    kafka_broker: Broker, topic: str, open_log: OpenLog
) -> None:
    first = open_log()
    first.append(posts(1), {"t": b"one"})
    second = open_log()
    with pytest.raises(KafkaEndedError) as ended:
        first.append(posts(2), {"t": b"two"})
    assert str(ended.value) == (
        f"another ingest uses KAFKA_TRANSACTIONAL_ID {INGEST}, so this one ends; each ingest needs its own"
    )
    second.append(posts(3), {"t": b"three"})
    assert stored_ids(kafka_broker.address, topic) == ["t:1", "t:3"]


def test_a_run_that_the_brokers_refuse_is_written_once_when_they_take_it(
    kafka_broker: Broker, topic: str, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_log()
    run = posts(1, 2)
    original = log._writer._produce

    def refuse(producer: Producer, batch: object) -> None:
        original(producer, batch)  # type: ignore[arg-type]
        producer.produce(f"{topic}-that-is-missing", b"x")

    monkeypatch.setattr(log._writer, "_produce", refuse)

    def written() -> bool:
        try:
            log.append(run, {"t": b"one"})
        except UnwritableError as error:
            said.add(str(error))
            # The commit of the first attempt may end later than the attempt.
            if log._in_doubt is None:
                monkeypatch.undo()
            return False
        return True

    said: set[str] = set()
    wait_until(written, "the run is committed", 120)
    assert f"Kafka at {kafka_broker.address} has no topic {topic} now" in said
    assert stored_ids(kafka_broker.address, topic) == ["t:1", "t:2"]


def test_without_a_topic_a_sentence_says_what_to_do(kafka_broker: Broker) -> None:
    url = f"kafka://{kafka_broker.address}/no-such-topic"
    with pytest.raises(KafkaStartError) as refused:
        open_kafka_log(url)
    assert str(refused.value) == (
        f"LOG_URL must have a topic that exists, not 'no-such-topic': Kafka at {kafka_broker.address} has none of this "
        "name (create it, or set KAFKA_CREATE_PARTITIONS)"
    )


def test_a_missing_topic_is_created_if_that_is_allowed(kafka_broker: Broker) -> None:
    log = open_kafka_log(f"kafka://{kafka_broker.address}/made-{time.time_ns()}", kafka_create_partitions=3)
    assert (log.partitions, log.is_new, log.end) == (3, True, 0)
    log.close()


def test_what_was_made_up_about_the_time_before_is_in_a_new_topic_only(
    kafka_broker: Broker, topic: str, open_log: OpenLog
) -> None:
    log = open_log()
    log.write_past([(1000, posts(1, 2)), (2000, posts(3))])
    times = {message.key(): message.timestamp()[1] for message in messages_of(kafka_broker.address, topic)}
    assert times == {b"t:1": 1000, b"t:2": 1000, b"t:3": 2000}
    again = open_log()
    assert not again.is_new
    again.write_past([(1000, posts(4))])
    assert stored_ids(kafka_broker.address, topic) == ["t:1", "t:2", "t:3"]


def test_a_deletion_is_one_tombstone_and_an_edit_is_none(kafka_broker: Broker, topic: str, open_log: OpenLog) -> None:
    log = open_log()
    with_alias = plain_post("two", "t:2")
    with_alias.alias = "alias:2"
    log.append([plain_post("one", "t:1"), with_alias], {"t": b"0"})
    changes = [
        WantedChange("deleted", "t", 0, "t:1"),
        WantedChange("deleted", "t", 0, "alias:2"),
        WantedChange("edited", "t", 0, "t:1", "new"),
    ]
    applied: list[Applied] = []

    def count(found: Sequence[Applied]) -> dict[str, bytes]:
        applied.extend(found)
        return {"t": b"1"}

    log.append([], {"t": b"0"}, lambda: None, changes, count)
    log.append([], {"t": b"0"}, lambda: None, changes[:1], count)
    assert [each.effect for each in applied] == ["deleted", "deleted", "not_stored", "none"]
    tombstones = [each.key() for each in messages_of(kafka_broker.address, topic) if each.value() is None]
    assert sorted(key or b"" for key in tombstones) == [b"t:1", b"t:2"]
    assert open_log().progress() == {"t": b"1"}


def test_a_tombstone_says_what_was_counted_of_its_post_and_not_who_wrote_it(
    kafka_broker: Broker, topic: str, open_log: OpenLog
) -> None:
    log = open_log()
    log.append([tagged("t:1"), tagged("t:2")], {"t": b"0"})
    at_ms = {each["id"]: each["at_ms"] for each in stored_posts(kafka_broker.address, topic)}
    # The post of the run itself, one of an earlier run, and one that nobody knows.
    deleted = [WantedChange("deleted", "t", 0, each) for each in ("t:1", "t:3", "t:0")]
    log.append([tagged("t:3")], {"t": b"1"}, lambda: None, deleted)
    at_ms |= {each["id"]: each["at_ms"] for each in stored_posts(kafka_broker.address, topic)}
    found = {each.key(): each.headers() for each in messages_of(kafka_broker.address, topic) if each.value() is None}
    assert found == {
        b"t:1": [("deleted", f"{at_ms['t:1']}\tt\tes\tcup\x1fgol".encode())],
        b"t:3": [("deleted", f"{at_ms['t:3']}\tt\tes\tcup\x1fgol".encode())],
        b"t:0": None,
    }


def test_after_a_restart_a_tombstone_says_it_too(kafka_broker: Broker, topic: str, open_log: OpenLog) -> None:
    first = open_log()
    first.append([tagged("t:1")], {"t": b"0"})
    (stored,) = stored_posts(kafka_broker.address, topic)
    again = open_log()
    loader = known_ids.Loader(Deduplicator(), again.deleted, again.headers, {"t": Progress()}, again.end)
    known_ids.load(loader, again.connection, again.topics.written_since(topic, PARTITIONS, 0), lambda: False)
    again.append([], {"t": b"1"}, lambda: None, [WantedChange("deleted", "t", 0, "t:1")])
    (tombstone,) = [each for each in messages_of(kafka_broker.address, topic) if each.value() is None]
    assert tombstone.headers() == [("deleted", f"{stored['at_ms']}\tt\tes\tcup\x1fgol".encode())]


def tagged(post_id: str) -> Post:
    post = plain_post("a #Cup and a #gol", post_id)
    post.lang, post.author, post.tags = "es", "ada", [Tag("cup", "Cup"), Tag("gol", "gol")]
    return post


def test_the_deletion_of_an_account_is_a_tombstone_for_each_of_its_posts(
    kafka_broker: Broker, topic: str, open_log: OpenLog
) -> None:
    log = open_log()
    log.deleted.with_accounts = frozenset({"t"})
    log.append([plain_post("", "t:ada/1"), plain_post("", "t:ada/2"), plain_post("", "t:bob/1")], {"t": b"0"})
    changes = [WantedChange("deleted", "t", each, "t:ada/", is_account=True) for each in (0, 1)]
    log.append([plain_post("", "t:ada/3")], {"t": b"1"}, lambda: None, changes)
    tombstones = [each.key() for each in messages_of(kafka_broker.address, topic) if each.value() is None]
    assert sorted(key or b"" for key in tombstones) == [b"t:ada/1", b"t:ada/2", b"t:ada/3"]


def test_the_marks_are_the_sums_of_all_partitions(kafka_broker: Broker, topic: str, open_log: OpenLog) -> None:
    log = open_log()
    log.append(posts(*range(100)), {"t": b"0"})
    # Each partition has a marker behind its posts.
    wait_until(lambda: log.marks().end == 100 + PARTITIONS, "the watch has asked", 60)
    assert (log.marks().first, log.marks().log) == (0, log.log)
    admin = kafka_broker.admin()
    described = admin.describe_topics(TopicCollection([topic]))[topic].result()
    assert log.log == f"kafka:{described.topic_id}"
    assert open_log().log == log.log


def test_a_topic_that_is_made_anew_ends_ingest(
    kafka_broker: Broker, topic: str, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "ASK_AGAIN_SECONDS", 0.1)
    log = open_log()
    before = log.log
    kafka_broker.delete_topic(topic)
    kafka_broker.create_topic(topic, 1)
    wait_until(lambda: log.watch.ended, "it was noticed", 60)
    with pytest.raises(KafkaEndedError, match=f"the topic {topic} of Kafka .* was deleted or made anew"):
        log.check_in_place()
    assert open_log().log != before


def test_a_reader_of_the_tail_gets_what_is_committed_from_then_on(open_log: OpenLog) -> None:
    log = open_log()
    log.append(posts(1), {"t": b"0"})
    reader = log.feed.subscribe(10)
    got: list[bytes] = []
    thread = threading.Thread(target=lambda: got.append(reader.take(20)))
    thread.start()
    log.append(posts(2, 3), {"t": b"1"})
    thread.join()
    assert [json.loads(line)["id"] for line in got[0].splitlines()] == ["t:2", "t:3"]
    reader.done()
    log.append(posts(*range(100, 111)), {"t": b"2"})
    assert (reader.is_behind, reader.take(0)) == (True, b"")
