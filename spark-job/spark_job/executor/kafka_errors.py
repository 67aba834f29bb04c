"""What goes wrong with Kafka, as sentences for the operator.

It runs on executors too, so it imports confluent-kafka and the standard library only.
"""
# ruff: noqa: SLF001 - the names of librdkafka's own errors begin with an underscore

import re
from collections.abc import Mapping

from confluent_kafka import KafkaError

_LOGIN = frozenset({KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED})
#: The brokers let nobody in with these settings.
_KEPT_OUT = _LOGIN | {KafkaError._SSL}
_RIGHTS = frozenset({KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.CLUSTER_AUTHORIZATION_FAILED})
_UNKNOWN = frozenset({KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC})
_UNREACHABLE = frozenset({KafkaError._TIMED_OUT, KafkaError._TRANSPORT, KafkaError._ALL_BROKERS_DOWN})
#: What librdkafka says in addition to the error that tells more.
_LESS_TELLING = frozenset({KafkaError._ALL_BROKERS_DOWN, KafkaError._TIMED_OUT})
#: librdkafka adds where and when something was, which tells an operator nothing.
_DETAILS = re.compile(
    r" \(after \d+ms in state \w+.*$|^\[thrd:[^]]*\]: |: brokers$"
    # The broker, which the sentence names; a number of OpenSSL; and names of settings of librdkafka.
    r"|^\S+/(?:bootstrap|\d+): |error:[0-9A-F]+:SSL routines::|, verify that ssl\.ca\.location.*$"
)
_MOST_CHARACTERS = 200


class BrokerError(OSError):
    """Kafka can't be asked now; one sentence."""


class NoTopicError(BrokerError):
    """There is no such topic; one sentence."""


class RefusedError(BrokerError):
    """Kafka refuses, and no waiting ends that: a setting or a right must be changed. One sentence names the setting."""


class LastError:
    """What librdkafka last said is wrong. While a login is refused, a request itself only times out."""

    def __init__(self) -> None:
        self._last: KafkaError | None = None

    def note(self, error: KafkaError) -> None:
        """Note an error; `error_cb` of a client."""
        if self._last is None or error.code() not in _LESS_TELLING:
            self._last = error

    def forget(self) -> None:
        """Forget it: an answer has come."""
        self._last = None

    def kept_out(self) -> KafkaError | None:
        """Return the last error if it is that of a login or of TLS."""
        return self._last if self._last is not None and self._last.code() in _KEPT_OUT else None

    def telling(self, error: KafkaError) -> KafkaError:
        """Return the error that says most, and forget the last one."""
        last, self._last = self._last, None
        return last if last is not None and error.code() in _UNREACHABLE else error


class Sentences:
    """Makes sentences about one topic of one cluster."""

    def __init__(self, client: Mapping[str, str], topic: str) -> None:
        """`client`: how it is connected to, with librdkafka's names."""
        self._brokers = client.get("bootstrap.servers", "")
        self._group = client.get("client.id", "")
        self._topic = topic

    def explain(self, error: KafkaError) -> BrokerError:
        """Return an error for the operator."""
        code, brokers = error.code(), self._brokers
        if code in _LOGIN:
            return RefusedError(
                f"KAFKA_USERNAME and KAFKA_PASSWORD must be those of a user of Kafka at {brokers} ({reason(error)})"
            )
        if code == KafkaError._SSL:
            return RefusedError(f"KAFKA_SECURITY and KAFKA_CA_FILE must fit Kafka at {brokers} ({reason(error)})")
        if code in _RIGHTS:
            return self.unreadable_topic(reason(error))
        if code == KafkaError.GROUP_AUTHORIZATION_FAILED:
            return self.unreadable_group(reason(error))
        if code in _UNKNOWN:
            return NoTopicError(f"Kafka at {brokers} has no topic {self._topic}")
        if code in _UNREACHABLE:
            return BrokerError(f"Kafka at {brokers} can't be reached ({reason(error)})")
        return BrokerError(f"Kafka at {brokers} can't be used ({reason(error)})")

    def unreadable_topic(self, why: str) -> RefusedError:
        """Return that the job has no right to read the topic."""
        return RefusedError(
            f"LOG_URL must have a topic that the job may read, not {self._topic!r} of {self._brokers} ({why})"
        )

    def unreadable_group(self, why: str) -> RefusedError:
        """Return that the job has no right to commit to the group."""
        return RefusedError(
            f"KAFKA_CLIENT_ID must be a consumer group that the job may read, not {self._group!r} of {self._brokers} "
            f"({why})"
        )


def reason(error: KafkaError) -> str:
    """Return the text of an error, without its details."""
    return _DETAILS.sub("", " ".join(error.str().split()))[:_MOST_CHARACTERS].rstrip(".")
