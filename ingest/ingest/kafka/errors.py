"""What goes wrong with Kafka, as sentences for the operator."""
# ruff: noqa: SLF001 - the names of librdkafka's own errors begin with an underscore

import re

from confluent_kafka import KafkaError, KafkaException

from ingest.settings_kafka import KafkaAddress, KafkaSettings

PARTITION_EOF = KafkaError._PARTITION_EOF
TIMED_OUT = KafkaError._TIMED_OUT
#: librdkafka asks for the group that a consumer has to name. Ingest is in no group, so it needs no right to one.
NO_RIGHT_TO_GROUP = KafkaError.GROUP_AUTHORIZATION_FAILED
#: What librdkafka says in addition to the error that tells more.
LESS_TELLING = frozenset({KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT})
#: Errors that no waiting ends: somebody must change a setting or the brokers.
_LOGIN = frozenset({KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED})
#: The brokers let nobody in with these settings.
REFUSED = _LOGIN | {KafkaError._SSL}
_RIGHTS = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
        KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    }
)
_UNKNOWN = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION})
#: Another producer has the transactional id, or the coordinator gave a transaction up that took too long.
FENCED = frozenset({KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH})
#: librdkafka adds where and when something was, which tells an operator nothing.
_DETAILS = re.compile(
    r" \(after \d+ms in state \w+.*$|^\[thrd:[^]]*\]: |: brokers$"
    # The broker, which the sentence names; a number of OpenSSL; and names of settings of librdkafka.
    r"|^\S+/(?:bootstrap|\d+): |error:[0-9A-F]+:SSL routines::|, verify that ssl\.ca\.location.*$"
)
_MOST_CHARACTERS = 200


class KafkaStartError(Exception):
    """Ingest can't start on Kafka. The text is one sentence that names the setting."""


class KafkaEndedError(Exception):
    """Ingest can't go on with this log. The text is one sentence that says why."""


def error_of(raised: KafkaException) -> KafkaError:
    """Return the error within an exception of librdkafka."""
    error = raised.args[0]
    return error if isinstance(error, KafkaError) else KafkaError(KafkaError._FAIL, str(error))


def reason(error: KafkaError) -> str:
    """Return the text of an error, without its details."""
    return _DETAILS.sub("", " ".join(error.str().split()))[:_MOST_CHARACTERS].rstrip(".")


class Sentences:
    """Sentences about one cluster and its topic."""

    def __init__(self, settings: KafkaSettings, address: KafkaAddress) -> None:
        self._settings = settings
        self._address = address

    def refusal(self, error: KafkaError, topic: str | None = None) -> str | None:
        """Return why ingest can't start, if waiting doesn't help: login, TLS, rights; None otherwise."""
        brokers, code = self._address.brokers, error.code()
        if code in _LOGIN:
            return f"KAFKA_USERNAME and KAFKA_PASSWORD must be those of a user of Kafka at {brokers} ({reason(error)})"
        if code == KafkaError._SSL:
            return f"KAFKA_SECURITY and KAFKA_CA_FILE must fit Kafka at {brokers} ({reason(error)})"
        if code == KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
            name = self._settings.transactional_id
            return (
                f"KAFKA_TRANSACTIONAL_ID must be one that ingest may use at {brokers}, not {name!r} ({reason(error)})"
            )
        if code in _RIGHTS:
            name = topic or self._address.topic
            return f"LOG_URL must have a topic that ingest may write, not {name!r} of {brokers} ({reason(error)})"
        if code in _UNKNOWN:
            return self.unknown_topic()
        return None

    def unknown_topic(self) -> str:
        """Return that there is no such topic."""
        return (
            f"LOG_URL must have a topic that exists, not {self._address.topic!r}: Kafka at {self._address.brokers} has "
            "none of this name (create it, or set KAFKA_CREATE_PARTITIONS)"
        )

    def why(self, error: KafkaError) -> str:
        """Return why Kafka can't be used now."""
        if error.code() in _UNKNOWN:
            return f"Kafka at {self._address.brokers} has no topic {self._address.topic} now"
        return f"Kafka at {self._address.brokers} can't be used ({reason(error)})"

    def fenced(self) -> str:
        """Return that another ingest has the transactional id."""
        return (
            f"another ingest uses KAFKA_TRANSACTIONAL_ID {self._settings.transactional_id}, so this one ends; each "
            "ingest needs its own"
        )

    def replaced(self, topic: str) -> str:
        """Return that the topic is gone, or another one."""
        return f"the topic {topic} of Kafka at {self._address.brokers} was deleted or made anew while it was in use"
