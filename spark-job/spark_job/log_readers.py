"""What reads posts of the log beside counting: samples, recounts and lessons. The log is the spool, or on Kafka."""

from collections.abc import Callable

from spark_job.executor.ingest_client import IngestClient
from spark_job.executor.task_facts import wall_ms
from spark_job.kafka.counted_topic import CountedTopic
from spark_job.mute.mute_file import MuteFile
from spark_job.query_server.pane_log import PaneLog
from spark_job.query_server.recount import Recounter
from spark_job.query_server.spool_pane import SpoolPane
from spark_job.query_server.topic_pane import TopicPane
from spark_job.samples.newest_posts import NewestPosts, by_offset, by_time
from spark_job.samples.post_log import PostLog
from spark_job.samples.sampler import Sampler
from spark_job.samples.spool_posts import SpoolPosts
from spark_job.samples.topic_pieces import TopicPieces
from spark_job.samples.topic_posts import MOST_TRIGGER_SECONDS, TopicPosts
from spark_job.settings import Settings
from spark_job.state.store import State
from spark_job.trace.answers import TraceAnswers
from spark_job.trace.batch_posts import spool_batch_posts, topic_batch_posts
from spark_job.trace.book import TraceBook


class LogReaders:
    """Makes what reads the log."""

    def __init__(self, settings: Settings, monotonic_ms: Callable[[], int]) -> None:
        self._settings = settings
        self._monotonic_ms = monotonic_ms
        #: What is counted of the topic, if the log is on Kafka.
        self.topic = CountedTopic(monotonic_ms)

    def sampler(self, mute: MuteFile) -> Sampler | None:
        """What reads sample posts, if there shall be any."""
        settings = self._settings
        if not settings.sample_posts or (settings.log_url and settings.trigger_seconds > MOST_TRIGGER_SECONDS):
            return None
        order = by_time if settings.log_url else by_offset
        newest = NewestPosts(settings.sample_posts, settings.shows_posts_of, mute.hides, order)
        sampler = Sampler(self._post_log(), newest, self._monotonic_ms)
        self.topic.on_deleted(sampler.deleted, sampler.missed)
        return sampler

    def recounter(self, state: State) -> Recounter:
        """What counts a pane again."""
        return Recounter(self._pane_log, state.reader, state.pane_ms)

    def trace_answers(self, trace: TraceBook, mute: MuteFile) -> TraceAnswers:
        """What shows a micro-batch and its posts. A lesson rather shows no posts than waits for them."""
        settings = self._settings
        shows = settings.shows_posts_of if settings.sample_posts else lambda _: False

        def connect() -> IngestClient:
            return self.ingest_client(1.0)

        posts = topic_batch_posts(self._pieces(), self.topic) if settings.log_url else spool_batch_posts(connect)
        return TraceAnswers(trace, connect, posts, shows, mute.hides)

    def ingest_client(self, timeout_seconds: float = 5.0, token: str = "") -> IngestClient:
        """A client of ingest."""
        return IngestClient(self._settings.ingest_host, self._settings.ingest_port, timeout_seconds, token)

    def _post_log(self) -> PostLog:
        if self._settings.log_url:
            return TopicPosts(self._pieces(), self.topic, self._monotonic_ms)
        return SpoolPosts(self.ingest_client(2.0))

    def _pane_log(self) -> PaneLog:
        if self._settings.log_url:
            return TopicPane(self._settings.kafka_client(), self._settings.kafka_topic, wall_ms)
        return SpoolPane(self.ingest_client())

    def _pieces(self) -> TopicPieces:
        return TopicPieces(self._settings.kafka_client(), self._settings.kafka_topic, wall_ms)
