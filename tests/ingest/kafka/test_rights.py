"""What the brokers do not allow is one sentence that names the setting; what docs/kafka.md asks for is enough."""

import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from confluent_kafka.admin import AclOperation, ResourceType
from tests.ingest.kafka.conftest import PARTITIONS, open_kafka_log, stored_ids
from tests.ingest.kafka.test_process import write_posts
from tests.ingest.support.process import Start, wait_for
from tests.kafka import rights
from tests.kafka.broker import Broker
from tests.kafka.rights import Rule
from tests.kafka.server_settings import PASSWORD, USER

from ingest.kafka.errors import KafkaStartError

LOGIN = {"kafka_security": "sasl_plaintext", "kafka_username": USER, "kafka_password": PASSWORD}
READ, WRITE = AclOperation.READ, AclOperation.WRITE
ADA, SECRET, NAME = "ada", "pw-of-ada-4711", "adas-ingest"


def rules(topic: str, of_topics: Sequence[AclOperation], of_name: Sequence[AclOperation]) -> tuple[Rule, ...]:
    topics = [(ResourceType.TOPIC, name, of_topics) for name in (topic, f"{topic}-sources")]
    return *topics, (ResourceType.TRANSACTIONAL_ID, NAME, of_name)


@pytest.fixture
def guarded(kafka_broker: Broker) -> Iterator[str]:
    """A topic with its topic of cursors, which somebody else may use, in whose group ingest has no right."""
    topic = kafka_broker.new_topic(PARTITIONS)
    kafka_broker.create_topic(f"{topic}-sources", 1, cleanup_policy="compact")
    rights.add_user(kafka_broker, ADA, SECRET)
    group = (ResourceType.GROUP, "hashtags-live", [READ])
    with rights.only(kafka_broker, "somebody-else", *rules(topic, [READ, WRITE], [WRITE]), group):
        yield topic


def test_the_documented_rights_are_enough_for_every_start(
    start: Start, kafka_broker: Broker, guarded: str, tmp_path: Path
) -> None:
    given = {
        "LOG_URL": f"kafka://{kafka_broker.address_of('SASL_SSL')}/{guarded}",
        "KAFKA_SECURITY": "sasl_tls",
        "KAFKA_CA_FILE": str(kafka_broker.ca_file),
        "KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
        "KAFKA_USERNAME": ADA,
        "KAFKA_PASSWORD": SECRET,
        "KAFKA_TRANSACTIONAL_ID": NAME,
        "SOURCE": "replay",
        "REPLAY_FILE": "posts.jsonl",
        "REPLAY_SPEED": "0",
        "LOG_LEVEL": "DEBUG",
    }
    with rights.only(kafka_broker, ADA, *rules(guarded, [READ, WRITE], [WRITE])):
        for posts in (100, 160):
            # The second start reads the cursors and the ids that the first one has stored.
            write_posts(tmp_path / "posts.jsonl", 100, first=posts - 100)
            ingest = start(**given)
            status = wait_for(ingest.ports()[0], lambda status: status["sources"][0]["state"] == "finished")
            assert (status["sources"][0]["accepted"], status["notice"]) == (posts, None)
            code, out, err = ingest.end(signal.SIGTERM)
            assert (code, SECRET in out + err) == (0, False)
    assert len(stored_ids(kafka_broker.address, guarded)) == 160
    assert status["sources"][0]["duplicate"] == 40


@pytest.mark.parametrize(
    ("of_topics", "of_name", "sentence"),
    [
        ([], [WRITE], "LOG_URL must have a topic that ingest may write, not '{topic}' of {address} (Broker: Topic "),
        ([READ], [WRITE], "LOG_URL must have a topic that ingest may write, not '{topic}' of {address} (no right to "),
        ([READ, WRITE], [], "KAFKA_TRANSACTIONAL_ID must be one that ingest may use at {address}, not 'adas-ingest' ("),
    ],
    ids=["none", "read alone", "no transactional id"],
)
def test_a_right_that_is_missing_is_named(
    kafka_broker: Broker,
    guarded: str,
    of_topics: Sequence[AclOperation],
    of_name: Sequence[AclOperation],
    sentence: str,
) -> None:
    address = kafka_broker.address_of("SASL_PLAINTEXT")
    with (
        rights.only(kafka_broker, USER, *rules(guarded, of_topics, of_name)),
        pytest.raises(KafkaStartError) as refused,
    ):
        open_kafka_log(f"kafka://{address}/{guarded}", **LOGIN, kafka_transactional_id=NAME)
    assert str(refused.value).startswith(sentence.format(topic=guarded, address=address))
