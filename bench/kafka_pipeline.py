"""Our project with its log on Kafka, as a contender. Ingest is away: the job reads the posts from the broker alone."""

import re
import time
from datetime import datetime

import psutil
from tests.kafka.broker import Broker

from bench.contender import WrongCountError
from bench.kafka_topic import url
from bench.material import Material
from bench.pipeline import Pipeline

# The job's log line when it starts the query, a moment before it requests the first posts.
BEGUN = re.compile(r"^(\S+Z) .*counting from offset 0 of log kafka:", re.MULTILINE)


class KafkaPipeline(Pipeline):
    """As `Pipeline`, with a topic that has all posts before the job starts. The broker's memory counts."""

    name = "this project, the log on Kafka"

    def __init__(self, material: Material, kafka: Broker, topic: str) -> None:
        super().__init__(material, LOG_URL=url(kafka, topic))
        self._kafka = kafka

    def feed(self, posts: int, per_second: float = 0.0) -> float:  # noqa: ARG002 - all posts are in the topic
        """Do nothing. Return the time."""
        return time.monotonic()

    @property
    def asked_at(self) -> float:
        """When the job started its query, by the monotonic clock."""
        found = BEGUN.search(self.job.said)
        if found is None:
            raise WrongCountError("the job's log doesn't say from where it counts")
        begun = datetime.fromisoformat(found[1]).timestamp()
        return begun - time.time() + time.monotonic()

    def processes(self) -> list[psutil.Process]:
        """The job's processes, and the broker."""
        assert self._kafka.process is not None  # noqa: S101 - it runs
        return [psutil.Process(self.job.process.pid), *self.job.family(), psutil.Process(self._kafka.process.pid)]
