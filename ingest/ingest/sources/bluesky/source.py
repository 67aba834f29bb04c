"""The source `bluesky`: Jetstream, Bluesky's public stream of new posts as JSON. It needs no key."""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, ClassVar, Self

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection

from ingest.sources.base import (
    Interrupted,
    Malformed,
    NewPost,
    Refused,
    Repeated,
    Silent,
    Source,
    SourceContext,
    SourceItem,
)
from ingest.sources.bluesky import host as jetstream
from ingest.sources.bluesky.event import JetstreamChange, JetstreamPost, Notice
from ingest.sources.bluesky.host import Host
from ingest.sources.common import background, network_error, rate_limit, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.common.resume import RecentIds, ReplayDetector

if TYPE_CHECKING:
    from ingest.settings import Settings

#: Bluesky's own servers; each serves v2 and v1. When one fails, the next one is tried.
HOSTS = (
    "jetstream.us-east.bsky.network",
    "jetstream.us-west.bsky.network",
    "jetstream2.us-east.bsky.network",
    "jetstream2.us-west.bsky.network",
)
#: A stream is resumed this long before the cursor: events are not quite in order, and each server has its own clock.
REWIND_SECONDS = 10
#: A stream without a post for this long is given up (other events don't count): 50 posts a second come at any hour.
SILENCE_SECONDS = 30.0
#: Bound on the whole connect, for the steps in which the library has no timeout.
OPEN_SECONDS = 15.0

#: Statuses below 500 that are temporary: a timeout, too early, too many requests.
_TEMPORARY = frozenset({408, 425, 429})

logger = logging.getLogger(__name__)


class _Unavailable(Exception):  # noqa: N818 - the name says what happened
    """A host has no stream for us now; `not_jetstream` means that it does not look like a Jetstream server at all."""

    def __init__(self, sentence: str, *, not_jetstream: bool = False) -> None:
        super().__init__(sentence)
        self.not_jetstream = not_jetstream


class Bluesky(Source):
    """Yields the posts of Bluesky as they are written. The cursor is the server's time of the newest post, in µs.

    The stream is not compressed: it has about 45 kB/s, which is cheaper than decompressing it, and v2 would need a
    library for zstd.
    """

    name: ClassVar[str] = "bluesky"
    reports_accounts: ClassVar[bool] = True

    @classmethod
    def from_settings(cls, settings: "Settings", context: SourceContext) -> Self:
        """Return a new source for `BLUESKY_HOSTS`."""
        return cls(
            settings.bluesky_hosts,
            wall_ms=context.wall_ms,
            monotonic_seconds=context.monotonic_seconds,
            stop=context.stop,
        )

    def __init__(
        self,
        hosts: Sequence[str] = (),
        *,
        wall_ms: Callable[[], int],
        monotonic_seconds: Callable[[], float],
        stop: Event,
        silence_seconds: float = SILENCE_SECONDS,
    ) -> None:
        """Create the source; `posts` connects.

        Args:
            hosts: Names or `wss://` addresses, tried in this order; empty: Bluesky's own.
            wall_ms: Wall clock, milliseconds since 1970 UTC.
            monotonic_seconds: Monotonic clock.
            stop: Ends the source.
            silence_seconds: A stream without a post for this long is given up.

        Raises:
            ValueError: One of the hosts is neither a name nor an address.

        """
        self._hosts = [Host(jetstream.base_url(host)) for host in hosts or HOSTS]
        self._next_host = 0
        self._wall_ms = wall_ms
        self._monotonic_seconds = monotonic_seconds
        self._stop = stop
        self._silence_seconds = silence_seconds
        self._recent = RecentIds()

    def posts(self, cursor: str | None) -> Iterator[SourceItem]:
        """Yield the posts from a few seconds before `cursor` on, or from now on; see Source."""
        found = self._connect(cursor)
        if found is None:
            return
        host, connection = found
        logger.info("bluesky: %s streams (%s)", host.name, host.version.name)
        try:
            with connection:
                self.report_open()
                yield from self._events(host, connection, cursor)
        except Interrupted:
            self._next_host += 1
            raise

    def _connect(self, cursor: str | None) -> tuple[Host, ClientConnection] | None:
        """Connect to the first host that streams, beginning with the next one; return None if we must stop."""
        failures: list[_Unavailable] = []
        for _ in self._hosts:
            host = self._hosts[self._next_host % len(self._hosts)]
            try:
                connection = self._open(host, cursor)
            except _Unavailable as failure:
                failures.append(failure)
                self._next_host += 1
                logger.info("bluesky: %s", failure)
                continue
            return None if connection is None else (host, connection)
        sentence = "; ".join(map(str, failures))
        # With a cursor, posts came before: then a response like 404 is an outage, which is temporary.
        if cursor is None and all(failure.not_jetstream for failure in failures):
            raise Refused(f"{sentence}: there is no Jetstream stream, check BLUESKY_HOSTS")
        waits = (host.retry_at_seconds - self._monotonic_seconds() for host in self._hosts)
        raise Interrupted(sentence, max(0.0, min(waits)))

    def _open(self, host: Host, cursor: str | None) -> ClientConnection | None:
        """Open the stream of a host in the version that it serves; return None if we must stop."""
        if host.retry_at_seconds > self._monotonic_seconds():
            raise _Unavailable(f"{host.name} requested a pause")
        statuses = []
        for version in host.versions:
            connecting = partial(jetstream.connection, host.stream_url(version, _requested_us(cursor)))
            try:
                connection = background.first(
                    connecting, self._stop, name=f"connect {host.name}", timeout_seconds=OPEN_SECONDS
                )
            except InvalidStatus as error:
                status = error.response.status_code
                statuses.append(str(status))
                if status >= 500 or status in _TEMPORARY:
                    wait = rate_limit.wait_seconds(error.response.headers, self._wall_ms())
                    host.retry_at_seconds = self._monotonic_seconds() + wait
                    raise _Unavailable(f"{host.name} answers {status}") from error
            except Refused:
                raise
            # Among them: ValueError (a redirect to an invalid address), AssertionError (the library got garbage).
            except Exception as error:
                raise _Unavailable(f"{host.name}: {network_error.reason(error, 'no handshake')}") from error
            else:
                host.version = version
                return connection
        raise _Unavailable(f"{host.name} answers {' and '.join(statuses)}", not_jetstream=True)

    def _events(self, host: Host, connection: ClientConnection, cursor: str | None) -> Iterator[SourceItem]:
        last_post_at = self._monotonic_seconds()
        events_since = 0
        detector = ReplayDetector(_requested_us(cursor), self._monotonic_seconds)
        while not self._stop.is_set():
            if self._monotonic_seconds() - last_post_at >= self._silence_seconds:
                problem = f"sent {events_since:,} events and no post" if events_since else "was silent"
                raise Silent(f"{host.name} {problem} for {self._silence_seconds:g} s")
            try:
                message = connection.recv(background.POLL_SECONDS, decode=False)
            except TimeoutError:
                continue
            except ConnectionClosed as closed:
                if closed.sent and closed.sent.code == CloseCode.MESSAGE_TOO_BIG:
                    yield Malformed("longer than 1 MiB", cursor)
                raise Interrupted(f"{host.name} ended the stream: {jetstream.close_reason(closed)}") from closed
            events_since += 1
            event = unexpected.read(host.version.read, message)
            if isinstance(event, FormatError):
                yield unexpected.malformed(event, cursor)
            elif isinstance(event, Notice):
                self._handle_notice(host, event)
            elif isinstance(event, JetstreamChange):
                # It may come again after a reconnection. To change a post twice changes nothing.
                cursor = str(event.time_us) if detector.other_clock else _later(cursor, event.time_us)
                event.change.cursor = cursor
                yield event.change
            elif event is not None:
                last_post_at, events_since = self._monotonic_seconds(), 0
                repeated = self._repeated(event, detector)
                cursor = str(event.time_us) if detector.other_clock else _later(cursor, event.time_us)
                yield Repeated(cursor) if repeated else NewPost(event.post, cursor)

    def _repeated(self, event: JetstreamPost, detector: ReplayDetector) -> bool:
        """Return whether a post came before: it is older than the requested time, or its id came in the overlap."""
        return detector.is_replayed(event.time_us) or not self._recent.add(event.post.id)

    def _handle_notice(self, host: Host, notice: Notice) -> None:
        if notice.final:
            raise Interrupted(f"{host.name} ends the stream: {notice.text}")
        logger.warning("bluesky: %s reports: %s", host.name, notice.text)


def _requested_us(cursor: str | None) -> int | None:
    return None if cursor is None else max(0, int(cursor) - REWIND_SECONDS * 1_000_000)


def _later(cursor: str | None, time_us: int) -> str:
    """Return the cursor behind an event; an event from before the cursor does not move it back."""
    return str(time_us) if cursor is None or time_us > int(cursor) else cursor
