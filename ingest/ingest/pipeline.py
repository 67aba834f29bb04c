"""The ingest pipeline: sources -> intake -> log. Everything of ingest except its ports."""

import logging
import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.intake import progress
from ingest.intake.dedup import Deduplicator
from ingest.intake.intake import Intake
from ingest.intake.log import LogUpkeep
from ingest.intake.outcome import outcomes
from ingest.intake.source_runner import SourceRunner
from ingest.intake.upkeep import Upkeep
from ingest.kafka.log import KafkaLog
from ingest.kafka.upkeep import KafkaUpkeep
from ingest.log_throttle import LogThrottle
from ingest.posts.filter import Filter, Term
from ingest.posts.post import Post, SourcePost
from ingest.posts.track_file import TrackFile
from ingest.settings import Settings
from ingest.settings_kafka import KafkaAddress
from ingest.sources import source_class
from ingest.sources.base import NewPost, Source, SourceContext
from ingest.spool.clock import Clock
from ingest.spool.spool import Spool

#: How often bad input of one kind is logged.
LOG_AGAIN_SECONDS = 60.0
#: How long all sources together may take to stop.
STOP_SECONDS = 1.0

logger = logging.getLogger(__name__)


class IngestPipeline:
    """Runs the sources and writes their posts into a log."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        wall_ms: Callable[[], int],
        monotonic_seconds: Callable[[], float],
        kafka: KafkaAddress | None = None,
        may_start: threading.Event | None = None,
        on_refused: Callable[[], None] | None = None,
        on_finished: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the log and create the sources; `prepare` and `start` do the rest.

        Args:
            settings: The settings of ingest.
            folder: Folder of the spool, if the log is one.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            monotonic_seconds: Monotonic clock.
            kafka: Where on Kafka the log is; None: it is a spool.
            may_start: The sources wait for this event; None: they start at once.
            on_refused: Called when all sources are refused; None: that is logged.
            on_finished: Called when all sources have ended, unless all were refused.

        Raises:
            SpoolError: The spool can't be opened.
            KafkaStartError: The log on Kafka can't be opened. If its brokers can't be reached, `open_log` waits for
                them.
            TrackError: The terms can't be read.

        """
        self._settings = settings
        self._wall_ms = wall_ms
        self._monotonic_seconds = monotonic_seconds
        self._on_refused = on_refused
        self._on_finished = on_finished
        self._stop = threading.Event()
        self._may_start = may_start or _set_event()
        clock = Clock(wall_ms, monotonic_seconds)
        self.started_ms = clock.now_ms()
        terms = settings.terms()
        throttle = LogThrottle(LOG_AGAIN_SECONDS, monotonic_seconds)
        self.log: Spool | KafkaLog
        upkeep: LogUpkeep
        if kafka is None:
            self.log, upkeep = self._open_spool(folder, clock, throttle)
        else:
            self.log, upkeep = self._open_kafka(kafka, clock, throttle)
        self.intake = Intake(
            self.log,
            upkeep,
            Filter(terms, settings.languages),
            Deduplicator(),
            limit=settings.limit,
            monotonic_seconds=monotonic_seconds,
            throttle=throttle,
            on_limit=self._stop.set,
        )
        context = SourceContext(wall_ms, monotonic_seconds, self._stop)
        self._sources = [source_class(name).from_settings(settings, context) for name in settings.source]
        self.runners = [self._runner(source) for source in self._sources]
        self.track_file = TrackFile(Path(settings.track_file), terms, self._set_terms) if settings.track_file else None

    @property
    def spool(self) -> Spool:
        """The log, where it is a spool."""
        if not isinstance(self.log, Spool):
            raise TypeError("the log is on Kafka")
        return self.log

    @property
    def sources(self) -> Sequence[Source]:
        """The sources."""
        return self._sources

    def wants(self, post: SourcePost) -> bool:
        """Whether the post has the wanted terms and languages."""
        return bool(self._wanted([post]))

    @property
    def waits_for_log(self) -> bool:
        """Whether the log is on Kafka, and could not be opened yet."""
        return isinstance(self.log, KafkaLog) and not self.log.is_open

    @property
    def stops(self) -> bool:
        """Whether the end was requested."""
        return self._stop.is_set()

    def open_log(self) -> bool:
        """Wait until the log is open; return False if the end is requested meanwhile.

        Raises:
            KafkaStartError: It can't be opened, and no waiting ends that.

        """
        return not isinstance(self.log, KafkaLog) or self.log.open()

    def prepare(self, *, fresh: bool = False) -> None:
        """Resume the sessions of the sources; `fresh`: begin new ones."""
        stored = self.log.progress()
        if fresh:
            stored = {name: progress.mark_finished(each) for name, each in stored.items()}
        self.intake.start(stored, self._sources, fresh=fresh)

    def write_past(self) -> None:
        """Write what the sources make up about the time before the first start; call it before the log is served."""
        if self.log.is_new:
            end_ms = self.log.marks().watermark_ms
            for source in self._sources:
                self.log.write_past((at_ms, self._wanted(posts)) for at_ms, posts in source.past(end_ms))

    def start(self) -> None:
        """Start the sources; call `prepare` before."""
        for runner in self.runners:
            runner.start()
        if self.track_file:
            self.track_file.start()

    def refusals(self) -> list[str]:
        """Return one sentence for each source that is refused."""
        states = [(runner.name, runner.state) for runner in self.runners]
        return [f"{name}: {state.error}" for name, state in states if state.name == "refused"]

    def request_stop(self) -> None:
        """End the sources, and each wait for the log."""
        self._stop.set()
        self._may_start.set()

    def stop(self) -> None:
        """Stop the sources, and commit what they yielded."""
        self.request_stop()
        if self.track_file:
            self.track_file.stop()
        deadline = self._monotonic_seconds() + STOP_SECONDS
        for runner in self.runners:
            runner.join(max(0.0, deadline - self._monotonic_seconds()))
        self.intake.stop()

    def _open_spool(self, folder: Path, clock: Clock, throttle: LogThrottle) -> tuple[Spool, LogUpkeep]:
        settings = self._settings
        spool = Spool(folder, clock, max_age_seconds=settings.spool_max_age, max_bytes=settings.spool_max_bytes)
        return spool, Upkeep(spool, self._monotonic_seconds, throttle)

    def _open_kafka(self, kafka: KafkaAddress, clock: Clock, throttle: LogThrottle) -> tuple[KafkaLog, LogUpkeep]:
        log = KafkaLog(
            self._settings,
            kafka,
            clock,
            monotonic_seconds=self._monotonic_seconds,
            throttle=throttle,
            stop=self._stop,
        )
        upkeep = KafkaUpkeep(
            log,
            throttle,
            max_age_seconds=self._settings.spool_max_age,
            monotonic_seconds=self._monotonic_seconds,
            wait=self._stop.wait,
        )
        return log, upkeep

    def _wanted(self, posts: Sequence[SourcePost]) -> list[Post]:
        found = outcomes([NewPost(post) for post in posts], self.intake.post_filter)
        return [made for made in found.made if isinstance(made, Post)]

    def _runner(self, source: Source) -> SourceRunner:
        return SourceRunner(
            source,
            self.intake,
            wall_ms=self._wall_ms,
            random=random.SystemRandom().random,
            stop=self._stop,
            may_start=self._may_start,
            on_end=self._on_source_end,
            monotonic_seconds=self._monotonic_seconds,
        )

    def _set_terms(self, terms: Sequence[Term]) -> None:
        self._settings.check_terms(terms)
        languages = self._settings.languages
        self.intake.post_filter = Filter(terms, languages)
        for runner in self.runners:
            runner.set_terms(terms, languages)

    def _on_source_end(self, ended: SourceRunner) -> None:
        states = [runner.state for runner in self.runners]
        all_refused = all(state.name == "refused" for state in states)
        if all_refused and self._on_refused:
            self._on_refused()
        elif ended.state.name == "refused":
            logger.error("%s: refused, ingest does not retry: %s", ended.name, ended.state.error)
        if not all_refused and all(state.ended for state in states):
            self._on_finished()


def _set_event() -> threading.Event:
    event = threading.Event()
    event.set()
    return event
