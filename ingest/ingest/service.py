"""The parts of ingest put together: sources, intake, spool, and the two ports."""

import logging
import random
import secrets
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

from ingest import filter as post_filter
from ingest.audience import Audience
from ingest.clock import Clock
from ingest.feed import Feed
from ingest.filter import Filter
from ingest.intake import Intake
from ingest.listener import Listener
from ingest.seen import Seen
from ingest.server import Server
from ingest.settings import Settings
from ingest.sources.base import Source
from ingest.sources.demo import Demo
from ingest.sources.replay import Replay
from ingest.spool import Spool
from ingest.status import StatusBoard
from ingest.tail import Tail
from ingest.throttle import Throttle

#: Bad input of one kind is logged this often.
LOG_AGAIN_SECONDS = 60.0
#: How long a source gets to stop, all together.
STOP_SECONDS = 1.0

_log = logging.getLogger("ingest")


class Service:
    """Ingest, from its sources to its ports.

    With an `audience` it is the command line's: sources wait for the first reader, and no reader is dropped.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        wall_ms: Callable[[], int],
        monotonic: Callable[[], float],
        audience: Audience | None = None,
        on_refused: Callable[[], None] = lambda: None,
    ) -> None:
        """Open the spool in `folder` and the ports; `start` does the rest.

        Raises:
            SpoolError: the spool can't be opened.
            PortTakenError: a port can't be had.

        """
        self._settings = settings
        self._monotonic = monotonic
        self._audience = audience
        self._on_refused = on_refused
        self._stop = threading.Event()
        self._gate = audience.present if audience else threading.Event()
        if not audience:
            self._gate.set()
        self._clock = Clock(wall_ms, monotonic)
        self._started_ms = self._clock.now_ms()
        self._wall_ms = wall_ms
        self.spool = Spool(
            folder, self._clock, max_age_seconds=settings.spool_max_age, max_bytes=settings.spool_max_bytes
        )
        try:
            self._assemble()
            self._listen()
        except BaseException:
            self.spool.close()
            raise

    def start(self) -> None:
        """Take up the session where it was, serve, and open the sources."""
        identities = [source.identity for source in self._sources]
        known = [identity for identity in identities if identity is not None]
        session = "; ".join(sorted(known)) if len(known) == len(identities) else None
        self._intake.start(self.spool.begin_session(session), self._settings.source)
        for listener in self._listeners:
            listener.start()
        host = self._listeners[0].host
        _log.info("serving on %s:%d, tail on %s:%d", host, self.ports[0], host, self.ports[1])
        for feed in self._feeds:
            feed.start()

    @property
    def ports(self) -> tuple[int, int]:
        """The ports in use: INGEST_PORT, TAIL_PORT."""
        ingest, tail = self._listeners
        return ingest.port, tail.port

    def close(self, linger_seconds: float = 0.0) -> None:
        """Stop the sources, commit what they gave, let readers go, close the spool.

        `linger_seconds` is what readers get to read the last bytes they were sent.
        """
        self._stop.set()
        self._gate.set()
        for feed in self._feeds:
            feed.join(STOP_SECONDS / len(self._feeds))
        self._intake.stop()
        self._tail.stop()
        for listener in self._listeners:
            listener.close(linger_seconds)
        self.spool.close()

    def _assemble(self) -> None:
        settings, spool = self._settings, self.spool
        wanted = Filter(post_filter.parse(settings.track), settings.languages)
        throttle = Throttle(LOG_AGAIN_SECONDS, self._monotonic)
        self._intake = Intake(spool, wanted, Seen(), limit=settings.limit, monotonic=self._monotonic, throttle=throttle)
        self._sources = [self._source(name) for name in settings.source]
        self._feeds = [self._feed(source) for source in self._sources]
        self._board = StatusBoard(
            spool, self._intake, wanted, self._feeds, limit=settings.limit, started_ms=self._started_ms
        )

    def _listen(self) -> None:
        audience, settings = self._audience, self._settings
        delivered = audience.delivered if audience else _ignore
        join, leave = (audience.join, audience.leave) if audience else (_nothing, _nothing)
        server = Server(self.spool, self._board.status, on_delivered=delivered)
        self._tail = (
            Tail(self.spool, max_behind_posts=None, from_the_first=True, on_delivered=delivered)
            if audience
            else Tail(self.spool)
        )
        self._listeners: list[Listener] = []
        ports = (
            ("INGEST_PORT", settings.ingest_port, server.serve),
            ("TAIL_PORT", settings.tail_port, self._tail.serve),
        )
        try:
            for setting, port, serve in ports:
                listener = Listener(settings.bind, port, serve, setting=setting, on_connect=join, on_leave=leave)
                self._listeners.append(listener)
        except BaseException:
            for listener in self._listeners:
                listener.close()
            raise

    def _source(self, name: str) -> Source:
        settings = self._settings
        if name == "replay":
            return Replay(settings.replay_file, settings.replay_speed, monotonic=self._monotonic, stop=self._stop)
        seed = settings.demo_seed
        if seed is None:
            seed = secrets.randbits(32)
            _log.info("demo: DEMO_SEED=%d", seed)
        return Demo(settings.demo_rate, seed, now_ms=self._wall_ms, monotonic=self._monotonic, stop=self._stop)

    def _feed(self, source: Source) -> Feed:
        return Feed(
            source,
            self._intake,
            now_ms=self._wall_ms,
            random=random.SystemRandom().random,
            stop=self._stop,
            gate=self._gate,
            on_end=self._note_end,
        )

    def _note_end(self) -> None:
        states = {feed.condition.state for feed in self._feeds}
        if "refused" in states:
            self._on_refused()
        elif states == {"finished"}:
            self._finish_session()
            if self._audience:
                self._audience.finish()

    def _finish_session(self) -> None:
        try:
            self.spool.finish_session()
        except sqlite3.Error as error:
            _log.error("the spool can't be written: %s; the next start goes on from the end", error)


def _nothing() -> None:
    """Do nothing."""


def _ignore(_: int) -> None:
    """Do nothing."""
