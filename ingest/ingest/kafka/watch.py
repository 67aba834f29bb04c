"""Asks the brokers every second where the topic begins and ends, and whether it is still the same."""

import logging
import threading
import time
from typing import NamedTuple

from confluent_kafka import KafkaException

from ingest.kafka.connection import Connection
from ingest.kafka.errors import error_of
from ingest.kafka.topics import TopicFacts, Topics

#: How often the brokers are asked.
ASK_AGAIN_SECONDS = 1.0
#: A topic that is missing for this long was deleted: a broker that starts may know it a little later.
GONE_SECONDS = 10.0

logger = logging.getLogger(__name__)


class Sums(NamedTuple):
    """The sums of the oldest stored and of the next committed offsets of all partitions."""

    first: int
    end: int


class TopicWatch:
    """Knows where the topic begins and ends, as the brokers last said."""

    def __init__(self, connection: Connection, topics: Topics) -> None:
        """Create it; `begin` names the topic."""
        self._connection = connection
        self._topics = topics
        self._id = ""
        self._gone_since: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="kafka watch", daemon=True)
        self.partitions = 0
        self.sums = Sums(0, 0)
        #: Why the brokers can't be asked, as one sentence.
        self.error: str | None = None
        #: Why this log can't be used any more, as one sentence.
        self.ended: str | None = None

    def begin(self, facts: TopicFacts) -> None:
        """Watch this topic from now on, and ask once.

        Raises:
            KafkaException: The brokers don't answer.

        """
        self._id, self.partitions = facts.id, facts.partitions
        self.ask()

    def start(self) -> None:
        """Ask from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Ask no more."""
        self._stop.set()

    def ask(self) -> None:
        """Ask once.

        Raises:
            KafkaException: The brokers don't answer.

        """
        address = self._connection.address
        for topic in (address.sources_topic, address.topic):
            facts = self._topics.describe(topic)
            if facts is None:
                self._note_gone(topic)
                return
            if topic == address.topic and facts.id != self._id:
                self.ended = self._connection.sentences.replaced(topic)
                return
        self._gone_since = None
        self.partitions = facts.partitions if facts else self.partitions
        first, end = self._topics.bounds(address.topic, self.partitions)
        self.sums = Sums(sum(first), sum(end))

    def _note_gone(self, topic: str) -> None:
        now = time.monotonic()
        if self._gone_since is None:
            self._gone_since = now
        elif now - self._gone_since > GONE_SECONDS:
            self.ended = self._connection.sentences.replaced(topic)

    def _work(self) -> None:
        while not self._stop.wait(ASK_AGAIN_SECONDS):
            self.error = self._why_not()

    def _why_not(self) -> str | None:
        """Ask; return why that is not possible."""
        try:
            self.ask()
        except KafkaException as raised:
            return self._connection.why(error_of(raised))
        return None
