"""The sources at work, the intake that they feed, and the spool behind it: all of ingest but its ports."""

import logging
import random
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest import source_factory as opening
from ingest.intake import progress
from ingest.intake.dedup import Seen
from ingest.intake.intake import Intake
from ingest.intake.source_runner import Feed
from ingest.log_throttle import Throttle
from ingest.posts.filter import Filter, Term
from ingest.posts.track_file import TrackFile
from ingest.settings import Settings
from ingest.sources.base import Source
from ingest.spool.clock import Clock
from ingest.spool.writer import Spool

#: Bad input of one kind is logged this often.
LOG_AGAIN_SECONDS = 60.0
#: How long a source gets to stop, all together.
STOP_SECONDS = 1.0

logger = logging.getLogger(__name__)


class Supply:
    """Posts, from their sources into a spool."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        wall_ms: Callable[[], int],
        monotonic: Callable[[], float],
        gate: threading.Event | None = None,
        on_refused: Callable[[], None] | None = None,
        on_finished: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the spool in `folder`; `start` does the rest.

        The sources wait for `gate`. `on_refused` is called when all sources are refused; without it that is logged.
        `on_finished` is called when all have ended, and not all of them were refused.

        Raises:
            SpoolError: the spool can't be opened.
            TrackError: the terms can't be read.

        """
        self._settings = settings
        self._wall_ms = wall_ms
        self._monotonic = monotonic
        self._on_refused = on_refused
        self._on_finished = on_finished
        self._stop = threading.Event()
        self._gate = gate or _open_gate()
        clock = Clock(wall_ms, monotonic)
        self.started_ms = clock.now_ms()
        terms = settings.terms()
        self.spool = Spool(folder, clock, max_age_seconds=settings.spool_max_age, max_bytes=settings.spool_max_bytes)
        throttle = Throttle(LOG_AGAIN_SECONDS, monotonic)
        self.intake = Intake(
            self.spool,
            Filter(terms, settings.languages),
            Seen(),
            limit=settings.limit,
            monotonic=monotonic,
            throttle=throttle,
            on_limit=self._stop.set,
        )
        tools = opening.Tools(wall_ms, monotonic, self._stop)
        self._sources = [opening.source(name, settings, tools) for name in settings.source]
        self.feeds = [self._feed(source) for source in self._sources]
        self.track_file = TrackFile(Path(settings.track_file), terms, self._retrack) if settings.track_file else None

    def prepare(self, *, anew: bool = False) -> None:
        """Take up the sessions where they were; `anew`: begin others."""
        stored = self.spool.progress()
        if anew:
            stored = {name: progress.ended(each) for name, each in stored.items()}
        self.intake.start(stored, self._sources, anew=anew)

    def start(self) -> None:
        """Open the sources; `prepare` comes first."""
        for feed in self.feeds:
            feed.start()
        if self.track_file:
            self.track_file.start()

    def refusals(self) -> list[str]:
        """Return a sentence for each source that is refused."""
        conditions = [(feed.name, feed.condition) for feed in self.feeds]
        return [f"{name}: {condition.error}" for name, condition in conditions if condition.state == "refused"]

    def stop(self) -> None:
        """Stop the sources, and commit what they gave."""
        self._stop.set()
        self._gate.set()
        if self.track_file:
            self.track_file.stop()
        deadline = self._monotonic() + STOP_SECONDS
        for feed in self.feeds:
            feed.join(max(0.0, deadline - self._monotonic()))
        self.intake.stop()

    def _feed(self, source: Source) -> Feed:
        return Feed(
            source,
            self.intake,
            now_ms=self._wall_ms,
            random=random.SystemRandom().random,
            stop=self._stop,
            gate=self._gate,
            on_end=self._note_end,
            monotonic=self._monotonic,
        )

    def _retrack(self, terms: Sequence[Term]) -> None:
        self._settings.check_terms(terms)
        languages = self._settings.languages
        self.intake.wanted = Filter(terms, languages)
        for feed in self.feeds:
            feed.retrack(terms, languages)

    def _note_end(self, ended: Feed) -> None:
        conditions = [feed.condition for feed in self.feeds]
        all_refused = all(condition.state == "refused" for condition in conditions)
        if all_refused and self._on_refused:
            self._on_refused()
        elif ended.condition.state == "refused":
            logger.error("%s: refused for good: %s", ended.name, ended.condition.error)
        if not all_refused and all(condition.ended for condition in conditions):
            self._on_finished()


def _open_gate() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate
