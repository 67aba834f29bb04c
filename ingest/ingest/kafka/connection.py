"""A connection to Kafka: how clients are made, and what librdkafka last said is wrong."""

from collections.abc import Mapping
from typing import Any

from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient

from ingest.kafka.errors import LESS_TELLING, REFUSED, Sentences, reason
from ingest.settings_kafka import KafkaAddress, KafkaSettings

#: A broker that is back is found this soon.
RECONNECT_MS = 1_000
#: How long a topic may be missing until the posts for it are given back.
PROPAGATION_MS = 5_000
#: How long a request may take: a broker that is stopped in the middle must not hold ingest for a minute.
REQUEST_MS = 10_000


class Connection:
    """Makes clients of one cluster, and holds the last error of each."""

    def __init__(self, settings: KafkaSettings, address: KafkaAddress) -> None:
        self._config: Mapping[str, Any] = {
            **settings.kafka_connection(),
            # librdkafka writes to stderr by itself otherwise.
            "log_level": 0,
            "error_cb": self._note,
            "allow.auto.create.topics": False,
            "reconnect.backoff.max.ms": RECONNECT_MS,
            "socket.timeout.ms": REQUEST_MS,
            "socket.keepalive.enable": True,
            # The topics are there before a client is made, so one that is missing was deleted.
            "topic.metadata.propagation.max.ms": PROPAGATION_MS,
        }
        self.address = address
        self.sentences = Sentences(settings, address)
        self._last: KafkaError | None = None

    def admin(self) -> AdminClient:
        """Return a new client for topics and offsets."""
        config = {name: value for name, value in self._config.items() if name != "allow.auto.create.topics"}
        return AdminClient(config)

    def consumer(self) -> Consumer:
        """Return a new consumer of committed messages, which commits nothing itself."""
        return Consumer(
            {
                **self._config,
                # It must have one, and is never a member of it.
                "group.id": self._config["client.id"],
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
            }
        )

    def producer(self, **more: object) -> Producer:
        """Return a new producer."""
        names = {name.replace("_", "."): value for name, value in more.items()}
        config = {name: value for name, value in self._config.items() if name != "allow.auto.create.topics"}
        return Producer({**config, **names})

    def why(self, error: KafkaError) -> str:
        """Return why Kafka can't be used, in a sentence, after this error."""
        return self.sentences.why(self.telling(error))

    def telling(self, error: KafkaError) -> KafkaError:
        """Return the error that says most: a request only timed out while the connection was refused."""
        last, self._last = self._last, None
        return (
            last
            if last is not None and (error.code() in LESS_TELLING or not reason(error) or error.retriable())
            else error
        )

    def refused(self) -> KafkaError | None:
        """Return the last error if it is that of a login or of TLS."""
        return self._last if self._last is not None and self._last.code() in REFUSED else None

    def _note(self, error: KafkaError) -> None:
        if self._last is None or error.code() not in LESS_TELLING:
            self._last = error
