"""Users of the broker, and what they may do. Who has no rule for a resource that has rules may not use it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)
from tests.kafka.broker import Broker
from tests.processes import wait_until

ASK_SECONDS = 20.0
#: Kind, name, operations.
Rule = tuple[ResourceType, str, Sequence[AclOperation]]
#: Nobody of the tests may do anything with the cluster itself, such as create a topic.
NOTHING_WITH_THE_CLUSTER = AclBinding(
    ResourceType.BROKER,
    "kafka-cluster",
    ResourcePatternType.LITERAL,
    "User:nobody",
    "*",
    AclOperation.DESCRIBE,
    AclPermissionType.ALLOW,
)


def add_user(broker: Broker, name: str, password: str) -> None:
    """Add a user who logs in by SCRAM-SHA-512."""
    how = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    admin = broker.admin()
    made = UserScramCredentialUpsertion(name, how, password.encode())
    for answer in admin.alter_user_scram_credentials([made]).values():
        answer.result(ASK_SECONDS)

    def is_there() -> bool:
        asked = admin.describe_user_scram_credentials([name])
        try:
            return isinstance(asked, dict) and bool(asked[name].result(ASK_SECONDS).scram_credential_infos)
        except KafkaException as error:
            # The broker learns later what the controller has stored.
            if error.args[0].code() != KafkaError.RESOURCE_NOT_FOUND:
                raise
            return False

    wait_until(is_there, "the user", ASK_SECONDS)


@contextmanager
def only(broker: Broker, user: str, *rules: Rule) -> Iterator[None]:
    """Give a user these rights; nobody else has one to these resources, but who does not log in."""
    admin = broker.admin()
    bindings = [NOTHING_WITH_THE_CLUSTER]
    for kind, name, operations in rules:
        literal = ResourcePatternType.LITERAL
        bindings += [
            AclBinding(kind, name, literal, f"User:{user}", "*", operation, AclPermissionType.ALLOW)
            for operation in operations
        ]
    for made in admin.create_acls(bindings).values():
        made.result(ASK_SECONDS)
    wait_until(lambda: rules_of(admin) >= {*bindings}, "the rules", ASK_SECONDS)
    try:
        yield
    finally:
        filters = [
            AclBindingFilter(
                each.restype,
                each.name,
                each.resource_pattern_type,
                each.principal,
                "*",
                each.operation,
                each.permission_type,
            )
            for each in bindings
        ]
        for removed in admin.delete_acls(filters).values():
            removed.result(ASK_SECONDS)
        wait_until(lambda: rules_of(admin).isdisjoint(bindings), "an end of the rules", ASK_SECONDS)


def rules_of(admin: AdminClient) -> set[AclBinding]:
    """All rules that the broker follows now. It learns later what the controller has stored."""
    # The types of the library don't know that None stands for any.
    every: Any = None
    all_rules = AclBindingFilter(
        ResourceType.ANY, every, ResourcePatternType.ANY, every, every, AclOperation.ANY, AclPermissionType.ANY
    )
    return {*admin.describe_acls(all_rules).result(ASK_SECONDS)}
