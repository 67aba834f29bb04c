"""The ingest service: the pipeline and its two ports."""

import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from ingest.intake.commit_on_read import CommitOnRead
from ingest.kafka.log import KafkaLog
from ingest.pipeline import IngestPipeline
from ingest.serve.ack_guard import AckGuard
from ingest.serve.activity import Activity
from ingest.serve.faults import Faults
from ingest.serve.kafka_protocol import KafkaProtocol
from ingest.serve.listener import Listener
from ingest.serve.live_tail import LiveTail
from ingest.serve.log_protocol import LogProtocol
from ingest.serve.readers import OneShotReaders
from ingest.serve.status import Status, StatusBuilder
from ingest.serve.tail import MAX_BEHIND_POSTS, Tail
from ingest.settings import Settings
from ingest.settings_kafka import KafkaAddress
from ingest.spool.spool import Spool

logger = logging.getLogger(__name__)


class Service:
    """Ingest, from its sources to its ports.

    With `readers` it is the one-shot command: the sources wait for the first reader, and no reader is disconnected.
    """

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        *,
        wall_ms: Callable[[], int],
        monotonic_seconds: Callable[[], float],
        kafka: KafkaAddress | None = None,
        readers: OneShotReaders | None = None,
        on_refused: Callable[[], None] | None = None,
    ) -> None:
        """Open the log and the ports; `start` does the rest.

        Args:
            settings: The settings of ingest.
            folder: Folder of the spool, if the log is one.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            monotonic_seconds: Monotonic clock.
            kafka: Where on Kafka the log is; None: it is a spool.
            readers: Counts the readers of the one-shot command; None: this is the service.
            on_refused: Called when all sources are refused; None: that is logged, and the service goes on.

        Raises:
            SpoolError: The spool can't be opened.
            KafkaStartError: The log on Kafka can't be opened.
            PortTakenError: A port can't be opened.
            TrackError: The terms can't be read.

        """
        self._settings = settings
        self._readers = readers
        self._monotonic_seconds = monotonic_seconds
        self._starting = threading.Lock()
        self.pipeline = IngestPipeline(
            settings,
            folder,
            wall_ms=wall_ms,
            monotonic_seconds=monotonic_seconds,
            kafka=kafka,
            may_start=readers.connected if readers else None,
            on_refused=on_refused,
            on_finished=readers.on_finished if readers else _nothing,
        )
        try:
            self._listen()
        except BaseException:
            self.pipeline.log.close()
            raise

    def start(self) -> None:
        """Resume the sessions, serve the ports, and start the sources; these wait until the log is open."""
        if self.pipeline.waits_for_log:
            self._serve()
            threading.Thread(target=self._start_later, name="log", daemon=True).start()
            return
        self._prepare()
        self._serve()
        self.pipeline.start()

    @property
    def spool(self) -> Spool:
        """The spool that is served."""
        return self.pipeline.spool

    @property
    def ports(self) -> tuple[int, int]:
        """The ports in use: INGEST_PORT, TAIL_PORT."""
        ingest, tail = self._listeners
        return ingest.port, tail.port

    def close(self, linger_seconds: float = 0.0) -> None:
        """Stop the sources, commit their posts, disconnect the readers, close the spool.

        Args:
            linger_seconds: How long readers may take to read the last bytes that were sent to them.

        """
        self.pipeline.request_stop()
        with self._starting:
            self.pipeline.stop()
        self._tail.stop()
        for listener in self._listeners:
            listener.close(linger_seconds)
        self._commit_on_read.close()
        self.pipeline.log.close()

    def _prepare(self) -> None:
        self.pipeline.prepare()
        if self._readers is None:
            self.pipeline.write_past()

    def _serve(self) -> None:
        for listener in self._listeners:
            listener.start()
        host = self._listeners[0].host
        logger.info("serving on %s:%d, tail on %s:%d", host, self.ports[0], host, self.ports[1])

    def _start_later(self) -> None:
        """Wait for the brokers, then start the sources; the ports are served meanwhile."""
        if not self.pipeline.open_log():
            return
        with self._starting:
            if not self.pipeline.stops:
                self._prepare()
                self.pipeline.start()
                logger.info("the log is open")

    def _cut(self, spared: socket.socket) -> int:
        return sum(listener.cut(spared) for listener in self._listeners)

    def _status(self) -> Status:
        self._commit_on_read.commit()
        return self._status_builder.status()

    def _listen(self) -> None:
        readers, settings = self._readers, self._settings
        delivered = readers.on_delivered if readers else _ignore
        on_connect, on_disconnect = (readers.on_connect, readers.on_disconnect) if readers else (_nothing, _nothing)
        self._status_builder = StatusBuilder(self.pipeline, settings)
        self._commit_on_read = CommitOnRead(self.pipeline.intake, self._monotonic_seconds)
        activity = Activity(self._monotonic_seconds)
        guard = AckGuard(settings.ack_token())
        dropped = self.pipeline.intake.dropped.ask
        faults = None if readers else Faults.of_lesson(self.pipeline, self._cut)
        log = self.pipeline.log
        protocol: LogProtocol | KafkaProtocol
        self._tail: Tail | LiveTail
        if isinstance(log, KafkaLog):
            protocol = KafkaProtocol(log, self._status, guard, dropped=dropped, activity=activity, faults=faults)
            self._tail = LiveTail(log.feed)
        else:
            protocol = LogProtocol(
                log,
                self._status,
                guard,
                dropped=dropped,
                activity=activity,
                faults=faults,
                on_delivered=delivered,
            )
            behind = None if readers else MAX_BEHIND_POSTS
            self._tail = Tail(log, max_behind_posts=behind, from_start=readers is not None, on_delivered=delivered)
        self._listeners: list[Listener] = []
        ports = (
            ("INGEST_PORT", settings.ingest_port, protocol.serve, activity.close_unused),
            # Readers of the tail wait for posts, so none of them counts as unused.
            ("TAIL_PORT", settings.tail_port, self._tail.serve, lambda: None),
        )
        try:
            for setting, port, serve, free_connection in ports:
                listener = Listener(
                    settings.bind,
                    port,
                    serve,
                    setting=setting,
                    on_connect=on_connect,
                    on_disconnect=on_disconnect,
                    free_connection=free_connection,
                )
                self._listeners.append(listener)
        except BaseException:
            for listener in self._listeners:
                listener.close()
            raise


def _nothing() -> None:
    """Do nothing."""


def _ignore(_: int) -> None:
    """Do nothing."""
