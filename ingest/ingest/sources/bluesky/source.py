"""The source `bluesky`: Jetstream, Bluesky's public stream of new posts as JSON. It needs no key."""

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self
from urllib.parse import urlencode, urlsplit

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.frames import CloseCode
from websockets.sync.client import ClientConnection, connect

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
from ingest.sources.bluesky import event as jetstream_event
from ingest.sources.bluesky.event import POSTS, JetstreamPost, Notice
from ingest.sources.common import address, background, network_error, proxy, rate_limit, unexpected
from ingest.sources.common.json_line import FormatError
from ingest.sources.common.lines import MAX_LINE_BYTES
from ingest.sources.common.resume import RecentIds, ReplayDetector

if TYPE_CHECKING:
    from ingest.settings import Settings

#: Bluesky's own servers, v2 first; each also serves v1. One fails, the next is asked.
HOSTS = (
    "jetstream.us-east.bsky.network",
    "jetstream.us-west.bsky.network",
    "jetstream2.us-east.bsky.network",
    "jetstream2.us-west.bsky.network",
)
#: How far back a stream is resumed: events are not quite in order, and each server has a clock of its own.
REWIND_SECONDS = 10
#: About 50 posts a second come by at any hour. Other events don't show that there are any.
SILENCE_SECONDS = 30.0
CONNECT_SECONDS = 10.0
#: The library's own timeout comes first, where it has one.
OPEN_SECONDS = 15.0
CLOSE_SECONDS = 0.5

#: Messages that may wait to be read.
_AHEAD = 256
#: Statuses below 500 that pass: a timeout, too early, too many requests.
_PASSING = frozenset({408, 425, 429})

logger = logging.getLogger(__name__)
# At the level DEBUG the library would log every post, and at ERROR a traceback for each host that sends garbage.
library_logger = logging.getLogger(f"{__name__}.websocket")
library_logger.setLevel(logging.CRITICAL)


class _Form(NamedTuple):
    """One of the two forms of Jetstream's stream. Both take a cursor in microseconds since 1970."""

    name: str
    path: str
    query: tuple[tuple[str, str], ...]
    read: Callable[[bytes], jetstream_event.Event]


# A message that we would not take must not be sent either: it would end the stream at the same place for ever.
_BOUND = ("maxMessageSizeBytes", str(MAX_LINE_BYTES))
_V2 = _Form(
    "v2",
    "/xrpc/network.bsky.jetstream.subscribeEvents",
    (("kinds", "commit"), ("collections", POSTS), _BOUND),
    jetstream_event.read_v2,
)
_V1 = _Form("v1", "/subscribe", (("wantedCollections", POSTS), _BOUND), jetstream_event.read_v1)


@dataclass
class _Host:
    """A server, the form of the stream that it served last, and until when it wants to be left alone."""

    url: str
    form: _Form = _V2
    away_until: float = 0.0

    @property
    def name(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def forms(self) -> tuple[_Form, _Form]:
        return (_V1, _V2) if self.form is _V1 else (_V2, _V1)


class _Unavailable(Exception):  # noqa: N818 - it names what happened
    """A host has no stream for us now; `wrong` says that it doesn't look as if it ever had one."""

    def __init__(self, sentence: str, *, wrong: bool = False) -> None:
        super().__init__(sentence)
        self.wrong = wrong


def base_url(host: str) -> str:
    """Return the address of a host that is given by its name or by a `wss://` address.

    Raises:
        ValueError: it is neither.

    """
    if "@" in host:  # what stands before it may be a password, and is not quoted
        raise ValueError("neither the name of a Jetstream host nor its wss:// address has an @ in it")
    url = address.split(host if "://" in host else f"wss://{host}")
    if url is None or url.scheme not in {"ws", "wss"} or url.query or url.fragment:
        raise ValueError(f"{host!r} is neither the name of a Jetstream host nor its wss:// address")
    path = url.path.rstrip("/").removesuffix(_V1.path).removesuffix(_V2.path)
    return f"{url.scheme}://{url.netloc}{path}"


class Bluesky(Source):
    """Yields the posts of Bluesky as they are made. The cursor is the server's time of the newest one, in µs.

    A stream is asked without compression: some 45 kB/s are less than what unpacking them is worth, and v2 would want
    a library for zstd.
    """

    name: ClassVar[str] = "bluesky"

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
        """`hosts` are names or `wss://` addresses, asked in this order; none: Bluesky's own.

        A stream that is silent for `silence_seconds` is given up.

        Raises:
            ValueError: one of the hosts is neither.

        """
        self._hosts = [_Host(base_url(host)) for host in hosts or HOSTS]
        self._turn = 0
        self._wall_ms = wall_ms
        self._monotonic_seconds = monotonic_seconds
        self._stop = stop
        self._silence_seconds = silence_seconds
        self._recent = RecentIds()

    def posts(self, cursor: str | None) -> Iterator[SourceItem]:
        """Yield what comes from a few seconds before `cursor` on, or from now on; see Source."""
        found = self._find(cursor)
        if found is None:
            return
        host, connection = found
        logger.info("bluesky: %s streams (%s)", host.name, host.form.name)
        try:
            with connection:
                self.report_open()
                yield from self._events(host, connection, cursor)
        except Interrupted:
            self._turn += 1
            raise

    def _find(self, cursor: str | None) -> tuple[_Host, ClientConnection] | None:
        """Return the first host that streams, from the one whose turn it is on; None if we must stop."""
        failures: list[_Unavailable] = []
        for _ in self._hosts:
            host = self._hosts[self._turn % len(self._hosts)]
            try:
                connection = self._open(host, cursor)
            except _Unavailable as failure:
                failures.append(failure)
                self._turn += 1
                logger.info("bluesky: %s", failure)
                continue
            return None if connection is None else (host, connection)
        sentence = "; ".join(map(str, failures))
        # Where something came from once, an answer like 404 is an outage: it passes.
        if cursor is None and all(failure.wrong for failure in failures):
            raise Refused(f"{sentence}: there is no Jetstream stream, look at BLUESKY_HOSTS")
        waits = (host.away_until - self._monotonic_seconds() for host in self._hosts)
        raise Interrupted(sentence, max(0.0, min(waits)))

    def _open(self, host: _Host, cursor: str | None) -> ClientConnection | None:
        """Open the stream of a host in the form that it has; None if we must stop."""
        if host.away_until > self._monotonic_seconds():
            raise _Unavailable(f"{host.name} wants to be left alone for a while")
        statuses = []
        for form in host.forms:
            connecting = partial(_connection, _stream_url(host, form, cursor))
            try:
                connection = background.first(
                    connecting, self._stop, name=f"connect {host.name}", timeout_seconds=OPEN_SECONDS
                )
            except InvalidStatus as error:
                status = error.response.status_code
                statuses.append(str(status))
                if status >= 500 or status in _PASSING:
                    wait = rate_limit.wait_seconds(error.response.headers, self._wall_ms())
                    host.away_until = self._monotonic_seconds() + wait
                    raise _Unavailable(f"{host.name} answers {status}") from error
            except Refused:
                raise
            # A ValueError: it leads us to an address that is none. Garbage makes the library raise AssertionError, too.
            except Exception as error:
                raise _Unavailable(f"{host.name}: {network_error.reason(error, 'no handshake')}") from error
            else:
                host.form = form
                return connection
        raise _Unavailable(f"{host.name} answers {' and '.join(statuses)}", wrong=True)

    def _events(self, host: _Host, connection: ClientConnection, cursor: str | None) -> Iterator[SourceItem]:
        heard_at = self._monotonic_seconds()
        events_since = 0
        replayed = ReplayDetector(_asked_us(cursor), self._monotonic_seconds)
        while not self._stop.is_set():
            if self._monotonic_seconds() - heard_at >= self._silence_seconds:
                said = f"sent {events_since:,} events and no post" if events_since else "was silent"
                raise Silent(f"{host.name} {said} for {self._silence_seconds:g} s")
            try:
                message = connection.recv(background.POLL_SECONDS, decode=False)
            except TimeoutError:
                continue
            except ConnectionClosed as closed:
                if closed.sent and closed.sent.code == CloseCode.MESSAGE_TOO_BIG:
                    yield Malformed("longer than 1 MiB", cursor)
                raise Interrupted(f"{host.name} ended the stream: {_farewell(closed)}") from closed
            events_since += 1
            event = unexpected.read(host.form.read, message)
            if isinstance(event, FormatError):
                yield unexpected.malformed(event, cursor)
            elif isinstance(event, Notice):
                self._heed(host, event)
            elif event is not None:
                heard_at, events_since = self._monotonic_seconds(), 0
                repeated = self._repeated(event, replayed)
                cursor = str(event.time_us) if replayed.other_clock else _later(cursor, event.time_us)
                yield Repeated(cursor) if repeated else NewPost(event.post, cursor)

    def _repeated(self, event: JetstreamPost, replayed: ReplayDetector) -> bool:
        """Say whether a post came before: it is from before the cursor, or within the overlap that we asked for."""
        return replayed.has(event.time_us) or not self._recent.add(event.post.id)

    def _heed(self, host: _Host, notice: Notice) -> None:
        if notice.final:
            raise Interrupted(f"{host.name} ends the stream: {notice.text}")
        logger.warning("bluesky: %s says: %s", host.name, notice.text)


def _connection(url: str) -> Generator[ClientConnection, None, None]:
    """Connect; the connection belongs to whoever takes it, and is closed if nobody does."""
    connection = connect(
        url,
        compression=None,
        open_timeout=CONNECT_SECONDS,
        close_timeout=CLOSE_SECONDS,
        max_size=MAX_LINE_BYTES,
        max_queue=_AHEAD,
        logger=library_logger,
        legacy=True,
        proxy=proxy.proxy_for(url),
    )
    try:
        yield connection
    except GeneratorExit:
        connection.close()
        raise


def _stream_url(host: _Host, form: _Form, cursor: str | None) -> str:
    query = list(form.query)
    if cursor is not None:
        query.append(("cursor", str(_asked_us(cursor))))
    return f"{host.url}{form.path}?{urlencode(query)}"


def _asked_us(cursor: str | None) -> int | None:
    return None if cursor is None else max(0, int(cursor) - REWIND_SECONDS * 1_000_000)


def _later(cursor: str | None, time_us: int) -> str:
    """Return the cursor behind an event; those that come again, from before the cursor, don't put it back."""
    return str(time_us) if cursor is None or time_us > int(cursor) else cursor


def _farewell(closed: ConnectionClosed) -> str:
    if closed.rcvd is None:
        return "the connection broke off" if closed.sent is None else f"we gave it up ({closed.sent.reason})"
    return f"{closed.rcvd.code} {closed.rcvd.reason}".rstrip()
