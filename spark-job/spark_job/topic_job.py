"""The main loop, if the log is on Kafka: it reads the topic whether ingest can be reached or not."""

import random
import threading
from collections.abc import Callable

from spark_job.ingest_watch import IngestWatch
from spark_job.job import Job
from spark_job.kafka.topic_watch import TopicWatch
from spark_job.snapshot_schema import Ingest
from spark_job.spark.query import Query
from spark_job.state.progress import Progress
from spark_job.topic_coordinator import TopicCoordinator


class LogRefusedError(Exception):
    """Kafka refuses what the job was set up with, and no waiting ends that. One sentence names the setting."""


class TopicJob(Job):
    """The main loop."""

    def __init__(
        self,
        coordinator: TopicCoordinator,
        watches: tuple[IngestWatch, TopicWatch],
        query: Query,
        tick_seconds: float,
        rand: Callable[[], float] = random.random,
    ) -> None:
        """`watches`: that of ingest, which says what its sources do, and that of the topic."""
        ingest, topic = watches
        super().__init__(coordinator, ingest, query, tick_seconds, rand)
        self._of_topic = coordinator
        self._topic = topic

    def run(self, stop: threading.Event) -> bool:
        """As `Job.run`, with the thread that watches the topic.

        Raises:
            LogRefusedError: Kafka refuses the first request.

        """
        self._topic.start()
        try:
            return super().run(stop)
        finally:
            self._topic.stop()

    def _tick(self, ingest: Ingest, quiet_ms: int) -> None:
        self._of_topic.note_topic(self._topic.latest)
        super()._tick(ingest, quiet_ms)

    def _acknowledge(self, progress: Progress) -> None:  # noqa: ARG002 - the position has more numbers
        self._topic.note_counted(self._of_topic.positions())

    def _last_at_ms(self, progress: Progress) -> int | None:  # noqa: ARG002 - the sum of positions is no place in a topic
        return None

    def _begin(self, ingest: Ingest) -> None:  # noqa: ARG002 - the broker has the posts
        asked = self._topic.latest
        if asked.ends is None and asked.error is not None and asked.is_refused:
            raise LogRefusedError(asked.error)
        if asked.ends is None or asked.error is not None:
            return
        resumed = self._of_topic.resume_topic(asked.ends)
        if resumed is None:
            return
        self._start_query(*resumed)
