"""Connect the main loop to the log: ingest's spool, or a topic of Kafka."""

import secrets
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from pyspark.sql import SparkSession

from spark_job.changes.change import Change
from spark_job.changes.feed import ChangeFeed
from spark_job.coordinator import Coordinator
from spark_job.executor.ingest_client import IngestClient
from spark_job.executor.kafka_errors import BrokerError, RefusedError
from spark_job.executor.topic_ends import TopicEnds
from spark_job.ingest_watch import IngestWatch
from spark_job.job import Job
from spark_job.kafka.counted_topic import CountedTopic
from spark_job.kafka.topic_watch import TopicWatch
from spark_job.settings import Settings
from spark_job.spark.batch_writer import NoteMessages
from spark_job.spark.query import AUTHOR_KEY_BYTES, Query
from spark_job.state.author_key import author_key
from spark_job.state.store import State
from spark_job.state.take_back import take_back
from spark_job.topic_coordinator import TopicCoordinator
from spark_job.topic_job import TopicJob

#: How long the brokers may take to answer before Spark starts.
START_CHECK_SECONDS = 3.0

#: Is called with deleted and edited posts, and without any when changes are lost.
Tell = tuple[Callable[[Sequence[Change]], None], Callable[[], None]]


def wall_ms() -> int:
    """The wall clock."""
    return time.time_ns() // 1_000_000


def refusal_of_topic(settings: Settings) -> str | None:
    """Return why the job can't read the log on Kafka, if no waiting ends that; one sentence that names the setting.

    None as well if the brokers don't answer, or have no topic yet: both may come.
    """
    if not settings.log_url:
        return None
    try:
        topic = TopicEnds(settings.kafka_client(), settings.kafka_topic, START_CHECK_SECONDS)
        topic.check_rights(settings.kafka_client_id)
    except RefusedError as error:
        return str(error)
    except BrokerError:
        return None
    return None


def coordinator_of(settings: Settings, counted: CountedTopic) -> Callable[..., Coordinator]:
    """What makes the one who counts micro-batches of this log. `counted` is told what is counted of a topic."""
    return partial(TopicCoordinator, counted=counted) if settings.log_url else Coordinator


def query_of(
    spark: SparkSession, settings: Settings, scratch: Path, coordinator: Coordinator, note: NoteMessages
) -> Query:
    """The streaming query. If the log is on Kafka, the key of the hashes of authors is stored.

    Raises:
        SparkGoneError: Spark is gone.

    """

    def stored_key(state: State) -> str:
        return author_key(state.db, lambda: secrets.token_hex(AUTHOR_KEY_BYTES))

    key = coordinator.with_state(stored_key) if settings.log_url else None
    return Query(spark, settings, scratch, coordinator.count, wall_ms, note=note, author_key=key)


def feed_of(settings: Settings, coordinator: Coordinator, tell: Tell) -> ChangeFeed | None:
    """What reads ingest's log of changes. A topic has none."""
    if settings.log_url:
        return None

    def count_changes(log: str, changes: Sequence[Change], after: int) -> int:
        counted = coordinator.with_state(lambda state: take_back(state, log, changes, after))
        return -1 if counted is None else counted

    tell_changes, tell_missed = tell
    client = IngestClient(settings.ingest_host, settings.ingest_port, 2.0)
    return ChangeFeed(client, tell_changes, count_changes, tell_missed)


def job_of(settings: Settings, coordinator: Coordinator, query: Query, feed: ChangeFeed | None) -> Job:
    """The main loop."""
    token = settings.push_token.get_secret_value()
    watch = IngestWatch(IngestClient(settings.ingest_host, settings.ingest_port, 2.0, token), wall_ms)
    tick_seconds = min(1.0, max(0.25, settings.trigger_seconds))
    if not isinstance(coordinator, TopicCoordinator):
        return Job(coordinator, watch, query, tick_seconds, changes=feed)

    def connect() -> TopicEnds:
        return TopicEnds(settings.kafka_client(), settings.kafka_topic)

    topic = TopicWatch(connect, settings.kafka_client_id, lambda: watch.latest, wall_ms, tick_seconds)
    return TopicJob(coordinator, (watch, topic), query, tick_seconds)
