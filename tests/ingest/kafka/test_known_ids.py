"""What ingest knows of the topic at its start: ids of the open sessions, names by which posts may be deleted."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer
from tests.ingest.conftest import ManualClock
from tests.ingest.kafka.conftest import PARTITIONS, OpenLog, wall_ms
from tests.ingest.support.posts import plain_post
from tests.kafka.broker import Broker

from ingest.intake.dedup import Deduplicator
from ingest.intake.progress import Progress
from ingest.kafka import known_ids, topic_reader, watch
from ingest.kafka.errors import TIMED_OUT, KafkaEndedError
from ingest.kafka.log import KafkaLog
from ingest.kafka.upkeep import KafkaUpkeep
from ingest.log_throttle import LogThrottle
from ingest.posts.change import WantedChange
from ingest.spool.clock import Clock


def upkeep(log: KafkaLog, monotonic_seconds: Callable[[], float] = time.monotonic) -> KafkaUpkeep:
    throttle = LogThrottle(60, time.monotonic)
    return KafkaUpkeep(log, throttle, max_age_seconds=3600, monotonic_seconds=monotonic_seconds, wait=lambda _: None)


def loaded(log: KafkaLog, sessions: Mapping[str, Progress], **sources: frozenset[str]) -> Deduplicator:
    dedup = Deduplicator(1024)
    for name, value in sources.items():
        setattr(dedup, name, value)
    upkeep(log).load_ids(dedup, sessions, lambda: False)
    return dedup


def producer_with_open_transaction(broker: Broker, topic: str) -> Producer:
    """A producer that is not ingest. Its transaction has a message in each partition."""
    config = {"bootstrap.servers": broker.address, "log_level": 0, "transactional.id": f"other-{topic}"}
    producer = Producer(config)
    producer.init_transactions(20)
    producer.begin_transaction()
    for partition in range(PARTITIONS):
        producer.produce(topic, b"{}", f"o:{partition}", partition)
    producer.flush(20)
    return producer


def test_posts_of_an_open_session_are_duplicates_and_earlier_ones_are_only_found(
    kafka_broker: Broker, topic: str, open_log: OpenLog, manual_clock: ManualClock
) -> None:
    manual_clock.wall = wall_ms()
    log = open_log(None, Clock(manual_clock.wall_ms, manual_clock.monotonic_seconds))
    log.append([plain_post("", "t:1"), plain_post("", "t:2")], {})
    manual_clock.pass_ms(1)
    began_ms = manual_clock.wall
    log.append([plain_post("", "t:3")], {})
    producer = Producer({"bootstrap.servers": kafka_broker.address, "log_level": 0})
    producer.produce(topic, b"no post, no key")
    producer.produce(topic, b"no post", "o:1")
    producer.produce(topic, None, "t:deleted")
    producer.flush(20)
    again = open_log()
    dedup = loaded(again, {"t": Progress(first=began_ms)})
    ids = ["t:1", "t:2", "t:3", "o:1", "t:deleted", "t:new"]
    assert [bool(dedup.find(each)) for each in ids] == [True, True, True, True, True, False]
    assert dedup.add_all(ids, again.end) == [2, 3, 4]


def test_what_another_ingest_writes_while_ids_are_read_takes_no_offset_of_ours(
    kafka_broker: Broker, topic: str, open_log: OpenLog
) -> None:
    log = open_log()
    log.append([plain_post("", f"t:{number}") for number in range(40)], {})
    bounds = log.topics.written_since(topic, log.partitions, 0)
    producer = Producer({"bootstrap.servers": kafka_broker.address, "log_level": 0})
    for number in range(4000):
        producer.produce(topic, b"{}", f"o:{number}")
    producer.flush(20)
    dedup = Deduplicator(64)
    loader = known_ids.Loader(dedup, log.deleted, log.headers, {"t": Progress()}, log.end)
    known_ids.load(loader, log.connection, bounds, lambda: False)
    assert loader.next_offset <= log.end
    assert dedup.add_all(["t:7", "t:new", "o:7"], log.end) == [0]


@pytest.mark.parametrize("end", ["commit_transaction", "abort_transaction"])
def test_posts_behind_an_open_transaction_of_another_producer_are_known_when_it_ends(
    kafka_broker: Broker, topic: str, open_log: OpenLog, end: str
) -> None:
    log = open_log()
    other = producer_with_open_transaction(kafka_broker, topic)
    log.append([plain_post("", f"t:{number}") for number in range(40)], {})
    dedup = Deduplicator(1024)
    asked = 0

    def stopped() -> bool:
        """Called before each read: the transaction ends when some reads have found nothing more."""
        nonlocal asked
        asked += 1
        if asked == 5:
            assert not dedup.find("t:7")
            getattr(other, end)(20)
        return False

    upkeep(log).load_ids(dedup, {"t": Progress()}, stopped)
    assert dedup.add_all([*(f"t:{number}" for number in range(40)), "t:new"], log.end) == list(range(40))
    assert bool(dedup.find("o:0")) == (end == "commit_transaction")


def test_a_transaction_that_stays_open_is_said_and_ids_are_read_again(
    kafka_broker: Broker,
    topic: str,
    open_log: OpenLog,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(known_ids, "SILENCE_SECONDS", 1.0)
    log = open_log()
    other = producer_with_open_transaction(kafka_broker, topic)
    log.append([plain_post("", "t:1")], {})
    dedup = Deduplicator(1024)
    throttle = LogThrottle(60, time.monotonic)

    def commit(seconds: float) -> None:
        other.commit_transaction(20)
        # A busy broker may send nothing for a second, although no transaction is open any more.
        monkeypatch.undo()

    KafkaUpkeep(log, throttle, max_age_seconds=3600, monotonic_seconds=time.monotonic, wait=commit).load_ids(
        dedup, {"t": Progress()}, lambda: False
    )
    assert (
        "the ids of the log can't be read, so the sources wait: "
        f"Kafka at {kafka_broker.address} can't be used ({topic_reader.NOTHING_SENT})"
    ) in caplog.messages
    assert dedup.find("t:1")


def test_a_topic_that_is_made_anew_ends_ingest_while_ids_are_loaded(
    kafka_broker: Broker, topic: str, open_log: OpenLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "ASK_AGAIN_SECONDS", 0.1)
    log = open_log()
    producer_with_open_transaction(kafka_broker, topic)
    log.append([plain_post("", "t:1")], {})
    asked = 0

    def stopped() -> bool:
        nonlocal asked
        asked += 1
        if asked == 3:
            kafka_broker.delete_topic(topic)
            kafka_broker.create_topic(topic, PARTITIONS)
        return asked > 100

    with pytest.raises(KafkaEndedError, match=f"the topic {topic} of Kafka .* was deleted or made anew"):
        upkeep(log).load_ids(Deduplicator(1024), {"t": Progress()}, stopped)


def test_names_that_were_read_before_an_error_are_read_once(open_log: OpenLog, monkeypatch: pytest.MonkeyPatch) -> None:
    log = open_log()
    log.append([plain_post("", "t:ada/1"), plain_post("", "t:ada/2")], {})
    again = open_log()
    whole = known_ids.load
    failures = [KafkaException(KafkaError(TIMED_OUT, "no answer"))]

    def fail_once_behind_the_last(*arguments: Any) -> None:
        whole(*arguments)
        if failures:
            raise failures.pop()

    monkeypatch.setattr("ingest.kafka.upkeep.load", fail_once_behind_the_last)
    dedup = loaded(again, {"t": Progress()}, with_accounts=frozenset({"t"}))
    assert len(dedup.find_account("t:ada/")) == 2
    assert again.deleted._in_accounts == 2
    changes = [WantedChange("deleted", "t", 0, "t:ada/", is_account=True)]
    ids, applied = again.deleted.apply(changes, [])
    assert (sorted(ids), len(applied)) == (["t:ada/1", "t:ada/2"], 2)


def test_without_an_open_session_nothing_is_read(open_log: OpenLog) -> None:
    log = open_log()
    log.append([plain_post("", "t:1")], {})
    assert loaded(log, {"t": Progress(finished=True)}).find("t:1") == []


def test_of_a_long_topic_the_newest_ids_are_known(open_log: OpenLog, monkeypatch: pytest.MonkeyPatch) -> None:
    log = open_log()
    for number in range(40):
        log.append([plain_post("", f"t:{number}")], {})
    monkeypatch.setattr(known_ids, "MOST_IDS", 40)
    dedup = loaded(open_log(), {"t": Progress()})
    known = [number for number in range(40) if dedup.find(f"t:{number}")]
    # Each post is a transaction, whose marker takes an offset too.
    assert 10 <= len(known) <= 30
    assert known[-1] == 39


def test_a_post_can_be_deleted_by_its_alias_or_its_account_after_a_restart(open_log: OpenLog) -> None:
    log = open_log()
    post = plain_post("", "t:ada/1")
    post.alias = "alias:1"
    log.append([post, plain_post("", "t:ada/2")], {})
    again = open_log()
    dedup = loaded(again, {"t": Progress()}, with_aliases=frozenset({"t"}), with_accounts=frozenset({"t"}))
    assert dedup.find("alias:1")
    assert len(dedup.find_account("t:ada/")) == 2
    changes = [WantedChange("deleted", "t", 0, "alias:1")]
    assert again.deleted.apply(changes, [])[0] == ["t:ada/1"]
    changes = [WantedChange("deleted", "t", 0, "t:ada/", is_account=True)]
    assert sorted(again.deleted.apply(changes, [])[0]) == ["t:ada/1", "t:ada/2"]


def test_ids_are_known_for_a_time(open_log: OpenLog) -> None:
    log, seconds = open_log(), [0.0]
    keeper = upkeep(log, lambda: seconds[0])
    assert keeper.trim() == 0
    log.append([plain_post("", "t:1")], {})
    end = log.end
    keeper.trim()
    seconds[0] = 3600.5
    assert keeper.trim() == end
