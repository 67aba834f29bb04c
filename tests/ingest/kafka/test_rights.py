"""What the brokers do not allow is one sentence that names the setting."""

from collections.abc import Iterator

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)
from tests.ingest.kafka.conftest import PARTITIONS, open_kafka_log
from tests.kafka.broker import Broker
from tests.kafka.server_settings import PASSWORD, USER

from ingest.kafka.errors import KafkaStartError

ALLOW = AclPermissionType.ALLOW
LOGIN = {"kafka_security": "sasl_plaintext", "kafka_username": USER, "kafka_password": PASSWORD}


@pytest.fixture
def read_only(kafka_broker: Broker) -> Iterator[str]:
    """A topic that the user may only read."""
    topic = kafka_broker.new_topic(PARTITIONS)
    admin = kafka_broker.admin()
    rules = [
        AclBinding(ResourceType.TOPIC, topic, ResourcePatternType.LITERAL, f"User:{USER}", "*", operation, ALLOW)
        for operation in (AclOperation.READ, AclOperation.DESCRIBE)
    ]
    for made in admin.create_acls(rules).values():
        made.result(20)
    yield topic
    of_topic = AclBindingFilter(
        ResourceType.TOPIC,
        topic,
        ResourcePatternType.LITERAL,
        f"User:{USER}",
        "*",
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    for deleted in admin.delete_acls([of_topic]).values():
        deleted.result(20)


def test_a_topic_that_ingest_may_not_write(kafka_broker: Broker, read_only: str) -> None:
    address = kafka_broker.address_of("SASL_PLAINTEXT")
    with pytest.raises(KafkaStartError) as refused:
        open_kafka_log(f"kafka://{address}/{read_only}", **LOGIN)
    assert str(refused.value) == (
        f"LOG_URL must have a topic that ingest may write, not '{read_only}' of {address} (no right to write)"
    )
