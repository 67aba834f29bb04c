"""The service: posts from their sources, served on two ports."""

import logging
from collections.abc import Callable
from pathlib import Path

from ingest.pipeline import Supply
from ingest.serve.ack_guard import AckGuard
from ingest.serve.activity import Activity
from ingest.serve.listener import Listener
from ingest.serve.log_protocol import Server
from ingest.serve.readers import Audience
from ingest.serve.status import StatusBoard
from ingest.serve.tail import Tail
from ingest.settings import Settings
from ingest.spool.writer import Spool

logger = logging.getLogger(__name__)


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
        on_refused: Callable[[], None] | None = None,
    ) -> None:
        """Open the spool in `folder` and the ports; `start` does the rest.

        `on_refused` is called when all sources are refused; without it the service stays up, and logs that.

        Raises:
            SpoolError: the spool can't be opened.
            PortTakenError: a port can't be had.
            TrackError: the terms can't be read.

        """
        self._settings = settings
        self._audience = audience
        self._monotonic = monotonic
        self.supply = Supply(
            settings,
            folder,
            wall_ms=wall_ms,
            monotonic=monotonic,
            gate=audience.present if audience else None,
            on_refused=on_refused,
            on_finished=audience.finish if audience else _nothing,
        )
        try:
            self._listen()
        except BaseException:
            self.supply.spool.close()
            raise

    def start(self) -> None:
        """Serve, take up the sessions where they were, and open the sources."""
        self.supply.prepare()
        for listener in self._listeners:
            listener.start()
        host = self._listeners[0].host
        logger.info("serving on %s:%d, tail on %s:%d", host, self.ports[0], host, self.ports[1])
        self.supply.start()

    @property
    def spool(self) -> Spool:
        """What is served."""
        return self.supply.spool

    @property
    def ports(self) -> tuple[int, int]:
        """The ports in use: INGEST_PORT, TAIL_PORT."""
        ingest, tail = self._listeners
        return ingest.port, tail.port

    def close(self, linger_seconds: float = 0.0) -> None:
        """Stop the sources, commit what they gave, let readers go, close the spool.

        `linger_seconds` is what readers get to read the last bytes they were sent.
        """
        self.supply.stop()
        self._tail.stop()
        for listener in self._listeners:
            listener.close(linger_seconds)
        self.spool.close()

    def _listen(self) -> None:
        audience, settings = self._audience, self._settings
        delivered = audience.delivered if audience else _ignore
        join, leave = (audience.join, audience.leave) if audience else (_nothing, _nothing)
        board = StatusBoard(self.supply, settings)
        activity = Activity(self._monotonic)
        guard = AckGuard(settings.ack_token())
        server = Server(self.spool, board.status, guard, activity=activity, on_delivered=delivered)
        self._tail = (
            Tail(self.spool, max_behind_posts=None, from_the_first=True, on_delivered=delivered)
            if audience
            else Tail(self.spool)
        )
        self._listeners: list[Listener] = []
        ports = (
            ("INGEST_PORT", settings.ingest_port, server.serve, activity.close_unused),
            # Readers of the tail wait for posts, so none of them is unused.
            ("TAIL_PORT", settings.tail_port, self._tail.serve, lambda: None),
        )
        try:
            for setting, port, serve, make_room in ports:
                listener = Listener(
                    settings.bind,
                    port,
                    serve,
                    setting=setting,
                    on_connect=join,
                    on_leave=leave,
                    make_room=make_room,
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
